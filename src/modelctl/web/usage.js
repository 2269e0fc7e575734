// @ts-check
/** What was asked of the models, how it went and what it cost, as the workers counted it. */
import { tokens } from "../clients/model-facts.js";
import { get } from "./api.js";
import { h } from "./dom.js";
import { failed } from "./switcher.js";

/**
 * @typedef {{mean: number, p50: number, p95: number, p99: number}} Spread
 * @typedef {{requests: number, succeeded: number, success_rate: number | null, attempts: number, cached: number,
 *   prompt_tokens: number, completion_tokens: number, cost: number | null, cost_unknown: number, not_counted: number,
 *   latency: Spread | null, first_token: Spread | null} & Record<string, any>} Row
 */

const AGAIN_MS = 10_000;
const RANGES = [["1h", "Last hour"], ["24h", "Last 24 hours"], ["7d", "Last 7 days"]]; // prettier-ignore
const GROUPS = [["model", "By model"], ["route", "By route"], ["provider", "By provider"], ["deployment", "By deployment"]]; // prettier-ignore
const TITLES = ["Requests", "Success", "Tokens in", "Tokens out", "Cost", "Median", "95 % within", "First token"];
const COUNT = new Intl.NumberFormat("en");

/** @param {HTMLElement} panel @param {import("./app.js").Page} page */
export function mount(panel, page) {
  const usage = new Usage(page);
  panel.append(usage.head, usage.table, usage.empty, usage.notes);
  setInterval(() => {
    if (!panel.hidden && !document.hidden && page.client.getSnapshot().connection === "live") void usage.load(true);
  }, AGAIN_MS);
  return { show: () => usage.show() };
}

class Usage {
  empty = h("p", { class: "empty", hidden: true }, "No requests in this period.");
  notes = h("ul", { class: "fine" });
  #range = choice("Time", RANGES, "24h", () => void this.load());
  #group = choice("Group", GROUPS, "model", () => void this.load());
  #heads = h("tr", { role: "row" });
  #body = h("tbody", { role: "rowgroup" });
  #asked = 0;
  #began = false;

  /** @param {import("./app.js").Page} page */
  constructor(page) {
    this.page = page;
    this.head = h("div", { class: "titled" }, h("h1", {}, "Usage"), h("div", { class: "together" }, this.#group, this.#range)); // prettier-ignore
    const head = h("thead", { role: "rowgroup" }, this.#heads);
    const table = h("table", { class: "stacked", role: "table" }, head, this.#body);
    this.table = h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": "Figures", hidden: true },
      table,
    );
  }

  show() {
    if (this.#began) return;
    this.#began = true;
    void this.load();
  }

  /** @param {boolean} [quietly] what failed is tried again anyhow */
  async load(quietly = false) {
    const asked = ++this.#asked;
    const query = new URLSearchParams({ group_by: this.#group.value, from: this.#range.value });
    try {
      const { rows } = /** @type {{rows: Row[]}} */ (await get(`/usage?${query}`));
      if (asked === this.#asked) this.#draw(rows, this.#group.value);
    } catch (error) {
      if (!quietly) failed(error, "Usage could not be loaded");
    }
  }

  /** @param {Row[]} rows @param {string} group */
  #draw(rows, group) {
    this.table.hidden = !rows.length;
    this.empty.hidden = rows.length > 0;
    const titles = [`${group.slice(0, 1).toUpperCase()}${group.slice(1)}`, ...TITLES];
    this.#heads.replaceChildren(...titles.map((title) => h("th", { scope: "col", role: "columnheader" }, title)));
    this.#body.replaceChildren(...rows.map((row) => line(row, group)));
    this.notes.replaceChildren(...remarks(rows).map((text) => h("li", {}, text)));
  }
}

/** @param {Row} row @param {string} group */
function line(row, group) {
  const cells = [
    COUNT.format(row.requests),
    share(row.success_rate),
    tokens(row.prompt_tokens),
    tokens(row.completion_tokens),
    cost(row),
    seconds(row.latency?.p50),
    seconds(row.latency?.p95),
    seconds(row.first_token?.p50),
  ];
  const name = h("th", { scope: "row", role: "rowheader" }, row[group]);
  const told = cells.map((text, at) => h("td", { role: "cell", class: "num", "data-title": TITLES[at] }, text));
  return h("tr", { role: "row" }, name, ...told);
}

/** What the figures do not hold. @param {Row[]} rows */
function remarks(rows) {
  const total = (/** @type {(row: Row) => number} */ of) => rows.reduce((sum, row) => sum + of(row), 0);
  const unknown = total((row) => row.cost_unknown);
  const further = total((row) => row.attempts) - total((row) => row.requests - row.cached);
  const lost = total((row) => row.not_counted);
  return [
    unknown && `LiteLLM knows no price for ${COUNT.format(unknown)} calls: the cost does not include them.`,
    further > 0 && `${COUNT.format(further)} further calls were retries and fallbacks.`,
    lost && `${COUNT.format(lost)} requests are not counted, because LiteLLM did not report their end.`,
  ].filter((text) => typeof text === "string");
}

/** Never 100 % where something failed. @param {number | null} rate */
const share = (rate) => (rate === null ? "–" : rate === 1 ? "100 %" : `${Math.min(rate * 100, 99.9).toFixed(1)} %`);

/** @param {Row} row */
function cost({ cost: usd, cost_unknown }) {
  if (usd === null) return "unknown";
  const text = usd && usd < 1 ? `$${usd.toPrecision(2)}` : `$${usd.toFixed(2)}`;
  return cost_unknown ? `over ${text}` : text;
}

/** @param {number | undefined} value */
const seconds = (value) =>
  value === undefined ? "–" : value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(value < 10 ? 1 : 0)} s`;

/** @param {string} label @param {string[][]} options @param {string} value @param {() => void} onchange */
function choice(label, options, value, onchange) {
  const each = options.map(([id, text]) => h("option", { value: id, selected: id === value }, text));
  return h("select", { "aria-label": label, onchange }, ...each);
}
