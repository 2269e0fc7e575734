// @ts-check
/** Times that go on by themselves: what is left of a limit, how long ago something was. */
import { duration } from "../clients/model-facts.js";
import { h, say } from "./dom.js";

const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const ABSOLUTE = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium" });
/** @type {[number, Intl.RelativeTimeFormatUnit][]} */
const UNITS = [
  [86400, "day"],
  [3600, "hour"],
  [60, "minute"],
];

/** @param {number} at UTC seconds */
function ago(at) {
  const seconds = at - Date.now() / 1000;
  const unit = UNITS.find(([size]) => Math.abs(seconds) >= size);
  return unit ? RELATIVE.format(Math.round(seconds / unit[0]), unit[1]) : "just now";
}

/** @param {number} until UTC seconds */
const left = (until) => {
  const seconds = until - Date.now() / 1000;
  return seconds > 0 ? `${duration(seconds)} left` : "expired";
};

/** @param {number} at */
export const absolute = (at) => ABSOLUTE.format(at * 1000);

const CLOCK = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const DATED = new Intl.DateTimeFormat("en", { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }); // prettier-ignore

/** "14:32", with the date where it was another day. @param {number} at UTC seconds */
export const clock = (at) => (day(at) === "Today" ? CLOCK : DATED).format(at * 1000);

const DAY = new Intl.DateTimeFormat("en", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const DAY_MS = 86_400_000;

/** "Today", "Yesterday", "Friday, November 27, 2026". @param {number} at UTC seconds */
export function day(at) {
  const name = DAY.format(at * 1000);
  if (name === DAY.format(Date.now())) return "Today";
  return name === DAY.format(Date.now() - DAY_MS) ? "Yesterday" : name;
}

/** @param {number} at */
export const since = (at) => h("time", { "data-ago": at, datetime: iso(at), title: absolute(at) }, ago(at));

/** @param {number} until */
export const countdown = (until) =>
  h(
    "time",
    { class: "countdown", "data-until": until, datetime: iso(until), title: `until ${absolute(until)}` },
    left(until),
  );

/** @param {number} at */
const iso = (at) => new Date(at * 1000).toISOString();

setInterval(() => {
  if (document.hidden) return;
  for (const one of document.querySelectorAll("time[data-until]"))
    say(one, left(Number(one.getAttribute("data-until"))));
}, 1000);
setInterval(() => {
  for (const one of document.querySelectorAll("time[data-ago]")) say(one, ago(Number(one.getAttribute("data-ago"))));
}, 20_000);
