// @ts-check
/** Every route and what goes on at it, and how to begin where there is none. */
import { arrange, h } from "./dom.js";
import { RouteItem } from "./route-item.js";
import { alertsOf, readLive } from "./route-live.js";

const AGAIN_MS = 5000;

/** @param {HTMLElement} panel @param {import("./app.js").Page} page */
export function mount(panel, page) {
  const section = new Routes(page);
  panel.append(h("h1", {}, "Routes"), section.alerts, section.list, section.empty);
  setInterval(() => {
    if (!panel.hidden && !document.hidden && page.client.getSnapshot().connection === "live") void section.look();
  }, AGAIN_MS);
  return { show: () => section.show() };
}

class Routes {
  list = h("ul", { class: "route-list wide" });
  empty = h("div", { class: "empty", hidden: true }, ...nothing());
  alerts = h("p", { class: "needs", role: "status" });
  /** @type {Map<string, RouteItem>} */
  #made = new Map();
  /** @type {import("./route-live.js").Live | null} */
  #live = null;
  #targets = "";

  /** @param {import("./app.js").Page} page */
  constructor(page) {
    this.page = page;
  }

  show() {
    const { routes, loaded } = this.page.client.getSnapshot();
    const items = routes.map((route) => {
      const item = this.#made.get(route.route) ?? new RouteItem(route.route, this.page);
      this.#made.set(route.route, item);
      item.show(route);
      if (this.#live) item.tell(route, this.#live);
      return item.element;
    });
    arrange(this.list, items);
    this.empty.hidden = !loaded || routes.length > 0;
    const targets = JSON.stringify(routes.map((route) => [route.target, route.guarded]));
    if (!loaded || targets === this.#targets) return;
    this.#targets = targets;
    void this.look();
  }

  /** What fails is tried again with the next look; the connection says what is wrong. */
  async look() {
    try {
      this.#live = await readLive();
    } catch {
      return;
    }
    const told = alertsOf(this.#live.alerts);
    if (told.map((part) => part.textContent).join("") !== this.alerts.textContent) this.alerts.replaceChildren(...told);
    this.show();
  }
}

const nothing = () => [
  h("h2", {}, "No routes yet"),
  h(
    "p",
    {},
    "A route is a name that applications call, so that the model can change without touching them. In ",
    h("code", {}, "catalog/routes.yaml"),
    ":",
  ),
  h("pre", { tabindex: 0, "aria-label": "Example" }, "active:\n  target: a-public-name\n"),
];
