// @ts-check
/** Every route, and how to begin where there is none. */
import { arrange, h } from "./dom.js";
import { RouteItem } from "./route-item.js";

/** @param {HTMLElement} panel @param {import("./app.js").Page} page */
export function mount(panel, page) {
  const list = h("ul", { class: "route-list wide" });
  const empty = h("div", { class: "empty", hidden: true }, ...nothing());
  panel.append(h("h1", {}, "Routes"), list, empty);
  /** @type {Map<string, RouteItem>} */
  const made = new Map();
  return {
    show() {
      const { routes, loaded } = page.client.getSnapshot();
      const items = routes.map((route) => {
        const item = made.get(route.route) ?? new RouteItem(route.route, page);
        made.set(route.route, item);
        item.show(route);
        return item.element;
      });
      arrange(list, items);
      empty.hidden = !loaded || routes.length > 0;
    },
  };
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
