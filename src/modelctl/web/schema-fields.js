// @ts-check
/**
 * Form fields from a JSON Schema's properties. Each reads its value, or says what is wrong with it.
 *
 * @typedef {object} Field
 * @property {string} name the key in the file
 * @property {HTMLElement} element
 * @property {() => unknown} read undefined is "unknown". Throws a Wrong
 * @property {(value: unknown) => void} write
 * @property {(text: string) => void} complain
 * @property {() => void} focus
 *
 * @typedef {Record<string, any>} Schema
 */
import { h, say } from "./dom.js";
import { prose } from "./problems.js";
import { isVariable, KEY_HINT, ofReference, reference } from "./key-name.js";

/** What a field holds will not do. */
export class Wrong extends Error {}

/** @type {Record<string, string>} */
const LABELS = {
  api_key: "Variable that holds the key",
  api_base: "API base",
  api_version: "API version",
  model: "Provider's own id",
  id: "Key",
  is_reasoning: "Reasoning",
  supports_streaming: "Streaming",
  supports_tools: "Tools",
  supports_vision: "Vision",
  supports_audio: "Audio",
  supports_json: "JSON",
  litellm_model: "LiteLLM model",
  litellm_provider: "LiteLLM provider",
};
const MODES = ["chat", "responses", "completion", "embedding", "image_generation", "audio_transcription", "audio_speech", "rerank"]; // prettier-ignore
const PLAIN = ["mode"]; // fields whose choices say more than a hint
let ids = 0;

/** @param {string} name */
export const labelOf = (name) =>
  LABELS[name] ?? name.replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase());

/** Without "or null", and what a reference stands for. @param {Schema} schema @param {Schema} root @returns {Schema} */
function resolved(schema, root) {
  const real = schema.anyOf?.find((/** @type {Schema} */ one) => one.type !== "null") ?? schema;
  const name = real.$ref?.split("/").pop();
  const target = name ? root.$defs?.[name] : real;
  return { ...target, description: schema.description ?? target?.description };
}

/** @param {string} name @param {Schema} property @param {Schema} root the whole schema @returns {Field} */
export function fieldOf(name, property, root) {
  const schema = resolved(property, root);
  if (name === "api_key") return keyField(name);
  if (schema.properties) return groupField(name, schema, root);
  if (schema.enum)
    return chosen(
      name,
      schema,
      schema.enum.map((/** @type {string} */ one) => [one, one]),
    );
  if (schema.type === "boolean") return chosen(name, schema, [["yes", true], ["no", false]]); // prettier-ignore
  if (schema.type === "integer" || schema.type === "number") return numberField(name, schema);
  if (schema.type === "array" && schema.items?.type === "string") return listField(name, schema);
  if (schema.type === "string") return textField(name, schema);
  return jsonField(name, schema);
}

/**
 * @param {string} name @param {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} control
 * @param {string | undefined} hint @param {{read: () => unknown, write: (value: unknown) => void}} way
 * @returns {Field}
 */
function made(name, control, hint, { read, write }) {
  const id = `field-${++ids}`;
  /** What was there stays exactly so until somebody changes it. @type {unknown} */
  let written;
  /** @type {string | null} */
  let shown = null;
  const wrong = h("small", { class: "wrong", id: `${id}-wrong` });
  const small = hint && !PLAIN.includes(name) ? h("small", { id: `${id}-hint` }, ...prose(hint)) : null;
  control.id = id;
  control.setAttribute("name", name);
  control.setAttribute("aria-describedby", `${id}-wrong${small ? ` ${id}-hint` : ""}`);
  if (!(control instanceof HTMLSelectElement)) control.spellcheck = false;
  const element = h(
    "div",
    { class: "field", "data-field": name },
    h("label", { for: id }, labelOf(name)),
    control,
    small,
    wrong,
  );
  return {
    name,
    element,
    read: () => (control.value === shown ? written : read()),
    write(value) {
      write(value);
      [written, shown] = [value ?? undefined, control.value];
    },
    focus: () => control.focus(),
    complain(text) {
      say(wrong, text);
      if (text) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    },
  };
}

/** @param {string} name @param {Schema} schema */
function textField(name, { description, format }) {
  const control = h("input", { type: format === "date" ? "date" : "text", autocomplete: "off" });
  const options =
    name === "mode" ? h("datalist", { id: `modes-${++ids}` }, ...MODES.map((value) => h("option", { value }))) : null;
  if (options) control.setAttribute("list", options.id);
  const field = made(name, control, description, {
    read: () => control.value.trim() || undefined,
    write: (value) => (control.value = value == null ? "" : String(value)),
  });
  if (options) field.element.append(options);
  return field;
}

