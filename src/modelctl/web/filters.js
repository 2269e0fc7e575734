// @ts-check
/** What the list is narrowed to and sorted by, and the judgement of one model. */
import { has } from "../clients/model-facts.js";
import { isNear } from "./near.js";

/** @typedef {import("../clients/model-types.js").Model} Model */
/** @typedef {import("../clients/model-facts.js").Capability} Capability */
/** @typedef {"" | "price" | "context" | "newest"} Sort */

export class Filters {
  words = /** @type {string[]} */ ([]);
  wanted = /** @type {Set<Capability>} */ (new Set());
  tag = "";
  provider = "";
  /** @type {Sort} */
  sort = "";
  /** Nothing has the letters of the search: what is one slip away counts. */
  near = false;
  mostPrice = "";
  leastContext = "";
  available = false;
  fitting = false;
  retired = true;

  /** Something narrows the list, so that groups must not hide what matches. */
  get narrow() {
    return this.words.length > 0 || this.count > 0;
  }

  /** How many filters are set, the search not counted. */
  get count() {
    return (
      this.wanted.size +
      [this.tag, this.provider, this.mostPrice, this.leastContext, this.available, this.fitting, !this.retired].filter(
        Boolean,
      ).length
    );
  }

  /** @param {Model} model @param {string} words lower case, all that search looks at @param {string | null} misfit */
  pass(model, words, misfit) {
    if (!this.words.every((word) => words.includes(word) || (this.near && isNear(word, words)))) return false;
    for (const name of this.wanted) if (!has(model, name)) return false;
    if (this.provider && model.provider !== this.provider) return false;
    if (this.tag && !model.tags.includes(this.tag)) return false;
    if (this.mostPrice && (model.price.output ?? Infinity) > Number(this.mostPrice)) return false;
    if (this.leastContext && (model.context_window ?? 0) < Number(this.leastContext)) return false;
    if (this.available && !model.available) return false;
    if (!this.retired && model.lifecycle.status === "retired") return false;
    return !(this.fitting && misfit);
  }

  /** @param {string} text */
  search(text) {
    this.near = false;
    this.words = text.toLowerCase().split(/\s+/).filter(Boolean);
  }

  clear() {
    Object.assign(this, {
      wanted: new Set(),
      tag: "",
      provider: "",
      mostPrice: "",
      leastContext: "",
      available: false,
      fitting: false,
      retired: true,
    });
  }
}
