// @ts-check
/** Short messages in a corner. What failed stays until it is closed. */
import { h, one } from "./dom.js";
import { prose } from "./problems.js";

const SHOWN_MS = 6000;
const MOST = 4;

/**
 * @typedef {object} Toast
 * @property {string} title
 * @property {(string | Node)[]} [lines]
 * @property {"good" | "warn" | "bad"} [tone]
 * @property {string} [action] what its button says
 * @property {() => void} [onAction]
 */

/** @param {Toast} toast */
export function toast({ title, lines = [], tone = "good", action, onAction }) {
  const place = one(document, "#toasts");
  const close = () => element.remove();
  const element = h(
    "div",
    { class: `toast ${tone}` },
    h(
      "div",
      { class: "said" },
      h("strong", {}, title),
      ...lines.map((line) => h("p", {}, ...(typeof line === "string" ? prose(line) : [line]))),
    ),
    action && h("button", { type: "button", class: "small", onclick: () => (close(), onAction?.()) }, action),
    h("button", { type: "button", class: "quiet icon i-close", "aria-label": "Close message", onclick: close }),
  );
  place.append(element);
  while (place.children.length > MOST) place.firstElementChild?.remove();
  if (tone !== "bad") leave(element, close);
}

/** Goes by itself, but not while someone reads it or stands in it. @param {HTMLElement} element @param {() => void} close */
function leave(element, close) {
  let timer = setTimeout(close, SHOWN_MS);
  const stay = () => clearTimeout(timer);
  const go = () => (timer = setTimeout(close, SHOWN_MS));
  addEventListener("hashchange", close, { once: true }); // what it says belongs to the section that is left
  for (const name of ["pointerenter", "focusin"]) element.addEventListener(name, stay);
  for (const name of ["pointerleave", "focusout"]) element.addEventListener(name, go);
}
