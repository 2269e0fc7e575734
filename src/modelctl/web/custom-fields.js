// @ts-check
/** The fields of one model's file and of a new provider's, made from their schemas, in a few groups. */
import { CAPABILITIES } from "../clients/model-facts.js";
import { get } from "./api.js";
import { h } from "./dom.js";
import { fieldWith, readAll, textOf, writeAll } from "./form-field.js";
import { choices } from "./model-options.js";
import { fieldOf, labelOf } from "./schema-fields.js";

/**
 * @typedef {import("./form-field.js").Field} Field
 * @typedef {import("../clients/model-types.js").Provider} Provider
 * @typedef {{field?: string | null, severity?: string, message: string}} Finding
 */

const CAN = Object.values(CAPABILITIES).map(([field]) => field);
/** @type {[string, string[]][]} */
const GROUPS = [
  ["Basics", ["name", "model", "mode", "public_name", "description", "tags"]],
  ["Limits and price", ["context_window", "max_output_tokens", "price"]],
  ["Capabilities", CAN],
];
/** As the keys stand in a file that is new; the rest follows. */
const ORDER = [
  "name", "model", "mode", "public_name", "context_window", "max_output_tokens", "description", "tags", "price",
  ...CAN,
]; // prettier-ignore
const HIDDEN = ["id"]; // the file's name says it
const OF_PROVIDER = ["litellm_provider", "api_base", "api_key", "name"];
const HIDDEN_OF_PROVIDER = ["models"];
const COPIED = ["mode", "description", "tags", "context_window", "max_output_tokens", "price", ...CAN];
const NEW = "\nnew";
const plain = { autocomplete: "off", spellcheck: "false", maxlength: 100 };

