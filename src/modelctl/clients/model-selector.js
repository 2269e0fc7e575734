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
 * @typedef {import("./model-types.js").ModelClient} ModelClient
 */
import { createModelClient } from "./model-client.js";
import { misfit } from "./model-facts.js";
import { ModelList } from "./model-selector-list.js";
import { isCurrent, make, offered, paint } from "./model-selector-options.js";
import { sheet } from "./model-selector-style.js";

export class ModelSelector extends HTMLElement {
  static observedAttributes = ["route", "server", "native", "disabled", "label"];

  /** @type {ModelClient | null} */
  #client = null;
  #owned = false;
  /** @type {import("./model-types.js").ClientOptions["getToken"]} */
  getToken;
  #leave = () => {};

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
  #list = new ModelList({
    button: this.#button,
    now: () => this.#now(),
    choose: (model) => void this.#choose(model),
  });
  #native = make("select", { part: "native", hidden: "" });

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [sheet()];
    this.#root.append(this.#button, this.#list.element, this.#native);
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

  #now() {
    const { routes, providers, loaded } = this.client.getSnapshot();
    return { providers, loaded, route: routes.find((one) => one.route === this.route) };
  }

  #show() {
    const { providers, loaded, route } = this.#now();
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
    this.#list.update();
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

  /** @param {Model} model */
  async #choose(model) {
    this.#list.close();
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
