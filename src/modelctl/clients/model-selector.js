// @ts-check
/**
 * `<model-selector route="active" server="http://127.0.0.1:7777">`: a button that shows a route's model and
 * opens a list to search and pick from. `native` shows a plain `select` instead.
 *
 * Attributes: `route`, `server`, `native`, `disabled`, `label`. Properties: `client` (share one), `getToken`, `value`.
 * Events: `change` (detail: the server's answer) and `error` (detail: a ModelctlError); both bubble.
 * Parts: button, mark, label, popup, search, list, group, option. Variables: `--ms-ink`, `--ms-quiet`, `--ms-ground`,
 * `--ms-raised`, `--ms-line`, `--ms-accent`, `--ms-accent-ink`, `--ms-radius`, `--ms-font`, `--ms-width`.
 *
 * @typedef {import("./model-types.js").Model} Model
 * @typedef {import("./model-types.js").Provider} Provider
 * @typedef {import("./model-types.js").ModelClient} ModelClient
 * @typedef {import("./model-selector-options.js").Option} Option
 */
import { createModelClient } from "./model-client.js";
import { misfit } from "./model-facts.js";
import { isCurrent, make, offered, optionOf, paint } from "./model-selector-options.js";
import { sheet } from "./model-selector-style.js";

export class ModelSelector extends HTMLElement {
  static observedAttributes = ["route", "server", "native", "disabled", "label"];

  /** @type {ModelClient | null} */
  #client = null;
  #owned = false;
  /** @type {import("./model-types.js").ClientOptions["getToken"]} */
  getToken;
  #leave = () => {};
  /** What the list was built from. @type {readonly unknown[]} */
  #built = [];
  /** @type {Option[]} */
  #options = [];
  /** @type {Option[]} */
  #matches = [];
  /** @type {Option | undefined} */
  #active;