export class CustomFields {
  #provider = h("select", {});
  #newId = h("input", plain);
  #id = h("input", plain);
  #from = h("select", {});
  #yaml = h("textarea", { rows: 18, spellcheck: "false", class: "code" });
  #who = {
    provider: fieldWith({ name: "provider", label: "Provider", required: true }, this.#provider),
    id: fieldWith({ name: "id", label: "Id", hint: "Also the name of the file.", required: true }, this.#id),
    newId: fieldWith({ name: "new_provider_id", label: "Provider id", required: true }, this.#newId),
    text: fieldWith({ name: "text", label: "The file's YAML" }, this.#yaml, textOf(this.#yaml)),
  };
  #start = fieldWith({ name: "from", label: "Start from", hint: "Copies the facts of an existing model." }, this.#from);
  #newBox = h("fieldset", { hidden: true }, h("legend", {}, "New provider"), this.#who.newId.element);
  #fieldsBox = h("div", { class: "stack model-fields" });
  /** @type {Field[]} */
  #fields = [];
  /** @type {Field[]} */
  #ofProvider = [];
  /** Keys of the file that have no field. @type {Record<string, unknown>} */
  #unshown = {};
  #listed = /** @type {readonly unknown[] | null} */ (null);

  /** @param {() => void} onChange */
  constructor(onChange) {
    const { provider, id, text } = this.#who;
    const who = h("div", { class: "grid" }, provider.element, id.element, this.#start.element);
    text.element.hidden = true;
    this.element = h("div", { class: "stack" }, who, this.#newBox, this.#fieldsBox, text.element);
    this.#provider.addEventListener("change", () => (this.#newBox.hidden = this.#provider.value !== NEW));
    this.#from.addEventListener("change", () => (this.#copy(), onChange()));
  }

  /** The schemas, once. */
  async prepare() {
    if (this.#fields.length) return;
    const schemas = /** @type {any} */ (await get("models/custom/schema"));
    this.#fields = build(this.#fieldsBox, schemas.model, GROUPS, HIDDEN);
    this.#ofProvider = build(this.#newBox, schemas.provider, [["", OF_PROVIDER]], HIDDEN_OF_PROVIDER);
  }

  get asText() {
    return !this.#who.text.element.hidden;
  }

  /** Who it is, as far as that is filled in. */
  get name() {
    const isNew = this.#provider.value === NEW;
    return { provider: (isNew ? this.#newId : this.#provider).value.trim(), id: this.#id.value.trim() };
  }

  /** What is filled in. Throws a Wrong. */
  draft() {
    const what = this.asText
      ? { text: this.#yaml.value }
      : { model: { ...this.#unshown, ...readAll(this.#fields, labelOf) } };
    const more = this.#provider.value === NEW ? { new_provider: readAll(this.#ofProvider, labelOf) } : {};
    return { ...this.name, ...what, ...more };
  }

  /** @param {import("./custom.js").CustomFile | null} file null is a new one @param {readonly Provider[]} providers */
  write(file, providers) {
    this.#listed = null;
    this.offer(providers, file?.provider ?? "");
    this.#provider.disabled = this.#id.readOnly = Boolean(file);
    this.#start.element.hidden = Boolean(file);
    this.#id.value = file?.id ?? "";
    this.#newId.value = this.#from.value = "";
    const model = file?.model ?? {};
    const known = new Set(this.#fields.map((one) => one.name));
    this.#unshown = Object.fromEntries(Object.entries(model).filter(([key]) => !known.has(key)));
    writeAll(this.#fields, model);
    writeAll(this.#ofProvider, {});
    this.complain([]);
    this.#who.text.element.hidden = true;
    this.#fieldsBox.hidden = false;
    for (const more of this.element.querySelectorAll("details")) more.open = false;
  }

  /** From here on as text: not every text can go back into fields. @param {string} text */
  toText(text) {
    this.#who.text.write(text);
    this.#who.text.element.hidden = false;
    this.#fieldsBox.hidden = this.#start.element.hidden = true;
    this.#yaml.focus();
  }

  /** The providers to choose from, where they differ. @param {readonly Provider[]} providers */
  offer(providers, value = this.#provider.value) {
    if (providers === this.#listed) return;
    this.#listed = providers;
    const known = providers.some((provider) => provider.id === value) || value === NEW;
    this.#provider.replaceChildren(
      h("option", { value: "" }, "choose one"),
      ...providers.map(({ id, name }) => h("option", { value: id }, name === id ? id : `${name} (${id})`)),
      ...(value && !known ? [h("option", { value }, value)] : []),
      h("option", { value: NEW }, "a new one…"),
    );
    this.#provider.value = value;
    this.#newBox.hidden = value !== NEW;
    const groups = choices(providers).map(({ name, models }) =>
      h("optgroup", { label: name }, ...models.map((one) => h("option", { value: one.public_name }, one.name))),
    );
    this.#from.replaceChildren(h("option", { value: "" }, "nothing"), ...groups);
  }

  /** What is known of another model into the fields. */
  #copy() {
    const providers = /** @type {readonly Provider[]} */ (this.#listed ?? []);
    const from = providers.flatMap((provider) => provider.models).find((one) => one.public_name === this.#from.value);
    const facts = /** @type {Record<string, unknown>} */ (from ?? {});
    for (const one of this.#fields) if (COPIED.includes(one.name)) one.write(shared(facts[one.name]));
  }

  /** Puts what is wrong beside its field, and takes away what was wrong before. @param {readonly Finding[]} problems */
  complain(problems) {
    const isNew = this.#provider.value === NEW;
    const { provider, id, newId } = this.#who;
    for (const one of this.#fields) one.complain(this.asText ? "" : messages(problems, one.name));
    for (const one of this.#ofProvider) one.complain(isNew ? messages(problems, `new_provider.${one.name}`) : "");
    provider.complain(isNew ? "" : messages(problems, "provider"));
    newId.complain(isNew ? messages(problems, "provider") : "");
    id.complain(messages(problems, "id"));
  }

  /** What must be there and is not, said where it is missing. Returns whether anything is. */
  missing() {
    const { provider, id } = this.name;
    const isNew = this.#provider.value === NEW;
    if (!provider && !isNew) this.#who.provider.complain("Choose a provider.");
    if (!provider && isNew) this.#who.newId.complain("Give the provider an id.");
    if (!id) this.#who.id.complain("Give the model an id.");
    return !provider || !id;
  }

  /** Go to the first field with a complaint. Returns whether there is one. */
  focusWrong() {
    const { provider, newId, id } = this.#who;
    const first = [provider, id, newId, ...this.#ofProvider, ...this.#fields].find((one) => one.wrong());
    first?.element.closest("details")?.setAttribute("open", "");
    first?.focus();
    return Boolean(first);
  }

  /** Where one begins to fill it in. */
  focus() {
    (this.#provider.disabled ? this.#fields[0] : this.#who.provider)?.focus();
  }
}

/** Unknown facts are none; an empty list or mapping is none, either. @param {unknown} value */
function shared(value) {
  const known = typeof value === "object" && value ? Object.values(value).some((one) => one != null) : value != null;
  if (!known) return undefined;
  return Array.isArray(value) || typeof value !== "object" ? value : Object.fromEntries(Object.entries(value ?? {}).filter(([, one]) => one != null)); // prettier-ignore
}

/** Fields of a schema: the most used ones in groups, the rest folded. @param {HTMLElement} box @param {any} schema @param {[string, string[]][]} groups @param {string[]} hidden */
function build(box, schema, groups, hidden) {
  const names = Object.keys(schema.properties).filter((name) => !hidden.includes(name));
  const made = new Map(names.map((name) => [name, fieldOf(name, schema.properties[name], schema)]));
  const top = groups.flatMap(([, some]) => some).filter((name) => made.has(name));
  const rest = names.filter((name) => !top.includes(name));
  const grid = (/** @type {string[]} */ some) =>
    h("div", { class: "grid" }, ...some.map((name) => made.get(name)?.element));
  for (const [title, some] of groups)
    box.append(title ? h("fieldset", { class: "part" }, h("legend", {}, title), grid(some)) : grid(some));
  box.append(h("details", {}, h("summary", {}, "More"), grid(rest)));
  const order = [...new Set([...(groups === GROUPS ? ORDER : top), ...top, ...rest])];
  return order.flatMap((name) => made.get(name) ?? []);
}

/** @param {readonly Finding[]} problems @param {string} name */
const messages = (problems, name) =>
  problems
    .filter((one) => one.field === name && (one.severity ?? "error") === "error")
    .map((one) => one.message.replaceAll("`", ""))
    .join(" ");