/** @param {string} name @param {Schema} schema */
function numberField(name, { description, type, minimum }) {
  const step = type === "integer" ? "1" : "any";
  const control = h("input", { type: "number", step, min: minimum, inputmode: "decimal", autocomplete: "off" });
  return made(name, control, description, {
    read() {
      if (control.validity.badInput) throw new Wrong("this is no number");
      if (!control.validity.valid)
        throw new Wrong(control.validity.stepMismatch ? "must be a whole number" : `must be ${minimum} or more`);
      return control.value === "" ? undefined : Number(control.value);
    },
    write: (value) => (control.value = value == null ? "" : String(value)),
  });
}

/** @param {string} name @param {Schema} schema @param {[string, unknown][]} options */
function chosen(name, { description }, options) {
  const control = h(
    "select",
    {},
    h("option", { value: "" }, "unknown"),
    ...options.map(([text]) => h("option", {}, text)),
  );
  return made(name, control, description, {
    read: () => options.find(([text]) => text === control.value)?.[1],
    write: (value) => (control.value = options.find(([, one]) => one === value)?.[0] ?? ""),
  });
}

/** @param {string} name @param {Schema} schema */
function listField(name, { description }) {
  const control = h("input", { autocomplete: "off", placeholder: "separated by commas" });
  return made(name, control, description, {
    read() {
      const words = control.value.split(",").map((one) => one.trim()).filter(Boolean); // prettier-ignore
      return words.length ? words : undefined;
    },
    write: (value) => (control.value = Array.isArray(value) ? value.join(", ") : ""),
  });
}

/** @param {string} name @param {Schema} schema */
function jsonField(name, { description }) {
  const control = h("textarea", { rows: 2, placeholder: "JSON" });
  return made(name, control, description, {
    read() {
      if (!control.value.trim()) return undefined;
      try {
        return JSON.parse(control.value);
      } catch {
        throw new Wrong("this is not JSON");
      }
    },
    write: (value) => (control.value = value == null ? "" : JSON.stringify(value, null, 1)),
  });
}

/** Only ever the name of a variable. @param {string} name */
function keyField(name) {
  const control = h("input", { autocomplete: "off", autocapitalize: "characters", placeholder: "ACME_API_KEY" });
  return made(name, control, KEY_HINT, {
    read() {
      const text = ofReference(control.value.trim());
      if (!text) return undefined;
      if (!isVariable(text)) throw new Wrong("only the name of a variable goes here, never the key itself");
      return reference(text);
    },
    write: (value) => (control.value = value == null ? "" : ofReference(String(value))),
  });
}

/** @param {string} name @param {Schema} schema @param {Schema} root @returns {Field} */
function groupField(name, schema, root) {
  const inner = Object.entries(schema.properties).map(([key, one]) => fieldOf(key, /** @type {Schema} */ (one), root));
  const wrong = h("small", { class: "wrong" });
  const element = h(
    "fieldset",
    { class: "span", "data-field": name },
    h("legend", {}, labelOf(name)),
    h("div", { class: "grid" }, ...inner.map((one) => one.element)),
    wrong,
  );
  return {
    name,
    element,
    read() {
      const value = readAll(inner);
      return Object.keys(value).length ? value : undefined;
    },
    write: (value) => writeAll(inner, /** @type {any} */ (value ?? {})),
    complain: (text) => say(wrong, text),
    focus: () => inner[0]?.focus(),
  };
}

/** Raises the first Wrong, after every field has said its own. @param {readonly Field[]} fields */
export function readAll(fields) {
  /** @type {Record<string, unknown>} */
  const value = {};
  let first = null;
  for (const field of fields) {
    try {
      field.complain("");
      const said = field.read();
      if (said !== undefined) value[field.name] = said;
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      if (field.element.tagName !== "FIELDSET") field.complain(error.message);
      first ??= new Wrong(`${labelOf(field.name)}: ${error.message}`);
    }
  }
  if (first) throw first;
  return value;
}

/** @param {readonly Field[]} fields @param {Record<string, unknown>} value */
export function writeAll(fields, value) {
  for (const field of fields) {
    field.complain("");
    field.write(value[field.name]);
  }
}
