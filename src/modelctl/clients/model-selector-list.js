// @ts-check
/**
 * What `<model-selector>` opens: a search, and below it the models that its route could hold, by provider.
 *
 * @typedef {import("./model-types.js").Model} Model
 * @typedef {import("./model-selector-options.js").Option} Option
 *
 * @typedef {object} Opener
 * @property {HTMLElement} button that opens it, and below which it stands
 * @property {() => {providers: readonly import("./model-types.js").Provider[], route: import("./model-types.js").Route | undefined}} now
 * @property {(model: Model) => void} choose
 */
import { make, offered, optionOf } from "./model-selector-options.js";

export class ModelList {
  /** What it was built from. @type {readonly unknown[]} */
  #built = [];
  /** @type {Option[]} */
  #options = [];
  /** @type {Option[]} */
  #matches = [];
  /** @type {Option | undefined} */
  #active;

  #search = make("input", {
    part: "search",
    type: "search",
    role: "combobox",
    placeholder: "Search models",
    "aria-label": "Search models",
    "aria-expanded": "true",
    "aria-controls": "list",
    "aria-autocomplete": "list",
    autocomplete: "off",
    spellcheck: "false",
    autofocus: "", // the popup focuses it as it opens, so that no key is lost
  });
  #list = make("div", { part: "list", id: "list", role: "listbox", "aria-label": "Models", tabindex: "-1" });
  #none = make("p", { part: "none", hidden: "" }, "No model matches");
  element = make(
    "div",
    { part: "popup", popover: "auto", role: "dialog", "aria-label": "Choose a model" },
    this.#search,
    this.#list,
    this.#none,
  );

  /** @param {Opener} opener */
  constructor({ button, now, choose }) {
    this.button = button;
    this.now = now;
    this.choose = choose;
    button.addEventListener("click", () => this.element.togglePopover());
    button.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") (event.preventDefault(), this.element.showPopover());
    });
    this.element.addEventListener("beforetoggle", (event) =>
      this.#toggles(/** @type {ToggleEvent} */ (event).newState === "open"),
    );
    this.element.addEventListener("toggle", () => this.#active?.element.scrollIntoView({ block: "nearest" }));
    this.#search.addEventListener("input", () => this.#filter());
    this.#search.addEventListener("keydown", (event) => this.#key(event));
    this.#list.addEventListener("click", (event) => {
      const element = /** @type {Element} */ (event.target).closest("[role=option]");
      const option = this.#options.find((one) => one.element === element);
      if (option) this.choose(option.model);
    });
  }

  close() {
    this.element.hidePopover();
  }

  /** Follow what is so now, while someone looks. */
  update() {
    if (this.element.matches(":popover-open")) this.#build();
  }

  /** The list, when its models or its route are others than before. */
  #build() {
    const { providers, route } = this.now();
    const made = [
      providers,
      route?.target,
      route?.provider,
      route?.model_id,
      JSON.stringify([route?.requires, route?.choices]),
    ];
    if (!route || made.every((part, at) => part === this.#built[at])) return;
    this.#built = made;
    this.#options = [];
    const groups = offered(providers, route).map(([provider, models]) => {
      const rows = models.map((model) => {
        const option = optionOf(model, provider, route, this.#options.length);
        this.#options.push(option);
        return option.element;
      });
      const name = `group-${this.#options.length}`;
      return make(
        "div",
        { part: "group", role: "group", "aria-labelledby": name },
        make("div", { id: name, part: "heading", role: "presentation" }, provider.name),
        ...rows,
      );
    });
    this.#list.replaceChildren(...groups);
    this.#filter();
  }

  /** @param {boolean} open */
  #toggles(open) {
    this.button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    this.#search.value = "";
    this.#build();
    this.#filter();
    this.#place();
  }

  #place() {
    const box = this.button.getBoundingClientRect();
    const width = Math.min(Math.max(box.width, 360), innerWidth - 16);
    const below = innerHeight - box.bottom - 12;
    const up = below < 280 && box.top > below;
    const style = this.element.style;
    style.width = `${width}px`;
    style.maxHeight = `${Math.min(480, up ? box.top - 12 : below)}px`;
    style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`;
    style.top = up ? "auto" : `${box.bottom + 4}px`;
    style.bottom = up ? `${innerHeight - box.top + 4}px` : "auto";
  }

  #filter() {
    const words = this.#search.value.toLowerCase().split(/\s+/).filter(Boolean);
    this.#matches = [];
    for (const option of this.#options) {
      const matches = words.every((word) => option.words.includes(word));
      if (option.element.hidden === matches) option.element.hidden = !matches;
      if (matches) this.#matches.push(option);
    }
    for (const group of this.#list.children) {
      /** @type {HTMLElement} */ (group).hidden = !group.querySelector("[role=option]:not([hidden])");
    }
    this.#none.hidden = this.#matches.length > 0;
    const current = this.#matches.find((match) => match.element.getAttribute("aria-selected") === "true");
    this.#activate((!words.length && current) || this.#matches[0]);
  }

  /** @param {Option | undefined} option */
  #activate(option) {
    this.#active?.element.removeAttribute("data-active");
    this.#active = option;
    option?.element.setAttribute("data-active", "");
    option?.element.scrollIntoView({ block: "nearest" });
    this.#search.setAttribute("aria-activedescendant", option?.element.id ?? "");
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const at = this.#active ? this.#matches.indexOf(this.#active) : -1;
    const last = this.#matches.length - 1;
    /** @type {Record<string, number>} */
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 };
    if (event.key in moves) {
      event.preventDefault();
      this.#activate(this.#matches[Math.max(0, Math.min(last, moves[event.key] ?? 0))]);
    }
    if (event.key === "Enter" && this.#active) {
      event.preventDefault();
      this.choose(this.#active.model);
    }
  }
}
