// @ts-check
/** The form of one preset; it starts from what a route runs now. */
import { field } from "./dialog.js";
import { h } from "./dom.js";
import { fill } from "./model-options.js";

/** @typedef {import("./presets.js").Preset} Preset */
/** @typedef {(body: Record<string, unknown>, before: Preset | null) => void} Save */

/** @param {import("./app.js").Page} page @param {Save} onSave */
export const presetForm = (page, onSave) => new PresetForm(page, onSave);

class PresetForm {
  #name = h("input", { name: "name", maxlength: 100, autocomplete: "off", spellcheck: "false" });
  #route = h("select", { name: "route" });
  #model = h("select", { name: "model" });
  #description = h("input", { name: "description", maxlength: 500, autocomplete: "off" });
  #wrong = h("p", { class: "wrong", role: "alert" });
  #title = h("h2", {});
  /** @type {Preset | null} */
  #before = null;
  /** @type {HTMLElement | null} */
  #from = null;
  #listed = /** @type {readonly unknown[]} */ ([]);

  /** @param {import("./app.js").Page} page @param {Save} onSave */
  constructor(page, onSave) {
    this.page = page;
    const cancel = h("button", { type: "button", onclick: () => this.close() }, "Cancel");
    this.element = h(
      "form",
      { class: "card-box", novalidate: true, hidden: true, "aria-label": "Preset" },
      this.#title,
      h(
        "div",
        { class: "grid wide" },
        field("Name", this.#name),
        field("Route", this.#route),
        field("Model", this.#model),
        field("Description", this.#description),
      ),
      this.#wrong,
      h("div", { class: "buttons" }, cancel, h("button", { type: "submit", class: "primary" }, "Save preset")),
    );
    this.element.addEventListener("submit", (event) => (event.preventDefault(), this.#submit(onSave)));
  }

  /** @param {Save} onSave */
  #submit(onSave) {
    const name = this.#name.value.trim();
    this.#wrong.textContent = !name ? "Give it a name" : !this.#model.value ? "Choose a model" : "";
    if (this.#wrong.textContent) return (name ? this.#model : this.#name).focus();
    onSave(
      {
        name,
        route: this.#route.value,
        model: this.#model.value,
        description: this.#description.value.trim() || null,
        params: this.#before?.params ?? null, // not shown, not lost
      },
      this.#before,
    );
  }

  /** The names to choose from, where they differ. @param {string} [value] of the model @param {string} [way] of the route */
  #options(value, way) {
    const { providers, routes } = this.page.client.getSnapshot();
    const now = [providers, routes.map((one) => one.route).join("\n")];
    if (value === undefined && now.every((one, at) => one === this.#listed[at])) return;
    this.#listed = now;
    fill(this.#model, providers, value ?? this.#model.value);
    const kept = way ?? this.#route.value;
    this.#route.replaceChildren(...routes.map((one) => h("option", { value: one.route }, one.route)));
    this.#route.value = routes.some((one) => one.route === kept) ? kept : (routes[0]?.route ?? "");
  }

  /** @param {Preset | null} preset null is a new one */
  open(preset) {
    this.#before = preset;
    this.#from = /** @type {HTMLElement | null} */ (document.activeElement);
    const current = this.page.client.getSnapshot().routes[0];
    this.#options(preset?.public_name ?? preset?.model ?? current?.target ?? "", preset?.route ?? current?.route);
    this.#title.textContent = preset ? `Edit ${preset.name}` : "New preset";
    this.#name.value = preset?.name ?? "";
    this.#name.readOnly = Boolean(preset); // its name is what others call it by
    this.#description.value = preset?.description ?? "";
    this.#wrong.textContent = "";
    this.element.hidden = false;
    (preset ? this.#model : this.#name).focus();
    this.element.scrollIntoView({ block: "nearest" });
  }

  close() {
    this.element.hidden = true;
    this.#from?.focus();
  }

  show() {
    if (!this.element.hidden) this.#options();
  }
}
