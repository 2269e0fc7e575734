// @ts-check
/** What goes on at a route now: its last hour, its guard, what is spent of its budget, how its requests are dealt. */
import { duration } from "../clients/model-facts.js";
import { get } from "./api.js";
import { h, kept, pill } from "./dom.js";
import { prose } from "./problems.js";
import { countdown } from "./time.js";
import { cost, count, dollars, seconds, share, uncounted, usage } from "./usage-figures.js";
import { merged } from "./usage-timeline.js";

/**
 * @typedef {import("../clients/model-types.js").Route} Route
 * @typedef {import("./usage-figures.js").Row} Row
 * @typedef {{route: string, target: string, left: string | null, calls: number, failed: number, p95_s: number | null,
 *   rests_until: number | null, stuck: string | null}} GuardState
 * @typedef {{kind: "model" | "route", name: string, per_day: number, unit: "USD" | "tokens", used: number, share: number,
 *   unknown: number, then: string | null}} Budget
 * @typedef {{about: string[], trouble: string | null, lost: number}} Alerts
 * @typedef {{guards: GuardState[], budgets: Budget[], alerts: Alerts | null, rows: Row[], arms: Row[]}} Live
 */

/** @returns {Promise<Live>} */
export async function readLive() {
  const [status, hour, arms] = await Promise.all([
    /** @type {Promise<any>} */ (get("/status")),
    usage({ group_by: "route", from: "1h" }),
    usage({ group_by: "route,model", from: "1h" }),
  ]);
  const { guards, budgets, alerts } = status;
  return { guards, budgets, alerts, rows: hour.rows, arms: arms.rows };
}

/** @param {Route} route @param {Live} live @returns {Node[]} */
export function liveOf(route, live) {
  const names = [route.route, ...(route.also ?? [])];
  const state = live.guards.find((one) => one.route === route.route);
  const budgets = live.budgets.filter((one) => one.name === (one.kind === "route" ? route.route : route.target));
  return kept([
    lastHour(live.rows.filter((row) => names.includes(row.route ?? ""))),
    state && route.guard && guardOf(state, route.guard),
    ...budgets.map(budgetOf),
    route.split && splitOf(route.split, live.arms.filter((row) => names.includes(row.route ?? ""))), // prettier-ignore
  ]).map((part) => (part instanceof Node ? part : document.createTextNode(part)));
}

/** A route may be asked for by several names; the percentile of all is at most the largest. @param {Row[]} rows */
function lastHour(rows) {
  const all = merged(rows);
  const p95 = Math.max(...rows.map((row) => row.latency?.p95 ?? 0));
  if (!all) return h("p", { class: "needs" }, "No requests in the last hour.");
  if (uncounted(all)) return h("p", { class: "needs" }, `Not counted: LiteLLM did not report the end of ${count(all.not_counted)} requests.`); // prettier-ignore
  const cells = [
    ["Requests", count(all.requests)],
    ["Success", share(all.success_rate)],
    ["95 % within", p95 ? `${rows.length > 1 ? "≤ " : ""}${seconds(p95)}` : "–"],
    ["Spend", cost(all)],
  ];
  const parts = cells.map(([name, text]) => h("div", {}, h("dt", {}, name), h("dd", {}, text)));
  return h("section", {}, h("h3", {}, "Last hour"), h("dl", { class: "last-hour" }, ...parts));
}

// -- guard -------------------------------------------------------------------------------------

/** @param {GuardState} state @param {NonNullable<Route["guard"]>} guard */
function guardOf(state, guard) {
  const sign = state.left ? pill("bad", "switched") : state.stuck ? pill("bad", "stuck") : pill("good", "watching");
  const then = state.left ? leftOf(state, guard) : watchingOf(state, guard);
  return h("section", { class: "guard" }, h("h3", {}, "Guard ", sign), h("p", {}, ...kept(then)));
}

/** @param {GuardState} state @param {NonNullable<Route["guard"]>} guard */
function leftOf({ left, rests_until: until }, guard) {
  const away = ["It left ", h("code", {}, left ?? ""), ", which failed. "];
  if (guard.back !== "auto") return [...away, "It stays here until somebody switches back."];
  return [...away, "It returns by itself: ", until ? countdown(until) : "soon", "."];
}

