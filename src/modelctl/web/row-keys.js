// @ts-check
/** Which row an event is about, where the keyboard goes in the list, and the headings of its columns. */
import { h } from "./dom.js";

/** @param {EventTarget | null} target */
export const rowKey = (target) =>
  /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest(".row"))?.dataset.key;

/** @param {HTMLElement} from @param {number} step */
function beside(from, step) {
  const buttons = [...(from.closest(".row")?.querySelectorAll("button") ?? [])];
  const pick = buttons.findIndex((button) => button.classList.contains("pick"));
  const ring = [...buttons.slice(pick), ...buttons.slice(0, pick)]; // the name first, then what else can be done
  ring[Math.max(0, Math.min(ring.length - 1, ring.indexOf(/** @type {HTMLButtonElement} */ (from)) + step))]?.focus();
}

/** Where each key leads from row `at` of so many. @param {number} at @param {number} count @returns {Record<string, number>} */
const movesFrom = (at, count) => ({
  ArrowDown: at + 1,
  ArrowUp: at - 1,
  PageDown: at + 10,
  PageUp: at - 10,
  Home: 0,
  End: count - 1,
});

/**
 * @param {import("./list.js").List} list @param {HTMLInputElement} search
 * @param {{changed: () => void, star: (key: string) => void}} act
 */
export function listKeys(list, search, { changed, star }) {
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && search.value) {
      event.preventDefault();
      search.value = "";
      changed();
    }
    if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      list.focus(list.order[0]);
    }
  });
  list.element.addEventListener("focusin", (event) => {
    const key = rowKey(event.target);
    if (key) list.at(key);
  });
  list.element.addEventListener("keydown", (event) => {
    const key = rowKey(event.target);
    if (!key || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "f") star(key);
    else if (event.key === "Escape") search.focus();
    else move(list, search, key, event);
  });
}

/** @param {import("./list.js").List} list @param {HTMLInputElement} search @param {string} key @param {KeyboardEvent} event */
function move(list, search, key, event) {
  const order = list.order;
  const to = movesFrom(order.indexOf(key), order.length)[event.key];
  const side = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (to === undefined && side === undefined) return;
  event.preventDefault();
  if (side) beside(/** @type {HTMLElement} */ (event.target), side);
  else if (to !== undefined && to < 0 && event.key === "ArrowUp") search.focus();
  else list.focus(order[Math.max(0, Math.min(order.length - 1, to ?? 0))]);
}

/** A click on the context or the price sorts by it; for keys there is a field among the filters. */
export const columnHeads = () =>
  h(
    "div",
    { class: "columns", "aria-hidden": "true" },
    h("span", {}),
    h("span", {}),
    h("span", {}, "Capabilities"),
    h("span", { "data-sort": "context", title: "Sort by context" }, "Context"),
    h("span", { title: "USD per 1M tokens" }, "In / 1M"),
    h("span", { "data-sort": "price", title: "USD per 1M tokens; sort by price" }, "Out / 1M"),
    h("span", { class: "use", title: "Requests, success, 95 % within; of the last 24 hours" }, "Last 24 h"),
    h("span", {}),
  );
