// @ts-check
/** Every route with its present model, small; one of them is in view and takes the next click. */
import { arrange, attr, h, pill } from "./dom.js";
import { markOf } from "./facts.js";
import { countdown } from "./time.js";

/** @typedef {import("../clients/model-types.js").Route} Route */

/** @param {import("./app.js").Page} page @param {(route: string) => void} onPick */
export function routeCards(page, onPick) {
  const list = h("ul", { class: "cards" });
  const element = h("div", { class: "routes-in-view" }, h("h2", { class: "label" }, "Route to switch"), list);
  /** @type {Map<string, {element: HTMLElement, text: string}>} */
  const made = new Map();

  return {
    element,
    /** @param {string} inView */
    show(inView) {
      const { routes, loaded } = page.client.getSnapshot();
      element.hidden = loaded && !routes.length;
      const cards = routes.map((route) => {
        const provider = page.client.getSnapshot().providers.find((one) => one.id === route.provider);
        const model = page.client.find(route.provider, route.model_id);
        const text = JSON.stringify([route, model?.name, provider?.color, provider?.icon, inView]);
        const kept = made.get(route.route);
        if (kept?.text === text) return kept.element;
        const focused = kept?.element.contains(document.activeElement);
        const card = cardOf(
          route,
          model?.name ?? route.target,
          provider ?? { id: route.provider ?? "?", name: route.provider ?? "?" },
          route.route === inView,
          onPick,
        );
        kept?.element.replaceWith(card);
        if (focused) card.querySelector("button")?.focus();
        made.set(route.route, { element: card, text });
        return card;
      });
      arrange(list, cards);
    },
  };
}

/** @param {Route} route @param {string} name @param {{id: string, name: string}} provider @param {boolean} inView @param {(route: string) => void} onPick */
function cardOf(route, name, provider, inView, onPick) {
  const button = h(
    "button",
    { type: "button", class: "card", "data-route": route.route, onclick: () => onPick(route.route) },
    markOf(provider),
    h("span", { class: "which" }, h("span", { class: "route" }, route.route), h("span", { class: "model" }, name)),
    h("span", { class: "flags" }, ...flags(route)),
  );
  attr(button, "aria-pressed", String(inView));
  button.classList.toggle("pending", Boolean(route.pending));
  return h("li", {}, button);
}

/** @param {NonNullable<Route["proof"]>} proof */
const step = ({ step: at, steps, share }) =>
  `step ${at} of ${steps.length}: ${share} % of its sessions; a rollback stops it`;

/** @param {Route} route */
export const flags = (route) => [
  route.until ? countdown(route.until) : null,
  route.proof ? pill("", `proving ${route.proof.new}`, step(route.proof)) : null,
  route.diverged ? pill("warn", "diverges from git", `the catalog says ${route.default}`) : null,
  route.forced ? pill("warn", "forced", route.reason ?? undefined) : null,
  route.pinned ? pill("", "pinned", "stays when a reviewed change moves the default") : null,
];
