// @ts-check
/**
 * What `<model-selector>` lists, and the elements that it is made of.
 *
 * @typedef {import("./model-types.js").Model} Model
 * @typedef {import("./model-types.js").Provider} Provider
 * @typedef {{model: Model, element: HTMLElement, words: string}} Option
 */
import { kindOf, mark, misfit, price, routeKind, tokens } from "./model-facts.js";

/** @template {keyof HTMLElementTagNameMap} K @param {K} tag @param {Record<string, string>} attributes @param {...(Node | string)} children */
export function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Only what the route could hold, by provider. @param {readonly Provider[]} providers @param {import("./model-types.js").Route} route */
export function offered(providers, route) {
  const kind = routeKind(route);
  return providers
    .map(
      (provider) =>
        /** @type {[Provider, Model[]]} */ ([
          provider,
          provider.models.filter((model) => kindOf(model.mode) === kind && !model.public_name.includes("*")),
        ]),
    )
    .filter(([, models]) => models.length);
}

/** @param {Model} model @param {import("./model-types.js").Route} route */
export const isCurrent = (model, route) => model.id === route.model_id && model.provider === route.provider;

/** @param {Model} model @param {Provider} provider @param {import("./model-types.js").Route} route @param {number} at @returns {Option} */
export function optionOf(model, provider, route, at) {
  const why = misfit(model, route);
  const cost = [price(model.price.input), price(model.price.output)].filter(Boolean).join(" / ");
  const facts = why ?? [tokens(model.context_window), cost].filter(Boolean).join(" · ");
  const sign = make("span", { part: "mark", "aria-hidden": "true" });
  paint(sign, model, provider);
  const element = make(
    "div",
    { part: "option", role: "option", id: `option-${at}`, "aria-selected": String(isCurrent(model, route)) },
    sign,
    make("span", { part: "name" }, model.name),
    make("span", { part: "facts" }, facts),
  );
  if (why) element.setAttribute("data-misfit", "");
  element.title = model.public_name;
  const words = [model.name, model.public_name, model.id, provider.name, ...model.tags].join(" ").toLowerCase();
  return { model, element, words };
}

/** @param {HTMLElement} element @param {{id?: string, name: string, icon?: string | null, color?: string | null}} of @param {Provider} [provider] */
export function paint(element, of, provider) {
  const sign = mark({
    id: provider?.id ?? of.id,
    name: provider?.name ?? of.name,
    icon: of.icon ?? provider?.icon,
    color: of.color ?? provider?.color,
  });
  if ("image" in sign) {
    const image = make("img", { alt: "", src: sign.image });
    element.replaceChildren(image);
    element.style.background = "none";
  } else {
    element.textContent = sign.text;
    element.style.background = sign.color;
    element.style.color = sign.ink;
  }
}