  #root = this.attachShadow({ mode: "open", delegatesFocus: true });
  #mark = make("span", { part: "mark", "aria-hidden": "true" });
  #hint = make("span", { class: "sr" });
  #label = make("span", { part: "label" });
  #button = make(
    "button",
    { part: "button", type: "button", "aria-haspopup": "dialog", "aria-expanded": "false" },
    this.#mark,
    this.#hint,
    this.#label,
  );
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
  #popup = make(
    "div",
    { part: "popup", popover: "auto", role: "dialog", "aria-label": "Choose a model" },
    this.#search,
    this.#list,
    this.#none,
  );
  #native = make("select", { part: "native", hidden: "" });

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [sheet()];
    this.#root.append(this.#button, this.#popup, this.#native);
    this.#button.addEventListener("click", () => this.#popup.togglePopover());
    this.#button.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") (event.preventDefault(), this.#popup.showPopover());
    });
    this.#popup.addEventListener("beforetoggle", (event) =>
      this.#toggles(/** @type {ToggleEvent} */ (event).newState === "open"),
    );
    this.#popup.addEventListener("toggle", () => this.#active?.element.scrollIntoView({ block: "nearest" }));
    this.#search.addEventListener("input", () => this.#filter());
    this.#search.addEventListener("keydown", (event) => this.#key(event));
    this.#list.addEventListener("click", (event) => {
      const element = /** @type {Element} */ (event.target).closest("[role=option]");
      const option = this.#options.find((one) => one.element === element);
      if (option) void this.#choose(option.model);
    });
    this.#native.addEventListener("change", (event) => {
      event.stopPropagation(); // ours tells more
      const [provider, id] = JSON.parse(this.#native.value);
      const model = this.client.find(provider, id);
      if (model) void this.#choose(model);
    });
  }

  get client() {
    if (!this.#client) {
      this.#client = createModelClient({
        baseUrl: this.getAttribute("server") ?? undefined,
        getToken: (state) => this.getToken?.(state) ?? null,
      });
      this.#owned = true;
    }
    return this.#client;
  }

  set client(client) {
    this.#leave();
    this.#client = client;
    this.#owned = false;
    if (this.isConnected) this.connectedCallback();
  }

  get route() {
    return this.getAttribute("route") ?? "active";
  }

  set route(name) {
    this.setAttribute("route", name);
  }

  /** The public name that the route points to; null before it is known. */
  get value() {
    return this.client.getSnapshot().routes.find((one) => one.route === this.route)?.target ?? null;
  }

  connectedCallback() {
    this.#leave();
    this.#leave = this.client.subscribe(() => this.#show());
    this.#show();
  }

  disconnectedCallback() {
    this.#leave();
    this.#leave = () => {};
  }

  /** @param {string} name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(name, before, after) {
    if (before === after || !this.isConnected) return;
    if (name === "server" && this.#owned) {
      this.#leave();
      this.#client = null;
      this.connectedCallback();
    }
    this.#show();
  }

  // -- showing ---------------------------------------------------------------------------------

  #show() {
    const { routes, providers, loaded } = this.client.getSnapshot();
    const route = routes.find((one) => one.route === this.route);
    const model = route && this.client.find(route.provider, route.model_id);
    const name = model?.name ?? route?.target ?? (loaded ? `no route ${this.route}` : "…");
    const provider = providers.find((one) => one.id === route?.provider);
    this.#label.textContent = name;
    paint(this.#mark, model ?? provider ?? { name: "?" }, provider);
    const label = this.getAttribute("label") ?? `Model of ${this.route}`;
    this.#hint.textContent = `${label}: `;
    this.#button.setAttribute("aria-busy", String(Boolean(route?.pending)));
    const native = this.hasAttribute("native");
    this.#button.hidden = native;
    this.#native.hidden = !native;
    this.#button.disabled = this.#native.disabled = this.hasAttribute("disabled") || !route;
    if (native && route) this.#fillNative(route, label);
    if (this.#popup.matches(":popover-open")) this.#build();
  }

  /** The list, when its models or its route are others than before. */
  #build() {
    const { routes, providers } = this.client.getSnapshot();
    const route = routes.find((one) => one.route === this.route);
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

  /** @param {import("./model-types.js").Route} route @param {string} label */
  #fillNative(route, label) {
    const groups = offered(this.client.getSnapshot().providers, route).map(([provider, models]) => {
      const group = make("optgroup", { label: provider.name });
      for (const model of models) {
        const option = make("option", { value: JSON.stringify([model.provider, model.id]) }, model.name);
        option.disabled = Boolean(misfit(model, route));
        option.selected = isCurrent(model, route);
        group.append(option);
      }
      return group;
    });
    this.#native.setAttribute("aria-label", label);
    this.#native.replaceChildren(...groups);
    if (!this.#native.querySelector("option:checked")) this.#native.value = "";
  }

  /** @param {boolean} open */
  #toggles(open) {
    this.#button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    this.#search.value = "";
    this.#build();
    this.#filter();
    this.#place();
  }

  #place() {
    const box = this.#button.getBoundingClientRect();
    const width = Math.min(Math.max(box.width, 360), innerWidth - 16);
    const below = innerHeight - box.bottom - 12;
    const up = below < 280 && box.top > below;
    const style = this.#popup.style;
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
    const current = this.#matches.find((one) => one.element.getAttribute("aria-selected") === "true");
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
      void this.#choose(this.#active.model);
    }
  }

  /** @param {Model} model */
  async #choose(model) {
    this.#popup.hidePopover();
    if (!this.#native.hidden) this.#native.blur();
    else this.#button.focus();
    const detail = { modelId: model.id, provider: model.provider, route: this.route };
    // A page that wants to ask first (for a reason, say) prevents this and selects by itself.
    if (
      !this.dispatchEvent(
        new CustomEvent("choose", { detail: { ...detail, model }, bubbles: true, composed: true, cancelable: true }),
      )
    )
      return;
    try {
      const answer = await this.client.select(detail);
      this.dispatchEvent(new CustomEvent("change", { detail: answer, bubbles: true }));
    } catch (error) {
      this.#show();
      this.dispatchEvent(new CustomEvent("error", { detail: error, bubbles: true }));
    }
  }
}

if (!customElements.get("model-selector")) customElements.define("model-selector", ModelSelector);
