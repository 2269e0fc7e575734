// @ts-check
/**
 * Form fields from a JSON Schema's properties. Each reads its value, or tells what is wrong with it.
 *
 * @typedef {Record<string, any>} Schema
 * @typedef {import("./form-field.js").Field} Field
 */
import { CAPABILITIES } from "../clients/model-facts.js";
import { h } from "./dom.js";
import { fieldWith, groupOf, textOf, Wrong } from "./form-field.js";
import { isVariable, KEY_HINT, ofReference, reference } from "./key-name.js";

/** @type {Record<string, string>} */
const LABELS = {
  api_key: "Variable that holds the key",
  api_base: "API base",
  api_version: "API version",
  model: "Provider's own id",
  id: "Key",
  ...Object.fromEntries(Object.values(CAPABILITIES)),
  litellm_model: "LiteLLM model",
  litellm_provider: "LiteLLM provider",
};
/** Said instead of the schema's description, which lists what the choices show. @type {Record<string, string>} */
const HINTS = { mode: "The kind of requests it takes. Empty: as in LiteLLM's price map." };
const MODES = ["chat", "responses", "completion", "embedding", "image_generation", "audio_transcription", "audio_speech", "rerank"]; // prettier-ignore
let lists = 0;

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
  if (schema.enum) return chosen(name, schema, schema.enum.map((/** @type {string} */ one) => [one, one])); // prettier-ignore
  if (schema.type === "boolean") return chosen(name, schema, [["yes", true], ["no", false]]); // prettier-ignore
  if (schema.type === "integer" || schema.type === "number") return numberField(name, schema);
  if (schema.type === "array" && schema.items?.type === "string") return listField(name, schema);
  if (schema.type === "string") return textField(name, schema);
  return jsonField(name, schema);
}

/** @param {string} name @param {string} [hint] */
const about = (name, hint) => ({ name, label: labelOf(name), hint: HINTS[name] ?? hint });

/** @param {string} name @param {Schema} schema */
function textField(name, { description, format }) {
  const control = h("input", { type: format === "date" ? "date" : "text", autocomplete: "off" });
  const field = fieldWith(about(name, description), control);
  if (name !== "mode") return field;
  const options = h("datalist", { id: `modes-${++lists}` }, ...MODES.map((value) => h("option", { value })));
  control.setAttribute("list", options.id);
  field.element.append(options);
  return field;
}

/** @param {string} name @param {Schema} schema */
function numberField(name, { description, type, minimum }) {
  const step = type === "integer" ? "1" : "any";
  const control = h("input", { type: "number", step, min: minimum, inputmode: "decimal", autocomplete: "off" });
  return fieldWith(about(name, description), control, {
    read() {
      if (control.validity.badInput) throw new Wrong("this is no number");
      if (!control.validity.valid)
        throw new Wrong(control.validity.stepMismatch ? "must be a whole number" : `must be ${minimum} or more`);
      return control.value === "" ? undefined : Number(control.value);
    },
    write: textOf(control).write,
  });
}

/** @param {string} name @param {Schema} schema @param {[string, unknown][]} options */
function chosen(name, { description }, options) {
  const choices = options.map(([text]) => h("option", {}, text));
  const control = h("select", {}, h("option", { value: "" }, "unknown"), ...choices);
  return fieldWith(about(name, description), control, {
    read: () => options.find(([text]) => text === control.value)?.[1],
    write: (value) => (control.value = options.find(([, one]) => one === value)?.[0] ?? ""),
  });
}

/** @param {string} name @param {Schema} schema */
function listField(name, { description }) {
  const control = h("input", { autocomplete: "off", placeholder: "separated by commas" });
  return fieldWith(about(name, description), control, {
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
  return fieldWith(about(name, description), control, {
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
  return fieldWith(about(name, KEY_HINT), control, {
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
  return groupOf(name, labelOf(name), inner);
}
