// @ts-check
/** A row of figures for each model, route, provider, deployment or tag, and what the figures do not hold. */
import { tokens } from "../clients/model-facts.js";
import { h } from "./dom.js";
import { cost, count, nameOf, NO_TAG, seconds, share, uncounted } from "./usage-figures.js";

/** @typedef {import("./usage-figures.js").Row} Row */

const TITLES = ["Requests", "Success", "Tokens in", "Tokens out", "Cost", "Median", "95 % within", "First token"];

export class UsageTable {
  empty = h("p", { class: "empty", hidden: true }, "No requests in this period.");
  notes = h("ul", { class: "fine" });
  #heads = h("tr", { role: "row" });
  #body = h("tbody", { role: "rowgroup" });

  constructor() {
    const head = h("thead", { role: "rowgroup" }, this.#heads);
    const table = h("table", { class: "stacked", role: "table" }, head, this.#body);
    const about = { class: "scroll", tabindex: 0, role: "region", "aria-label": "Figures", hidden: true };
    this.element = h("div", about, table);
  }

  /** @param {Row[]} rows @param {import("./usage-figures.js").Group} group @param {(name: string) => Node} swatch */
  show(rows, group, swatch) {
    this.element.hidden = !rows.length;
    this.empty.hidden = rows.length > 0;
    const titles = [`${group.slice(0, 1).toUpperCase()}${group.slice(1)}`, ...TITLES];
    this.#heads.replaceChildren(...titles.map((title, at) => h("th", { scope: "col", role: "columnheader", class: at ? "num" : "" }, title))); // prettier-ignore
    this.#body.replaceChildren(...rows.map((row) => line(row, nameOf(row, group), swatch)));
    this.notes.replaceChildren(...remarks(rows, group).map((text) => h("li", {}, text)));
  }
}

/** @param {Row} row @param {string} named @param {(name: string) => Node} swatch */
function line(row, named, swatch) {
  const none = uncounted(row) ? "not counted" : null;
  const cells = [
    none ?? count(row.requests),
    none ? "–" : share(row.success_rate),
    none ? "–" : tokens(row.prompt_tokens),
    none ? "–" : tokens(row.completion_tokens),
    none ? "–" : cost(row),
    seconds(row.latency?.p50),
    seconds(row.latency?.p95),
    seconds(row.first_token?.p50),
  ];
  const name = h("th", { scope: "row", role: "rowheader" }, swatch(named), named);
  const told = cells.map((text, at) => h("td", { role: "cell", class: "num", "data-title": TITLES[at] }, text));
  return h("tr", { role: "row" }, name, ...told);
}

/** What the figures do not hold. @param {Row[]} rows @param {import("./usage-figures.js").Group} group */
function remarks(rows, group) {
  const total = (/** @type {(row: Row) => number} */ of) => rows.reduce((sum, row) => sum + of(row), 0);
  const unknown = total((row) => row.cost_unknown);
  const further = total((row) => row.attempts) - total((row) => row.requests - row.cached);
  const lost = total((row) => row.not_counted);
  const untagged = group === "tag" && rows.some((row) => nameOf(row, group) === NO_TAG);
  return [
    untagged && "Workers look for a tag where MODELCTL_USAGE_TAG names one, as in header:x-team.",
    unknown && `LiteLLM knows no price for ${count(unknown)} calls: the cost does not include them.`,
    further > 0 && `${count(further)} further calls were retries and fallbacks.`,
    lost && `${count(lost)} requests are not counted, because LiteLLM did not report their end.`,
  ].filter((text) => typeof text === "string");
}
