// @ts-check
/** What a switch did: the figures of its route as long before it as after it, side by side. */
import { duration } from "../clients/model-facts.js";
import { h, say } from "./dom.js";
import { dollars, usage } from "./usage-figures.js";
import { kindOf, textOf } from "./usage-marks.js";
import { grownBy, METRICS } from "./usage-timeline.js";

/**
 * @typedef {import("../clients/model-types.js").Entry} Entry
 * @typedef {import("./usage-figures.js").Row} Row
 * @typedef {{route: string, at: number, before: [number, number], after: [number, number], entry: Entry}} Stretch
 */

const MINUTE_S = 60;

/** @typedef {{title: string, of: (row: Row) => number | null, text: (value: number | null) => string}} Compared */
/** @type {Compared[]} */
const FIGURES = [
  ...METRICS.filter(({ id }) => id !== "cost"),
  { title: "Cost of 1,000 requests", of: (row) => (row.cost === null || !row.requests ? null : (row.cost / row.requests) * 1000), text: (usd) => (usd === null ? "–" : dollars(usd)) }, // prettier-ignore
];

export class BeforeAfter {
  #choice = h("select", { "aria-label": "Change", onchange: () => void this.#load() });
  #table = h("table", {});
  #note = h("p", { class: "fine" });
  #scroll = h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Before and after" }, this.#table);
  element = h("section", { class: "before-after", hidden: true }, h("div", { class: "titled" }, h("h2", {}, "Before and after"), this.#choice), this.#scroll, this.#note); // prettier-ignore
  /** @type {Entry[]} */
  #changes = [];
  #names = "";
  #around = 3600;
  #asked = 0;

  /** @param {readonly Entry[]} entries newest first, of the time that is shown @param {number} around seconds */
  async show(entries, around) {
    this.#changes = entries.filter(
      (entry) => kindOf(entry) !== "reload" && entry.route && (entry.before !== entry.after || entry.split),
    );
    this.#around = around;
    this.element.hidden = !this.#changes.length;
    const names = JSON.stringify(this.#changes.map((entry) => [entry.version, entry.at]));
    if (names !== this.#names) this.#offer(names);
    if (this.#changes.length) await this.#load();
  }

  /** @param {string} names */
  #offer(names) {
    this.#names = names;
    const kept = this.#choice.value;
    const options = this.#changes.map((entry) => h("option", { value: keyOf(entry) }, textOf(entry)));
    this.#choice.replaceChildren(...options);
    if (this.#changes.some((entry) => keyOf(entry) === kept)) this.#choice.value = kept;
  }

  async #load() {
    const asked = ++this.#asked;
    const entry = this.#changes.find((one) => keyOf(one) === this.#choice.value) ?? this.#changes[0];
    if (!entry) return;
    const { route, before, after } = stretchOf(entry, this.#changes, this.#around);
    const rows = await Promise.all([before, after].map((each) => rowOf(route, each)));
    if (asked !== this.#asked) return;
    this.#table.replaceChildren(...tableOf(entry, rows, [before, after]));
    const short = after[1] - after[0] < MINUTE_S;
    say(this.#note, short ? "No whole minute has passed since then." : "The minute of the switch itself is left out.");
  }
}

/** @param {Entry} entry */
const keyOf = ({ version, at, route }) => `${version}/${at}/${route}`;

/** Whole minutes, no further than the change before and the one after. @param {Entry} entry @param {Entry[]} all @param {number} around */
function stretchOf(entry, all, around) {
  const same = all.filter((one) => one.route === entry.route && one !== entry).map((one) => one.at);
  const floor = Math.floor(entry.at / MINUTE_S) * MINUTE_S;
  const ceiling = floor + MINUTE_S;
  const earlier = Math.max(0, ...same.filter((at) => at < entry.at));
  const later = Math.min(Date.now() / 1000, ...same.filter((at) => at > entry.at));
  const since = Math.max(floor - around, earlier && Math.floor(earlier / MINUTE_S + 1) * MINUTE_S);
  const until = Math.min(ceiling + around, Math.floor(later / MINUTE_S) * MINUTE_S);
  return /** @type {const} */ ({
    route: entry.route ?? "",
    before: [Math.min(since, floor), floor],
    after: [ceiling, Math.max(until, ceiling)],
  });
}

/** @param {string} route @param {readonly [number, number]} stretch @returns {Promise<Row | undefined>} */
async function rowOf(route, [from, to]) {
  if (to - from < MINUTE_S) return undefined;
  const { rows } = await usage({ group_by: "route", from, to });
  return rows.find((row) => row.route === route);
}

/** @param {Entry} entry @param {(Row | undefined)[]} rows @param {(readonly [number, number])[]} stretches */
function tableOf(entry, rows, stretches) {
  const [before, after] = stretches.map(([from, to]) => duration(Math.max(0, to - from)).replace(" 0 min", ""));
  const heads = [`${entry.before ?? "nothing"}, ${before} before`, `${entry.after ?? "nothing"}, ${after} after`, "Difference"]; // prettier-ignore
  const first = h("th", { scope: "col" }, h("span", { class: "sr" }, "Figure"));
  const head = h("tr", {}, first, ...heads.map((text) => h("th", { scope: "col", class: "num" }, text)));
  return [h("thead", {}, head), h("tbody", {}, ...FIGURES.map((figure) => lineOf(figure, rows)))];
}

/** @param {Compared} figure @param {(Row | undefined)[]} rows */
function lineOf(figure, rows) {
  const [before, after] = rows.map((row) => (row ? figure.of(row) : null));
  const rate = "rate" in figure;
  const [was, is] = [before ?? null, after ?? null];
  const grown = was === null || is === null || figure.title === "Requests" ? "" : grownBy(was, is, rate);
  const cells = [was, is].map((value) => (value === null ? "–" : figure.text(value)));
  return h("tr", {}, h("th", { scope: "row" }, figure.title), ...[...cells, grown].map((text) => h("td", { class: "num" }, text))); // prettier-ignore
}
