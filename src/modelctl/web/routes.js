// @ts-check
/** Every route: where it points, by whose will, for how long, and the way back. */
import "../clients/model-selector.js";
import { routeKind, kindName, tokens } from "../clients/model-facts.js";
import { arrange, h, pill } from "./dom.js";
import { flags } from "./route-cards.js";
import { since } from "./time.js";

/** @typedef {import("../clients/model-types.js").Route} Route */

/** @param {HTMLElement} panel @param {import("./app.js").Page} page */
export function mount(panel, page) {
  const list = h("ul", { class: "route-list" });
  const empty = h(
    "div",
    { class: "empty", hidden: true },
    h("h2", {}, "No routes yet"),
    h(
      "p",
      {},
      "A route is a name that applications call, so that the model can change without touching them. In ",
      h("code", {}, "catalog/routes.yaml"),
      ":",
    ),
    h("pre", { tabindex: 0, "aria-label": "Example" }, "active:\n  target: a-public-name\n"),
  );
  panel.append(h("h1", {}, "Routes"), list, empty);
  /** @type {Map<string, ReturnType<typeof item>>} */
  const made = new Map();
  return {
    show() {
      const { routes, loaded } = page.client.getSnapshot();
      arrange(
        list,
        routes.map((route) => {
          const kept = made.get(route.route) ?? item(route.route, page);
          made.set(route.route, kept);
          kept.show(route);
          return kept.element;
        }),
      );
      empty.hidden = !loaded || routes.length > 0;
    },
  };
}

/** @param {string} name @param {import("./app.js").Page} page */
function item(name, page) {
  const selector = /** @type {import("../clients/model-selector.js").ModelSelector} */ (
    document.createElement("model-selector")
  );
  selector.setAttribute("route", name);
  selector.client = page.client;
  selector.addEventListener("choose", (event) => {
    event.preventDefault(); // the page has its own way to ask, tell and undo
    void page.switcher.to(/** @type {CustomEvent} */ (event).detail.model, name);
  });
  const head = h("div", { class: "head" });
  const why = h("p", { class: "why-so" });
  const needs = h("p", { class: "needs" });
  const back = h(
    "button",
    { type: "button", class: "small", onclick: () => void page.switcher.back(name) },
    "Roll back",
  );
  const reason = h(
    "button",
    {
      type: "button",
      class: "small",
      onclick: () => {
        const { routes } = page.client.getSnapshot();
        const route = routes.find((one) => one.route === name);
        const model = route && page.client.find(route.provider, route.model_id);
        if (model) void page.switcher.ask(model, name);
      },
    },
    "Set reason or time limit…",
  );
  const element = h(
    "li",
    { class: "route-item" },
    head,
    h("div", { class: "act" }, selector, back, reason),
    why,
    needs,
  );
  let said = "";
  return {
    element,
    /** @param {Route} route */
    show(route) {
      const text = JSON.stringify(route);
      if (text === said) return;
      said = text;
      head.replaceChildren(
        h("h2", {}, route.route),
        pill(route.source === "git" ? "" : "on", route.source === "git" ? "as in git" : "chosen at run time"),
        ...flags(route).filter((one) => one !== null),
      );
      back.hidden = route.source === "git";
      why.replaceChildren(...whySo(route));
      needs.textContent = needsOf(route);
      element.classList.toggle("pending", Boolean(route.pending));
    },
  };
}

/** @param {Route} route @returns {(string | Node)[]} */
function whySo(route) {
  if (route.source === "git") return [route.description ?? `Its default, ${route.default}.`];
  const by = [
    h("b", {}, route.actor ?? "someone"),
    route.since ? h("span", {}, " ", since(route.since)) : "",
    route.reason ? `: ${route.reason}` : "",
  ];
  return [...by, ` (default ${route.default})`];
}

/** @param {Route} route */
function needsOf(route) {
  const { requires, choices, fallbacks } = route;
  const kind = routeKind(route);
  const parts = Object.entries(requires)
    .filter(([name]) => name !== "mode")
    .map(([name, value]) =>
      value === true
        ? name
        : `${name.replaceAll("_", " ")} ${typeof value === "number" && name.includes("context") ? tokens(value) : value}`,
    );
  return [
    kind !== "chat" ? `${kindName(kind)} models` : "",
    parts.length ? `requires ${parts.join(", ")}` : "",
    Array.isArray(choices)
      ? `one of ${choices.join(", ")}`
      : typeof choices === "object" && choices.tags
        ? `tagged ${choices.tags.join(" or ")}`
        : "",
    fallbacks?.length ? `falls back to ${fallbacks.join(", then ")}` : "",
  ]
    .filter(Boolean)
    .join(" · ");
}
