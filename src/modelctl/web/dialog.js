// @ts-check
/** Questions in a modal dialog. Esc and a click beside it mean no. */
import { h } from "./dom.js";

/** @typedef {import("./dom.js").Child} Child */

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {Child[]} [body] fields are read by their `name`
 * @property {string} [yes] what the button says; without it there is only "Close"
 * @property {"danger" | ""} [tone]
 * @property {boolean} [wide]
 * @property {(values: Record<string, string>) => string | null} [check] why the answer will not do
 */

/** The values of its fields, or null. @param {Question} question @returns {Promise<Record<string, string> | null>} */
export function ask({ title, body = [], yes, tone = "", wide = false, check = () => null }) {
  return new Promise((resolve) => {
    /** @type {Record<string, string> | null} */
    let answer = null;
    const wrong = h("p", { class: "wrong", role: "alert" });
    const form = h(
      "form",
      { novalidate: true },
      h("h2", { id: "dialog-title" }, title),
      ...body.map((child) => (child instanceof Node ? child : h("p", {}, child))),
      wrong,
      h(
        "div",
        { class: "buttons" },
        h("button", { type: "button", onclick: () => dialog.close() }, yes ? "Cancel" : "Close"),
        yes && h("button", { type: "submit", class: `primary ${tone}` }, yes),
      ),
    );
    const dialog = h("dialog", { class: wide && "wide", "aria-labelledby": "dialog-title" }, form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const values = read(form);
      wrong.textContent = check(values);
      if (!wrong.textContent) ((answer = values), dialog.close());
    });
    dialog.addEventListener("pointerdown", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => (dialog.remove(), resolve(answer)));
    document.body.append(dialog);
    dialog.showModal();
    const first = form.querySelector("[autofocus], input, select, textarea");
    if (first instanceof HTMLElement) first.focus();
  });
}

/** @param {HTMLFormElement} form */
function read(form) {
  /** @type {Record<string, string>} */
  const values = {};
  for (const field of form.querySelectorAll("input, select, textarea")) {
    const { name, value, type } = /** @type {HTMLInputElement} */ (field);
    if (type === "radio" && !(/** @type {HTMLInputElement} */ (field).checked)) continue;
    if (name)
      values[name] =
        type === "checkbox" ? (/** @type {HTMLInputElement} */ (field).checked ? "yes" : "") : value.trim();
  }
  return values;
}

/** @param {string} label @param {HTMLElement} control @param {Child} [hint] */
export function field(label, control, hint) {
  return h("label", { class: "field" }, h("span", {}, label), control, hint && h("small", {}, hint));
}
