// @ts-check
/** What stays on top of the list: the search, how much it found, folding of all groups, the columns. */
import { h, say } from "./dom.js";
import { columnHeads } from "./row-keys.js";

export class PickerHead {
  search = h("input", {
    type: "search",
    id: "search",
    placeholder: "Search models",
    "aria-label": "Search models",
    autocomplete: "off",
    spellcheck: "false",
  });
  columns = columnHeads();
  fold = h("button", { type: "button", class: "quiet small", hidden: true });
  #count = h("p", { class: "found", role: "status" });
  element = h(
    "div",
    { class: "stick" },
    h("div", { class: "find" }, this.search, h("kbd", { "aria-hidden": "true" }, "/"), this.#count, this.fold),
    this.columns,
  );

  /** @param {number} found @param {number} all @param {boolean} near by names that are alike */
  found(found, all, near) {
    say(this.#count, counted(found, all, near));
  }

  /** @param {"Collapse all" | "Expand all" | ""} word */
  offerFold(word) {
    this.fold.hidden = !word;
    say(this.fold, word);
  }
}

/** @param {number} found @param {number} all @param {boolean} near */
function counted(found, all, near) {
  if (!all) return "";
  if (!found) return "No model matches";
  if (near) return `${found} with a similar name`;
  return found === all ? `${all} models` : `${found} of ${all} models`;
}
