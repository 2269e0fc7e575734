// @ts-check
/** What happened, by days: who, what, why, and the way back of what still counts. */
import { arrange, h, pill, sr } from "./dom.js";
import { absolute, day, since } from "./time.js";
import { sharesOf } from "./usage-marks.js";

/** @typedef {import("../clients/model-types.js").Entry} Entry */
/** @typedef {{to: string, go: () => void}} Back where a roll back leads */

/** @type {Record<string, [string, string]>} */
const WORDS = {
  select: ["switched", "on"],
  split: ["share changed", "on"],
  rollback: ["rolled back", "warn"],
  expire: ["time limit over", ""],
  end: ["model removed", "warn"],
  return: ["model is back", "on"],
  publish: ["published", ""],
  block: ["blocked", "warn"],
  unblock: ["unblocked", "on"],
  clear: ["cooldown ended", "on"],
};

export class HistoryList {
  element = h("div", { class: "stack" });
  /** @type {Map<string, {element: HTMLElement, text: string}>} */
  #made = new Map();
  /** @type {Map<string, {element: HTMLElement, list: HTMLElement}>} */
  #days = new Map();

  /** @param {readonly Entry[]} entries newest first @param {Map<Entry, Back>} backs */
  show(entries, backs) {
    const before = this.#made;
    this.#made = new Map();
    const seen = new Map();
    for (const entry of entries) {
      const count = seen.get(entry.version) ?? 0; // several entries of one version are told apart by their order
      seen.set(entry.version, count + 1);
      const key = `${entry.version}:${count}`;
      const back = backs.get(entry);
      const text = JSON.stringify([entry, back?.to]);
      const kept = before.get(key);
      this.#made.set(key, kept?.text === text ? kept : { element: line(entry, back), text });
    }
    const rows = [...this.#made.values()].map((one) => one.element);
    const days = Map.groupBy(rows, (_, at) => day(entries[at]?.at ?? 0));
    arrange(this.element, [...days].map(([name, rows]) => this.#day(name, rows))); // prettier-ignore
  }

  /** @param {string} name @param {HTMLElement[]} rows */
  #day(name, rows) {
    const list = h("ol", { class: "history" });
    const made = this.#days.get(name) ?? {
      element: h("section", { class: "stack tight" }, h("h2", {}, name), list),
      list,
    };
    this.#days.set(name, made);
    arrange(made.list, rows);
    return made.element;
  }
}

/** @param {Entry} entry @param {Back | undefined} back */
function line(entry, back) {
  const who = h(
    "p",
    { class: "who" },
    h("b", {}, entry.actor),
    " ",
    since(entry.at),
    entry.reason ? `: ${entry.reason}` : "",
  );
  return h("li", {}, h("div", {}, what(entry), who), back ? backButton(entry, back) : null);
}

/** @param {Entry} entry */
function what({ action, route, before, after, forced, until, split }) {
  const [word, tone] = WORDS[action] ?? [action, ""];
  const short = (/** @type {string | null} */ name) => (action === "publish" ? name?.slice(0, 8) : name) ?? "nothing";
  return h(
    "p",
    { class: "what" },
    pill(tone, word),
    route ? h("b", {}, route) : "",
    action === "clear" ? "" : h("code", {}, short(before)),
    h("span", { class: "to" }, h("span", { "aria-label": "to", role: "img" }, "→"), h("code", {}, short(after))),
    split ? h("small", {}, sharesOf(split)) : "",
    forced ? pill("warn", "forced") : "",
    until ? h("small", {}, `until ${absolute(until)}`) : "",
  );
}

/** @param {Entry} entry @param {Back} back */
const backButton = ({ route, after }, { to, go }) =>
  h("button", { type: "button", class: "small", onclick: go }, "Roll back", sr(` ${route} from ${after}`), ` to ${to}`);
