// @ts-check
/** The keys that come from files: how old each is, and why a newer one is not used. Never a value. */
import { duration } from "../clients/model-facts.js";
import { h } from "./dom.js";
import { prose } from "./problems.js";

/**
 * @typedef {import("../clients/model-types.js").Worker} Worker
 * @typedef {NonNullable<Worker["keys"]>[number]} Key
 */

export class KeyFiles {
  #list = h("ul", { class: "problems" });
  #told = "";
  element = h("div", { class: "stack", hidden: true }, h("h2", {}, "Keys from files"), this.#list);

  /** @param {readonly Worker[]} workers which may have read a file at different moments */
  show(workers) {
    const lines = new Set(workers.flatMap(({ keys }) => keys ?? []).map((key) => JSON.stringify(key)));
    const items = [...lines].sort().map((line) => item(JSON.parse(line)));
    const now = items.map((each) => each.outerHTML).join(""); // ages are no event
    this.element.hidden = !items.length;
    if (now === this.#told) return;
    this.#told = now;
    this.#list.replaceChildren(...items);
  }
}

/** @param {Key} key */
function item({ variable, file, since, problem }) {
  const age = since === null ? "" : `, ${duration(Date.now() / 1000 - since)} old`;
  const why = problem && h("p", { class: "nack" }, ...prose(problem));
  return h("li", {}, h("code", {}, variable), ` ${file}${age}`, why);
}
