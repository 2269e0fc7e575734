// @ts-check
/** Which row an event is about, where the keyboard goes from it, and the headings of its columns. */
import { h } from "./dom.js";

/** @param {EventTarget | null} target */
export const rowKey = (target) =>
  /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest(".row"))?.dataset.key;

/** @param {HTMLElement} from @param {number} step */
export function beside(from, step) {
  const buttons = [...(from.closest(".row")?.querySelectorAll("button") ?? [])];
  const pick = buttons.findIndex((button) => button.classList.contains("pick"));
  const ring = [...buttons.slice(pick), ...buttons.slice(0, pick)]; // the name first, then what else can be done
  ring[Math.max(0, Math.min(ring.length - 1, ring.indexOf(/** @type {HTMLButtonElement} */ (from)) + step))]?.focus();
}

/** Where each key leads from row `at` of so many. @param {number} at @param {number} count @returns {Record<string, number>} */
export const movesFrom = (at, count) => ({
  ArrowDown: at + 1,
  ArrowUp: at - 1,
  PageDown: at + 10,
  PageUp: at - 10,
  Home: 0,
  End: count - 1,
});

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