/** @param {GuardState} state @param {NonNullable<Route["guard"]>} guard */
function watchingOf({ target, calls, failed, p95_s: p95, rests_until: until, stuck }, guard) {
  const { error_rate: rate, p95_s: slow, window_s: back, min_requests: least } = guard;
  const limits = kept([rate != null && `${Math.round(rate * 100)} % failed`, slow != null && `95 % over ${slow} s`]).join(" or "); // prettier-ignore
  const window = duration(back).replace(" 00 s", "");
  const said = [
    calls ? `${count(failed)} of ${count(calls)} calls failed within ${window}` : `no calls within ${window}`,
  ];
  if (p95 !== null) said.push(`95 % took at most ${seconds(p95)}`);
  return [
    stuck && h("span", { class: "why" }, ...prose(`${stuck}, and no other model is fit. `)),
    h("code", {}, target),
    `: ${said.join(", ")}. It switches at ${limits}, with at least ${count(least)} calls.`,
    until && " It has just moved, and rests: ",
    until && countdown(until),
  ];
}

// -- budget, split -----------------------------------------------------------------------------

/** @param {Budget} budget */
function budgetOf({ kind, name, per_day: most, unit, used, share: part, unknown, then }) {
  const amount = (/** @type {number} */ value) => (unit === "USD" ? dollars(value) : count(value));
  const tone = part >= 1 ? "bad" : part >= 0.8 ? "warn" : "";
  const text = `${amount(used)} of ${amount(most)}${unit === "tokens" ? " tokens" : ""} today`;
  const percent = `${Math.floor(part * 100)} %`;
  const whose = kind === "model" ? [" of ", h("code", {}, name)] : [];
  const notes = [
    part >= 1 ? (then ? `Spent: the route goes to ${then} until midnight UTC.` : "Spent until midnight UTC.") : then && `Then it goes to ${then}.`, // prettier-ignore
    unknown > 0 && `${count(unknown)} calls have no known price and are not in it.`,
  ];
  const meter = h("meter", { class: tone, min: 0, max: 1, value: Math.min(1, part), "aria-label": `Budget of ${name}` }, percent); // prettier-ignore
  const head = h("h3", {}, "Budget", ...whose, " ", tone ? pill(tone, tone === "bad" ? "spent" : percent) : "");
  return h(
    "section",
    { class: "budget" },
    head,
    meter,
    h(
      "p",
      {},
      kept([text, ...notes])
        .join(". ")
        .replaceAll("..", "."),
    ),
  );
}

/** @param {Record<string, number>} split @param {Row[]} rows */
function splitOf(split, rows) {
  const arms = Object.entries(split).map(([name, part], at) => {
    const row = merged(rows.filter((one) => one.model === name));
    const told = row && !uncounted(row) ? `${count(row.requests)} requests, ${share(row.success_rate)}` : "no requests";
    return { name, part, at, told };
  });
  const bar = h("div", { class: "arms", "aria-hidden": "true" }, ...arms.map(({ part, at }) => armOf(part, at)));
  const list = arms.map(
    ({ name, part, at, told }) =>
    h("li", {}, h("i", { class: `swatch c${at % 7}`, "aria-hidden": "true" }), h("code", {}, name), h("b", {}, `${Number(part.toFixed(1))} %`), h("span", {}, told)), // prettier-ignore
  );
  return h("section", { class: "dealt" }, h("h3", {}, "Split, last hour"), bar, h("ul", {}, ...list));
}

/** @param {number} part @param {number} at */
function armOf(part, at) {
  const arm = h("i", { class: `c${at % 7}` });
  arm.style.flexGrow = String(part);
  return arm;
}

/** @param {Alerts | null} alerts @returns {Node[]} */
export function alertsOf(alerts) {
  if (!alerts) return [];
  const { about, trouble, lost } = alerts;
  if (!trouble && !lost) return [pill("good", "alerts"), ` go to the webhook: ${about.join(", ")}.`].map(node);
  const many = lost ? ` ${count(lost)} ${lost === 1 ? "alert was" : "alerts were"} lost.` : "";
  return [pill("bad", "alerts"), ` The webhook takes nothing: ${trouble ?? "too many wait"}.${many}`].map(node);
}

/** @param {string | Node} part */
const node = (part) => (part instanceof Node ? part : document.createTextNode(part));
