// @ts-check
/** What people narrow the list with: chips, choices and boxes that show and set the state of the filters. */
import { CAPABILITIES, CAPABILITY_NAMES } from "../clients/model-facts.js";
import { attr, h } from "./dom.js";

/**
 * @typedef {import("./filters.js").Filters} Filters
 * @typedef {import("../clients/model-facts.js").Capability} Capability
 */

const PRICES = [
  ["", "any price"],
  ["0", "free"],
  ["1", "up to $1 out"],
  ["5", "up to $5 out"],
  ["15", "up to $15 out"],
];
const CONTEXTS = [
  ["", "any context"],
  ["32000", "32k or more"],
  ["128000", "128k or more"],
  ["200000", "200k or more"],
  ["1000000", "1M or more"],
];

const SORTS = [
  ["", "by provider"],
  ["price", "cheapest first"],
  ["context", "largest context first"],
  ["newest", "newest first"],
];
/** What is chosen of several. @type {["sort" | "provider" | "mostPrice" | "leastContext" | "tag", string, string[][]][]} */
const CHOICES = [
  ["sort", "Sort", SORTS],
  ["provider", "Provider", [["", "any provider"]]],
  ["mostPrice", "Price", PRICES],
  ["leastContext", "Context", CONTEXTS],
  ["tag", "Tag", [["", "any tag"]]],
];
/** @type {["available" | "fitting" | "retired", string][]} */
const BOXES = [
  ["available", "Available only"],
  ["fitting", "Fits the route"],
  ["retired", "Show retired"],
];

export class FilterControls {
  #filters;
  #changed;
  #chips = CAPABILITY_NAMES.map((name) => this.#chip(name));
  #choices = CHOICES.map(([key, label, options]) => ({ key, select: this.#choice(key, label, options) }));
  #boxes = BOXES.map(([key, label]) => ({ key, ...this.#box(key, label) }));
  #clear = h("button", { type: "button", class: "small", onclick: () => this.#clearAll() }, "Clear filters");

  /** @param {Filters} filters @param {() => void} changed */
  constructor(filters, changed) {
    this.#filters = filters;
    this.#changed = changed;
    this.element = h(
      "div",
      { class: "filters" },
      h("div", { class: "chips", role: "group", "aria-label": "Capabilities" }, ...this.#chips),
      ...this.#choices.map(({ select }) => select),
      ...this.#boxes.map(({ label }) => label),
      this.#clear,
    );
    this.#show();
  }

  /** The filters were changed elsewhere. */
  update() {
    this.#show();
    this.#changed();
  }

  /** @param {string[]} tags */
  offerTags(tags) {
    this.#offer("tag", "any tag", tags.map((tag) => [tag, tag])); // prettier-ignore
  }

  /** @param {readonly {id: string, name: string}[]} providers */
  offerProviders(providers) {
    this.#offer("provider", "any provider", providers.map(({ id, name }) => [id, name])); // prettier-ignore
  }

  #show() {
    const { wanted, count } = this.#filters;
    for (const chip of this.#chips)
      attr(chip, "aria-pressed", String(wanted.has(/** @type {Capability} */ (chip.dataset.name))));
    for (const { key, select } of this.#choices) select.value = this.#filters[key];
    for (const { key, input } of this.#boxes) input.checked = this.#filters[key];
    this.#clear.hidden = count === 0;
  }

  #clearAll() {
    this.#filters.clear();
    this.update();
  }

  /** @param {Capability} name */
  #chip(name) {
    const toggle = () => {
      if (!this.#filters.wanted.delete(name)) this.#filters.wanted.add(name);
      this.update();
    };
    const props = { type: "button", class: `chip i-${name}`, "aria-pressed": "false", "data-name": name };
    return h("button", { ...props, onclick: toggle }, CAPABILITIES[name][1]);
  }

  /** @param {(typeof CHOICES)[number][0]} key @param {string} label @param {string[][]} options */
  #choice(key, label, options) {
    const set = () => (Object.assign(this.#filters, { [key]: select.value }), this.update());
    const choices = options.map(([value, text]) => h("option", { value }, text));
    const select = h("select", { "aria-label": label, onchange: set }, ...choices);
    return select;
  }

  /** @param {(typeof BOXES)[number][0]} key @param {string} text */
  #box(key, text) {
    const set = () => ((this.#filters[key] = input.checked), this.update());
    const input = h("input", { type: "checkbox", onchange: set });
    return { input, label: h("label", { class: "check" }, input, h("span", {}, text)) };
  }

  /** What there is to choose now; what is chosen stays where it can. @param {"tag" | "provider"} key @param {string} any @param {string[][]} choices */
  #offer(key, any, choices) {
    const select = this.#choices.find((choice) => choice.key === key)?.select;
    const text = JSON.stringify(choices);
    if (!select || select.dataset.choices === text) return;
    select.dataset.choices = text;
    const before = select.value;
    const options = [["", any], ...choices].map(([value, text]) => h("option", { value }, text));
    select.replaceChildren(...options);
    select.value = choices.some(([value]) => value === before) ? before : "";
    this.#filters[key] = select.value;
  }
}
