// @ts-check
/** Everything known of one model, and the small pieces that lists share. */
import { CAPABILITIES, CAPABILITY_NAMES, has, kindName, kindOf, mark, price, tokens } from "../clients/model-facts.js";
import { h } from "./dom.js";

/** @typedef {import("../clients/model-types.js").Model} Model */

/** @param {Model} model */
export function facts(model) {
  const { price: usd, lifecycle } = model;
  const cost = [
    ["in", usd.input],
    ["out", usd.output],
    ["cached in", usd.cached_input],
  ]
    .filter(([, one]) => one != null)
    .map(([side, one]) => `${price(/** @type {number} */ (one))} ${side}`)
    .join(" · ");
  const can = CAPABILITY_NAMES.filter((name) => has(model, name))
    .map((name) => CAPABILITIES[name][1])
    .join(", ");
  const life = [
    lifecycle.status,
    lifecycle.released && `released ${lifecycle.released}`,
    lifecycle.retires && `retires ${lifecycle.retires}`,
    lifecycle.successor && `use ${lifecycle.successor}`,
  ];
  /** @type {[string, string][]} */
  const rows = [
    ["Public name", model.public_name],
    ["Provider", model.provider],
    ["Kind", kindName(kindOf(model.mode))],
    ["Capabilities", can],
    ["Context", model.context_window ? `${tokens(model.context_window)} tokens` : ""],
    ["Longest answer", model.max_output_tokens ? `${tokens(model.max_output_tokens)} tokens` : ""],
    ["Price per 1M", cost],
    ["Tags", model.tags.join(", ")],
    ["Lifecycle", life.filter(Boolean).join(", ")],
  ];
  const list = h("dl", { class: "facts" });
  for (const [name, text] of rows) if (text) list.append(h("dt", {}, name), h("dd", {}, text));
  return list;
}

/** "128k context · $1.00 in · $2.00 out · Vision, Tools": the most important of it in one line. @param {Model} model */
export function brief(model) {
  const { input, output } = model.price;
  return [
    model.context_window ? `${tokens(model.context_window)} context` : "",
    input == null ? "" : `${price(input)} in`,
    output == null ? "" : `${price(output)} out`,
    CAPABILITY_NAMES.filter((name) => has(model, name))
      .map((name) => CAPABILITIES[name][1])
      .join(", "),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** Fills `element` with a mark; it says nothing that a name beside it does not. @param {HTMLElement} element @param {{id?: string, name: string, icon?: string | null, color?: string | null}} of */
export function paint(element, of) {
  const sign = mark(of);
  if ("image" in sign) {
    element.replaceChildren(h("img", { alt: "", src: sign.image, loading: "lazy" }));
    element.style.background = "none";
    return element;
  }
  element.textContent = sign.text;
  element.style.background = sign.color;
  element.style.color = sign.ink;
  return element;
}

/** @param {{id?: string, name: string, icon?: string | null, color?: string | null}} of */
export const markOf = (of) => paint(h("span", { class: "mark", "aria-hidden": "true" }), of);
