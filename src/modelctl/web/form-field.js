// @ts-check
/**
 * One field of a form: its label, its control, what helps, and beside it what is wrong with it.
 *
 * @typedef {object} Field
 * @property {string} name the key in the file
 * @property {HTMLElement} element
 * @property {() => unknown} read undefined is "unknown". Throws a Wrong
 * @property {(value: unknown) => void} write
 * @property {(text: string) => void} complain
 * @property {() => boolean} wrong whether a complaint stands beside it
 * @property {() => void} focus
 *
 * @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control
 * @typedef {{read: () => unknown, write: (value: unknown) => void}} Way between the control and the value
 * @typedef {{name: string, label: string, hint?: string, required?: boolean}} About
 */
import { attr, h, say } from "./dom.js";
import { prose } from "./problems.js";

/** What a field holds will not do. */
export class Wrong extends Error {}

let ids = 0;

/** @param {About} about @param {Control} control @param {Way} [way] @returns {Field} */
export function fieldWith({ name, label, hint, required }, control, way = textOf(control)) {
  const id = `field-${++ids}`;
  const wrong = h("small", { class: "wrong", id: `${id}-wrong` });
  const small = hint ? h("small", { id: `${id}-hint` }, ...prose(hint)) : null;
  control.id = id;
  control.name = name;
  control.required = Boolean(required);
  control.setAttribute("aria-describedby", `${id}-wrong${small ? ` ${id}-hint` : ""}`);
  if (!(control instanceof HTMLSelectElement)) control.spellcheck = false;
  const mark = required ? h("span", { class: "needed" }, "required") : null;
  const head = h("label", { for: id }, label, mark ? " " : "", mark);
  return {
    name,
    element: h("div", { class: "field", "data-field": name }, head, control, small, wrong),
    ...keeping(control, way),
    focus: () => control.focus(),
    wrong: () => wrong.textContent !== "",
    complain(text) {
      say(wrong, text);
      attr(control, "aria-invalid", text ? "true" : null);
    },
  };
}

/** What was there stays exactly so until somebody changes it. @param {Control} control @param {Way} way @returns {Way} */
function keeping(control, { read, write }) {
  /** @type {unknown} */
  let written;
  /** @type {string | null} */
  let shown = null;
  return {
    read: () => (control.value === shown ? written : read()),
    write(value) {
      write(value);
      [written, shown] = [value ?? undefined, control.value];
    },
  };
}

/** @param {Control} control @returns {Way} */
export const textOf = (control) => ({
  read: () => control.value.trim() || undefined,
  write: (value) => (control.value = value == null ? "" : String(value)),
});

/** Several fields under one heading, which are one value. @param {string} name @param {string} label @param {Field[]} inner @returns {Field} */
export function groupOf(name, label, inner) {
  const id = `field-${++ids}-wrong`;
  const wrong = h("small", { class: "wrong", id });
  const grid = h("div", { class: "grid" }, ...inner.map((one) => one.element));
  const title = h("legend", {}, label);
  const element = h("fieldset", { class: "span", "data-field": name, "aria-describedby": id }, title, grid, wrong);
  return {
    name,
    element,
    read() {
      const value = readAll(inner);
      return Object.keys(value).length ? value : undefined;
    },
    write: (value) => writeAll(inner, /** @type {any} */ (value ?? {})),
    complain: (text) => say(wrong, text),
    wrong: () => wrong.textContent !== "" || inner.some((one) => one.wrong()),
    focus: () => (inner.find((one) => one.wrong()) ?? inner[0])?.focus(),
  };
}

/** Raises the first Wrong, after every field has shown its own. @param {readonly Field[]} fields @param {(name: string) => string} [labelOf] */
export function readAll(fields, labelOf = (name) => name) {
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
