// @ts-check
/** One route: the model that it points to with what that costs and can do, by whose will, for how long, what follows. */
import "../clients/model-selector.js";
import { kindName, retirement, routeKind, tokens } from "../clients/model-facts.js";
import { h, kept, pill, say } from "./dom.js";
import { brief } from "./facts.js";
import { linkToRoute } from "./links.js";
import { prose } from "./problems.js";
import { remedy } from "./remedy.js";
import { flags } from "./route-cards.js";
import { liveOf } from "./route-live.js";
import { countdown, since } from "./time.js";

/** @typedef {import("../clients/model-types.js").Route} Route */
/** @typedef {import("../clients/model-types.js").Model} Model */

export class RouteItem {
  #head = h("div", { class: "head" });
  #model = h("div", { class: "model-facts" });
  #will = h("div", { class: "stack tight" });
  #back;
  #live = h("div", { class: "route-live" });
  #said = "";
  #told = "";

  /** @param {string} name @param {import("./app.js").Page} page */
  constructor(name, page) {
    this.page = page;
    this.#back = button("Roll back", () => void page.switcher.back(name));
    const reason = button("Set reason or time limit…", () => this.#ask(name));
    const all = h("a", { href: linkToRoute(name) }, "Choose in the list");
    this.element = h(
      "li",
      { class: "route-item" },
      this.#head,
      h(
        "div",
        { class: "route-body" },
        h(
          "div",
          { class: "stack" },
          h("div", { class: "stack tight" }, selectorOf(name, page), this.#model),
          h("div", { class: "act" }, this.#back, reason, all),
        ),
        this.#will,
      ),
      this.#live,
    );
  }

  /** @param {string} name */
  #ask(name) {
    const { routes } = this.page.client.getSnapshot();
    const route = routes.find((one) => one.route === name);
    const model = route && this.page.client.find(route.provider, route.model_id);
    if (model) void this.page.switcher.ask(model, name);
  }

  /** @param {Route} route */
  show(route) {
    const { client } = this.page;
    const model = client.find(route.provider, route.model_id);
    const fallbacks = (route.fallbacks ?? []).map((name) => ({ name, model: client.find(null, name) }));
    const text = JSON.stringify([route, model, fallbacks]);
    if (text === this.#said) return;
    this.#said = text;
    this.#head.replaceChildren(
      ...kept([h("h2", {}, route.route), originOf(route), ...flags({ ...route, until: null })]),
    );
    this.#model.replaceChildren(...(model ? factsOf(model) : []));
    this.#will.replaceChildren(...willOf(route), ...needsOf(route), ...fallbacksOf(fallbacks));
    this.#back.hidden = !route.rollback_to;
    say(this.#back, route.guarded ? `Back to ${route.rollback_to} now` : `Roll back to ${route.rollback_to}`);
    this.element.classList.toggle("pending", Boolean(route.pending));
  }

  /** @param {Route} route @param {import("./route-live.js").Live} live */
  tell(route, live) {
    const parts = liveOf(route, live);
    const text = parts.map((part) => (part instanceof Element ? part.outerHTML : part.textContent)).join("");
    if (text === this.#told) return;
    this.#told = text;
    this.#live.replaceChildren(...parts);
  }
}

/** Who chose. @param {Route} route */
function originOf({ source, guarded, actor, target, instead_of }) {
  if (instead_of) return pill("bad", instead_of === target ? "blocked: nobody answers" : `instead of ${instead_of}, which is blocked`); // prettier-ignore
  if (source === "git") return pill("", "from git");
  if (guarded) return pill("bad", "switched by its guard");
  return actor === "budget" ? pill("warn", "switched by a budget") : pill("on", "selected at run time");
}

/** @param {string} text @param {() => void} onclick */
const button = (text, onclick) => h("button", { type: "button", class: "small", onclick }, text);

/** @param {string} name @param {import("./app.js").Page} page */
function selectorOf(name, page) {
  const selector = /** @type {import("../clients/model-selector.js").ModelSelector} */ (
    document.createElement("model-selector")
  );
  selector.setAttribute("route", name);
  selector.client = page.client;
  selector.addEventListener("choose", (event) => {
    event.preventDefault(); // the page has its own way to ask, tell and undo
    void page.switcher.to(/** @type {CustomEvent} */ (event).detail.model, name);
  });
  return selector;
}

/** @param {Model} model */
function factsOf(model) {
  const ending = retirement(model);
  return [
    h("p", { class: "needs" }, brief(model)),
    ...(model.reason ? [h("p", { class: "lack" }, ...remedy(model.reason))] : []),
    ...(ending && !model.reason ? [h("p", { class: "lack" }, h("span", { class: "why" }, ending))] : []),
  ];
}

/** Whose will it is, since when, why, and what comes after it. @param {Route} route */
function willOf(route) {
  const { source, description, actor, reason, until, default: usual, then } = route;
  const said = description ? [h("p", {}, description)] : [];
  if (source === "git") return [...said, line("Default", h("code", {}, usual))];
  const when = route.since ? [" ", since(route.since)] : [];
  return [
    ...said,
    line("Switched by", h("b", {}, actor ?? "someone"), ...when),
    ...(reason ? [line("Reason", ...prose(reason))] : []),
    ...(until ? [line("Limit", countdown(until), `, then back to `, h("code", {}, then ?? usual))] : []),
    line("Default", h("code", {}, usual)),
  ];
}

/** @param {string} name @param {...(string | Node)} children */
const line = (name, ...children) =>
  h("p", { class: "line-of" }, h("span", { class: "quiet-line" }, `${name}: `), ...children);

/** @param {Route} route */
function needsOf(route) {
  const { requires, choices } = route;
  const kind = routeKind(route);
  const needed = Object.entries(requires).filter(([name]) => name !== "mode").map(requirement); // prettier-ignore
  const offered = Array.isArray(choices)
    ? `one of ${choices.join(", ")}`
    : typeof choices === "object" && choices.tags
      ? `models tagged ${choices.tags.join(" or ")}`
      : "";
  const parts = [kind === "chat" ? "" : `${kindName(kind)} models`, needed.join(", "), offered].filter(Boolean);
  return parts.length ? [line("Requires", parts.join("; "))] : [];
}

/** @param {[string, unknown]} one */
function requirement([name, value]) {
  if (value === true) return name;
  const size = typeof value === "number" && /context|tokens/.test(name) ? tokens(value) : String(value);
  return `${name.replaceAll("_", " ")} ${size}`;
}

/** In their order, each with why it cannot be used now. @param {{name: string, model: Model | null}[]} fallbacks */
function fallbacksOf(fallbacks) {
  if (!fallbacks.length) return [];
  const each = fallbacks.map(({ name, model }) => {
    const why = model && !model.available ? h("span", { class: "why" }, ` ${model.reason}`) : null;
    return h("li", {}, h("code", {}, name), why);
  });
  return [h("div", { class: "fallbacks" }, h("span", { class: "quiet-line" }, "Fallbacks:"), h("ol", {}, ...each))];
}
