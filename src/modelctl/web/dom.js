// @ts-check
/** Elements without markup in strings: text from the catalog can only ever become text. */

/** @typedef {string | number | Node | null | undefined | false} Child */
/** @typedef {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} Props */

/**
 * `onclick` and the like are listeners, true is an empty attribute, false and null are none.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Props} [props] @param {...Child} children @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value != null && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...kept(children));
  return element;
}

/** @param {string} tag @param {Record<string, string | number>} [props] @param {...Child} children @returns {SVGElement} */
export function svg(tag, props = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(props)) element.setAttribute(name, String(value));
  element.append(...kept(children));
  return element;
}

/** @param {Child[]} children @returns {(string | Node)[]} */
export const kept = (children) =>
  children
    .filter((child) => child != null && child !== false && child !== "")
    .map((child) => (child instanceof Node ? child : String(child)));

/** @param {ParentNode} root @param {string} selector @returns {HTMLElement} */
export function one(root, selector) {
  const found = root.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`no ${selector}`);
  return found;
}

/** Write only what differs: an unchanged text costs no layout. @param {Element} element @param {string} text */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {Element} element @param {string} name @param {string | null | false} value null and false take it away */
export function attr(element, name, value) {
  if (value === null || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Bring the children into this order and number, moving only what must. @param {Element} parent @param {readonly Element[]} wanted */
export function arrange(parent, wanted) {
  let next = parent.firstElementChild;
  for (const element of wanted) {
    if (element === next) next = next.nextElementSibling;
    else parent.insertBefore(element, next);
  }
  while (next) {
    const gone = next;
    next = next.nextElementSibling;
    gone.remove();
  }
}

/** Only heard by screen readers. @param {string} text */
export const sr = (text) => h("span", { class: "sr" }, text);

/** @param {string} kind @param {Child} text @param {string} [title] */
export const pill = (kind, text, title) => h("span", { class: `pill ${kind}`, title }, text);
