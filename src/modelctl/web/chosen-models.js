// @ts-check
/** Two to four models to choose, each in a select of its own. */
import { h } from "./dom.js";
import { choices, fill } from "./model-options.js";

/** @typedef {import("../clients/model-types.js").Snapshot} Snapshot */

export const FEWEST = 2;
const MOST = 4;

export class ChosenModels {
  #list = h("div", { class: "chosen" });
  #more = h("button", { type: "button", onclick: () => (this.#pick("").focus(), this.#count()) }, "Add a model");
  /** @type {Snapshot["providers"]} */
  #listed = [];
  element = h("fieldset", {}, h("legend", {}, "Models"), this.#list, this.#more);

  /** Their public names. */
  get names() {
    return this.#selects.map((one) => one.value).filter(Boolean);
  }

  /** The models to choose from, where they changed. @param {Snapshot} snapshot */
  show({ routes, providers }) {
    if (providers === this.#listed) return;
    this.#listed = providers;
    if (!this.#selects.length) this.#begin(routes);
    else for (const select of this.#selects) fill(select, providers);
  }

  get #selects() {
    return /** @type {HTMLSelectElement[]} */ ([...this.#list.querySelectorAll("select")]);
  }

  /** What a route runs, and one to set it against. @param {Snapshot["routes"]} routes */
  #begin(routes) {
    const offered = choices(this.#listed).flatMap(({ models }) => models);
    const names = offered.filter((one) => one.available).map((one) => one.public_name);
    const now = routes.map((route) => route.target).find((name) => names.includes(name)) ?? names[0] ?? "";
    this.#pick(now);
    this.#pick(names.find((name) => name !== now) ?? "");
    this.#count();
  }

  /** One more model to choose. @param {string} value */
  #pick(value) {
    const select = h("select", {});
    const remove = h("button", { type: "button", class: "quiet icon i-close" });
    const row = h("div", { class: "together" }, select, remove);
    remove.addEventListener("click", () => (row.remove(), this.#count(), this.#more.focus()));
    fill(select, this.#listed, value);
    this.#list.append(row);
    return select;
  }

  #count() {
    const selects = this.#selects;
    selects.forEach((select, at) => {
      select.setAttribute("aria-label", `Model ${at + 1}`);
      const remove = /** @type {HTMLButtonElement} */ (select.nextElementSibling);
      remove.setAttribute("aria-label", `Remove model ${at + 1}`);
      remove.hidden = selects.length <= FEWEST;
    });
    this.#more.hidden = selects.length >= MOST;
  }
}
