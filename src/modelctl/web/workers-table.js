// @ts-check
/** What each worker runs, misses and refuses. On a narrow screen every row is a card of its own. */
import { duration } from "../clients/model-facts.js";
import { arrange, h, pill } from "./dom.js";
import { prose } from "./problems.js";

/**
 * @typedef {import("../clients/model-types.js").Worker} Worker
 * @typedef {import("../clients/model-types.js").Snapshot} Snapshot
 * @typedef {import("./dom.js").Child} Child
 */

const TITLES = ["Worker", "Revision", "State", "Applied in", "Last seen", "Not set", "Restart needed for"];
const MOST_NAMED = 2; // longer lists are folded

export class WorkersTable {
  #body = h("tbody", { role: "rowgroup" });
  #none = h("p", { class: "quiet-line", hidden: true }, "No LiteLLM worker has reported in the last 10 s. ", h("code", {}, "modelctl up"), " runs them."); // prettier-ignore
  #table;
  /** @type {Map<string, {element: HTMLElement, text: string}>} */
  #rows = new Map();

  constructor() {
    const heads = TITLES.map((title) => h("th", { scope: "col", role: "columnheader" }, title));
    const head = h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ...heads));
    this.#table = h("table", { class: "workers stacked", role: "table" }, head, this.#body);
    const scroll = h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Workers" }, this.#table);
    this.element = h("div", {}, this.#none, scroll);
  }

  /** @param {Snapshot} snapshot */
  show(snapshot) {
    const { workers, revision, version, loaded } = snapshot;
    this.#table.hidden = !workers.length;
    this.#none.hidden = !loaded || workers.length > 0;
    const rows = workers.map((worker) => {
      const now = JSON.stringify([worker, revision, version]);
      const kept = this.#rows.get(worker.id);
      if (kept?.text === now) return kept.element;
      const element = kept?.element ?? h("tr", { role: "row" });
      element.replaceChildren(...cells(worker, snapshot));
      this.#rows.set(worker.id, { element, text: now });
      return element;
    });
    arrange(this.#body, rows);
  }
}

/** @param {Worker} worker @param {Snapshot} snapshot */
function cells(worker, { revision, version }) {
  const values = [
    [h("code", { title: worker.revision ?? "" }, worker.revision?.slice(0, 8) ?? "nothing")],
    stateOf(worker, revision, version),
    [worker.took_ms == null ? "–" : took(worker.took_ms)],
    [worker.age_s == null ? "now" : `${duration(worker.age_s)} ago`],
    [named(worker.unset, "variables")],
    [named(worker.restart_needed, "settings")],
  ];
  return [
    nameOf(worker),
    ...values.map((value, at) => h("td", { role: "cell", "data-title": TITLES[at + 1] }, h("div", {}, ...value))),
  ];
}

/** @param {Worker} worker */
function nameOf({ id, host, pid, litellm, litellm_remark, usage_remark }) {
  const where = `${host}, pid ${pid}${litellm ? `, LiteLLM ${litellm}` : ""}`;
  const remark = litellm_remark && h("p", { class: "fine" }, litellm_remark);
  const usage = usage_remark && h("p", { class: "fine" }, `usage: ${usage_remark}`);
  return h("th", { scope: "row", role: "rowheader" }, id, h("small", {}, where), remark, usage);
}

/** @param {Worker} worker @param {string | null} revision @param {number} version @returns {Child[]} */
function stateOf(worker, revision, version) {
  const behind = Math.max(0, version - worker.version);
  const state = worker.error
    ? pill("bad", "refused")
    : behind || worker.revision !== revision
      ? pill("warn", behind ? `${behind} behind` : "behind")
      : pill("good", "up to date");
  const left = worker.left_out?.length ? `without ${worker.left_out.join(", ")}` : "";
  const avoided = worker.cooldowns?.map(avoids) ?? [];
  return [state, ...[worker.error, left, ...avoided].map((text) => text && h("p", { class: "nack" }, ...prose(text)))];
}

/** @param {NonNullable<Worker["cooldowns"]>[number]} cooldown */
function avoids({ model, why, status, error, until }) {
  const detail = [status, error].filter(Boolean).join(" ");
  const left = duration(Math.max(0, until - Date.now() / 1000));
  return `LiteLLM avoids \`${model}\` for ${left}: ${why}${detail ? ` (${detail})` : ""}`;
}

/** @param {number} ms */
const took = (ms) => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;

/** @param {string[]} names @param {string} word for many of them */
function named(names, word) {
  if (!names.length) return "–";
  const list = h("ul", {}, ...names.map((name) => h("li", {}, h("code", {}, name))));
  return names.length > MOST_NAMED ? h("details", {}, h("summary", {}, `${names.length} ${word}`), list) : list;
}
