// @ts-check
/** What the list is narrowed to. The state, its controls, and the judgement of one model. */
import { CAPABILITIES, CAPABILITY_NAMES, has } from "../clients/model-facts.js";
import { attr, h } from "./dom.js";
import { isNear } from "./near.js";

/** @typedef {import("../clients/model-types.js").Model} Model */
/** @typedef {import("../clients/model-facts.js").Capability} Capability */

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
];

export class Filters {
  words = /** @type {string[]} */ ([]);
  wanted = /** @type {Set<Capability>} */ (new Set());
  tag = "";
  provider = "";
  sort = /** @type {"" | "price" | "context"} */ ("");
  /** Nothing has the letters of the search: what is one slip away counts. */
  near = false;
  mostPrice = "";
  leastContext = "";
  available = false;
  fitting = false;
  retired = true;

  /** Something narrows the list, so that groups must not hide what matches. */
  get narrow() {
    return this.words.length > 0 || this.count > 0;
  }

  /** How many filters are set, the search not counted. */
  get count() {
    return (
      this.wanted.size +
      [this.tag, this.provider, this.mostPrice, this.leastContext, this.available, this.fitting, !this.retired].filter(
        Boolean,
      ).length
    );
  }

  /** @param {Model} model @param {string} words lower case, all that search looks at @param {string | null} misfit */
  pass(model, words, misfit) {
    if (!this.words.every((word) => words.includes(word) || (this.near && isNear(word, words)))) return false;
    for (const name of this.wanted) if (!has(model, name)) return false;
    if (this.provider && model.provider !== this.provider) return false;
    if (this.tag && !model.tags.includes(this.tag)) return false;
    if (this.mostPrice && (model.price.output ?? Infinity) > Number(this.mostPrice)) return false;
    if (this.leastContext && (model.context_window ?? 0) < Number(this.leastContext)) return false;
    if (this.available && !model.available) return false;
    if (!this.retired && model.lifecycle.status === "retired") return false;
    return !(this.fitting && misfit);
  }

  /** @param {string} text */
  search(text) {
    this.near = false;
    this.words = text.toLowerCase().split(/\s+/).filter(Boolean);
  }

  clear() {
    Object.assign(this, {
      wanted: new Set(),
      tag: "",
      provider: "",
      mostPrice: "",
      leastContext: "",
      available: false,
      fitting: false,
      retired: true,
    });
  }
}

/** @param {Filters} filters @param {() => void} changed */
export function controls(filters, changed) {
  const chips = CAPABILITY_NAMES.map((name) =>
    h(
      "button",
      {
        type: "button",
        class: `chip i-${name}`,
        "aria-pressed": "false",
        "data-name": name,
        onclick: () => {
          if (!filters.wanted.delete(name)) filters.wanted.add(name);
          update();
        },
      },
      CAPABILITIES[name][1],
    ),
  );
  const price = choice("Price", PRICES, (value) => (filters.mostPrice = value));
  const context = choice("Context", CONTEXTS, (value) => (filters.leastContext = value));
  const tag = choice("Tag", [["", "any tag"]], (value) => (filters.tag = value));
  const provider = choice("Provider", [["", "any provider"]], (value) => (filters.provider = value));
  const sort = choice("Sort", SORTS, (value) => (filters.sort = /** @type {Filters["sort"]} */ (value)));
  const available = box("Available only", (on) => (filters.available = on));
  const fitting = box("Fits the route", (on) => (filters.fitting = on));
  const retired = box("Show retired", (on) => (filters.retired = on));
  const clear = h(
    "button",
    { type: "button", class: "small", hidden: true, onclick: () => (filters.clear(), update()) },
    "Clear filters",
  );
  const element = h(
    "div",
    { class: "filters" },
    h("div", { class: "chips", role: "group", "aria-label": "Capabilities" }, ...chips),
    sort,
    provider,
    price,
    context,
    tag,
    available,
    fitting,
    retired,
    clear,
  );

  /** @param {string} label @param {string[][]} options @param {(value: string) => void} set */
  function choice(label, options, set) {
    const select = h(
      "select",
      { "aria-label": label, onchange: () => (set(select.value), update()) },
      ...options.map(([value, text]) => h("option", { value }, text)),
    );
    return select;
  }

  /** @param {string} label @param {(on: boolean) => void} set */
  function box(label, set) {
    const input = h("input", { type: "checkbox", onchange: () => (set(input.checked), update()) });
    return h("label", { class: "check" }, input, h("span", {}, label));
  }

  function update() {
    for (const chip of chips)
      attr(chip, "aria-pressed", String(filters.wanted.has(/** @type {Capability} */ (chip.dataset.name))));
    price.value = filters.mostPrice;
    context.value = filters.leastContext;
    tag.value = filters.tag;
    provider.value = filters.provider;
    sort.value = filters.sort;
    for (const [label, on] of /** @type {const} */ ([
      [available, filters.available],
      [fitting, filters.fitting],
      [retired, filters.retired],
    ])) {
      const input = label.querySelector("input");
      if (input) input.checked = on;
    }
    clear.hidden = filters.count === 0;
    changed();
  }
  update();

  return {
    element,
    update,
    /** @param {string[]} tags */
    offerTags(tags) {
      if (
        offer(
          tag,
          "any tag",
          tags.map((one) => [one, one]),
        )
      )
        filters.tag = tag.value;
    },
    /** @param {readonly {id: string, name: string}[]} providers */
    offerProviders(providers) {
      if (
        offer(
          provider,
          "any provider",
          providers.map(({ id, name }) => [id, name]),
        )
      )
        filters.provider = provider.value;
    },
  };
}

/** Whether it changed the choices; what is chosen stays where it can. @param {HTMLSelectElement} select @param {string} any @param {string[][]} choices */
function offer(select, any, choices) {
  const text = JSON.stringify(choices);
  if (select.dataset.choices === text) return false;
  select.dataset.choices = text;
  const before = select.value;
  const options = [["", any], ...choices].map(([value, text]) => h("option", { value }, text));
  select.replaceChildren(...options);
  select.value = choices.some(([value]) => value === before) ? before : "";
  return true;
}
