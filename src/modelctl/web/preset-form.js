// @ts-check
/** The form of one preset; it starts from what a route runs now. */
import { field } from "./dialog.js";
import { h } from "./dom.js";
import { fill } from "./model-options.js";
import { paramFields } from "./params.js";

/** @typedef {import("./presets.js").Preset} Preset */

/** @param {import("./app.js").Page} page @param {(body: Record<string, unknown>, before: Preset | null) => void} onSave */
export function presetForm(page, onSave) {
  const name = h("input", { name: "name", maxlength: 100, autocomplete: "off", spellcheck: "false" });
  const route = h("select", { name: "route" });
  const model = h("select", { name: "model" });
  const description = h("input", { name: "description", maxlength: 500, autocomplete: "off" });
  const params = paramFields();
  const wrong = h("p", { class: "wrong", role: "alert" });
  const title = h("h2", {});
  const element = h(
    "form",
    { class: "card-box", novalidate: true, hidden: true, "aria-label": "Preset" },
    title,
    h(
      "div",
      { class: "grid wide" },
      field("Name", name),
      field("Route", route),
      field("Model", model),
      field("Description", description),
    ),
    h("fieldset", {}, h("legend", {}, "Parameters for clients to send"), params.element),
    wrong,
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", onclick: () => close() }, "Cancel"),
      h("button", { type: "submit", class: "primary" }, "Save preset"),
    ),
  );
  /** @type {Preset | null} */
  let before = null;
  /** @type {HTMLElement | null} */
  let from = null;
  let listed = /** @type {readonly unknown[]} */ ([]);

  element.addEventListener("submit", (event) => {
    event.preventDefault();
    const { params: said, wrong: why } = params.read();
    wrong.textContent = !name.value.trim() ? "Give it a name" : !model.value ? "Choose a model" : why;
    if (wrong.textContent) return (name.value.trim() ? (model.value ? undefined : model) : name)?.focus();
    onSave({ name: name.value.trim(), route: route.value, model: model.value, description: description.value.trim() || null, params: said }, before); // prettier-ignore
  });

  /** The names to choose from, where they differ. @param {string} [value] of the model @param {string} [way] of the route */
  function options(value, way) {
    const { providers, routes } = page.client.getSnapshot();
    const now = [providers, routes.map((one) => one.route).join("\n")];
    if (value === undefined && now.every((one, at) => one === listed[at])) return;
    listed = now;
    fill(model, providers, value ?? model.value);
    const kept = way ?? route.value;
    route.replaceChildren(...routes.map((one) => h("option", { value: one.route }, one.route)));
    route.value = routes.some((one) => one.route === kept) ? kept : (routes[0]?.route ?? "");
  }

  /** @param {Preset | null} preset null is a new one */
  function open(preset) {
    before = preset;
    from = /** @type {HTMLElement | null} */ (document.activeElement);
    const current = page.client.getSnapshot().routes[0];
    options(preset?.public_name ?? preset?.model ?? current?.target ?? "", preset?.route ?? current?.route);
    title.textContent = preset ? `Edit ${preset.name}` : "New preset";
    name.value = preset?.name ?? "";
    name.readOnly = Boolean(preset); // its name is what others call it by
    description.value = preset?.description ?? "";
    params.write(preset?.params ?? {});
    wrong.textContent = "";
    element.hidden = false;
    (preset ? model : name).focus();
    element.scrollIntoView({ block: "nearest" });
  }

  function close() {
    element.hidden = true;
    from?.focus();
  }

  return { element, open, close, show: () => void (element.hidden || options()) };
}
