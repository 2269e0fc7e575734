// @ts-check
/**
 * The grouped list. It is told what it should hold and does the difference: rows are made a few
 * milliseconds at a time, kept by key, hidden rather than removed, so that a keystroke costs no new element.
 *
 * @typedef {import("../clients/model-types.js").Model} Model
 * @typedef {object} Item
 * @property {string} key unique in the list (a favourite stands in it twice)
 * @property {Model} model
 * @property {string} text the model as JSON
 * @property {string} words what search looks at, lower case
 * @property {string} provider its name
 * @property {import("./row.js").Shown} shown
 * @property {boolean} visible
 *
 * @typedef {object} Group
 * @property {string} id
 * @property {string} title
 * @property {string} note
 * @property {{id: string, name: string, icon?: string | null, color?: string | null} | null} mark
 * @property {boolean} marked its rows show whose they are
 * @property {boolean} open
 * @property {boolean} apart
 * @property {Item[]} items
 */
import { arrange, attr, h, say } from "./dom.js";
import { paint } from "./facts.js";
import { Row } from "./row.js";

const BUDGET_MS = 8;

export class List {
  element = h("div", { class: "groups" });
  /** @type {Map<string, Row>} */
  #rows = new Map();
  /** @type {Map<string, ReturnType<typeof groupElement>>} */
  #groups = new Map();
  /** @type {Group[]} */
  #wanted = [];
  #frame = 0;
  #cursor = "";

  /** Keys of the rows that can be seen, in order. @returns {string[]} */
  get order() {
    return this.#wanted.flatMap((group) => (group.open ? group.items.filter((item) => item.visible).map((item) => item.key) : []));
  }

  /** @param {string | undefined} key */
  item(key) {
    for (const group of this.#wanted) {
      const found = group.items.find((item) => item.key === key);
      if (found) return found;
    }
    return null;
  }

  /** Rows still to be made. */
  get busy() {
    return this.#frame !== 0;
  }

  /** @param {Group[]} groups */
  show(groups) {
    this.#wanted = groups;
    const elements = groups.map((group) => this.#group(group));
    arrange(this.element, elements);
    const keys = new Set(groups.flatMap((group) => group.items.map((item) => item.key)));
    for (const key of this.#rows.keys()) if (!keys.has(key)) this.#rows.delete(key);
    cancelAnimationFrame(this.#frame);
    this.#fill(performance.now() + BUDGET_MS);
    if (!keys.has(this.#cursor)) this.#point(this.order[0] ?? "");
  }

  /** @param {Group} group */
  #group(group) {
    const kept = this.#groups.get(group.id);
    const made = kept ?? groupElement(group.id);
    if (!kept) this.#groups.set(group.id, made);
    const count = group.items.filter((item) => item.visible).length;
    made.element.hidden = count === 0;
    made.element.classList.toggle("apart", group.apart);
    made.list.hidden = !group.open;
    attr(made.button, "aria-expanded", String(group.open));
    say(made.title, group.title);
    say(made.count, String(count));
    say(made.note, group.note);
    made.mark.hidden = !group.mark;
    if (group.mark && made.painted !== JSON.stringify(group.mark)) {
      made.painted = JSON.stringify(group.mark);
      paint(made.mark, group.mark);
    }
    return made.element;
  }

  /** Update rows and make those that are missing, until `end`; the rest in the next frame. @param {number} end */
  #fill(end) {
    this.#frame = 0;
    for (const group of this.#wanted) {
      const rows = [];
      for (const item of group.items) {
        let row = this.#rows.get(item.key);
        if (!row && (!group.open || performance.now() > end)) {
          if (group.open) this.#frame ||= requestAnimationFrame(() => this.#fill(performance.now() + BUDGET_MS));
          continue; // what is folded away is made when it is opened
        }
        if (!row) this.#rows.set(item.key, (row = new Row(item.key, group.marked)));
        row.model(item.model, item.text, item.provider);
        row.state(item.model, item.shown);
        if (row.element.hidden === item.visible) row.element.hidden = !item.visible;
        rows.push(row.element);
      }
      const place = this.#groups.get(group.id);
      if (place) arrange(place.list, rows);
    }
    if (!this.#rows.has(this.#cursor)) this.#point(this.order[0] ?? "");
  }

  // -- the row that the keyboard is on ---------------------------------------------------------

  /** @param {string} key */
  #point(key) {
    attr(this.#rows.get(this.#cursor)?.pick ?? this.element, "tabindex", this.#rows.has(this.#cursor) ? "-1" : null);
    this.#cursor = key;
    const row = this.#rows.get(key);
    if (row) attr(row.pick, "tabindex", "0");
  }

  /** @param {string | undefined} key */
  focus(key) {
    const row = key === undefined ? undefined : this.#rows.get(key);
    if (!key || !row) return;
    this.#point(key);
    row.pick.focus({ preventScroll: true });
    row.element.scrollIntoView({ block: "nearest" });
  }

  /** The cursor follows a click or Tab. @param {string} key */
  at(key) {
    if (key !== this.#cursor) this.#point(key);
  }

  /** The first that can be seen, if the one that the cursor is on cannot. */
  settle() {
    const order = this.order;
    if (!order.includes(this.#cursor)) this.#point(order[0] ?? "");
  }
}

/** @param {string} id */
function groupElement(id) {
  const mark = h("span", { class: "mark", "aria-hidden": "true" });
  const title = h("span", { class: "title" });
  const count = h("span", { class: "count" });
  const note = h("span", { class: "aside" });
  const button = h("button", { type: "button", class: "fold", "data-do": "fold", "data-group": id }, mark, title, count, note);
  const list = h("ul", { class: "rows" });
  return { element: h("section", { class: "group" }, h("h3", {}, button), list), mark, title, count, note, button, list, painted: "" };
}
