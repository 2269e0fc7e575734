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
 * @property {string} lack what all its models lack; said below its title
 * @property {{id: string, name: string, icon?: string | null, color?: string | null} | null} mark
 * @property {boolean} marked its rows show whose they are
 * @property {boolean} open
 * @property {boolean} apart
 * @property {Item[]} items
 */
import { arrange, attr, h, say } from "./dom.js";
import { paint } from "./facts.js";
import { remedy } from "./remedy.js";
import { Row } from "./row.js";

const BUDGET_MS = 8;
const MOST_ROWS = 12; // that appear in one frame: half a screen, so that its layout leaves room for the next key

export class List {
  element = h("div", { class: "groups" });
  /** @type {Map<string, Row>} */
  #rows = new Map();
  /** @type {Map<string, ReturnType<typeof groupElement>>} */
  #groups = new Map();
  /** @type {Group[]} */
  #wanted = [];
  /** @type {Generator<number, void>} */
  #work = this.#steps();
  #frame = 0;
  #cursor = "";

  /** Keys of the rows that can be seen, in order. @returns {string[]} */
  get order() {
    return this.#wanted.flatMap((group) =>
      group.open ? group.items.filter((item) => item.visible).map((item) => item.key) : [],
    );
  }

  /** @param {string | undefined} key */
  item(key) {
    for (const group of this.#wanted) {
      const found = group.items.find((item) => item.key === key);
      if (found) return found;
    }
    return null;
  }

  /** @param {Group[]} groups */
  show(groups) {
    this.#wanted = groups;
    arrange(
      this.element,
      groups.map((group) => this.#place(group.id).element),
    );
    const keys = new Set(groups.flatMap((group) => group.items.map((item) => item.key)));
    for (const key of this.#rows.keys()) if (!keys.has(key)) this.#rows.delete(key);
    cancelAnimationFrame(this.#frame);
    this.#work = this.#steps();
    this.#go();
  }

  /** What the top of the list needs now, the rest in the frames that follow. */
  #go() {
    this.#frame = 0;
    const end = performance.now() + BUDGET_MS;
    let shown = 0;
    for (let step = this.#work.next(); !step.done; step = this.#work.next()) {
      shown += step.value; // a row that appears costs layout later, whatever it costs now
      if (shown < MOST_ROWS && performance.now() < end) continue;
      this.#frame = requestAnimationFrame(() => this.#go());
      break;
    }
    this.settle();
  }

  /** From top to bottom, one row a step: 1 where a row appears, else 0. @returns {Generator<number, void>} */
  *#steps() {
    for (const group of this.#wanted) {
      const place = this.#place(group.id);
      place.show(group);
      const rows = [];
      for (const item of group.items) {
        const kept = this.#rows.get(item.key);
        if (!kept && !group.open) continue; // what is folded away is made when it is opened
        const row = kept ?? new Row(item.key, group.marked);
        const appears = item.visible && group.open && (!kept || row.element.hidden);
        row.model(item.model, item.text, item.provider);
        row.state(item.model, item.shown);
        if (row.element.hidden === item.visible) row.element.hidden = !item.visible;
        if (!kept) (this.#rows.set(item.key, row), place.list.append(row.element));
        rows.push(row.element);
        yield appears ? 1 : 0;
      }
      arrange(place.list, rows);
    }
  }

  /** @param {string} id */
  #place(id) {
    const made = this.#groups.get(id) ?? groupElement(id);
    this.#groups.set(id, made);
    return made;
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
    if (!this.#rows.has(key ?? "")) for (const _ of this.#work); // not made yet: do not let it be missed
    const row = this.#rows.get(key ?? "");
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
    const item = this.#rows.has(this.#cursor) ? this.item(this.#cursor) : null;
    if (!item?.visible) this.#point(this.order[0] ?? "");
  }
}

/** @param {string} id */
function groupElement(id) {
  const mark = h("span", { class: "mark", "aria-hidden": "true" });
  const title = h("span", { class: "title" });
  const count = h("span", { class: "count" });
  const note = h("span", { class: "aside" });
  const button = h(
    "button",
    { type: "button", class: "fold", "data-do": "fold", "data-group": id },
    mark,
    title,
    count,
    note,
  );
  const lack = h("p", { class: "lack", hidden: true });
  const list = h("ul", { class: "rows" });
  const element = h("section", { class: "group", hidden: true }, h("h2", {}, button), lack, list);
  let painted = "";
  return {
    element,
    list,
    /** @param {Group} group */
    show(group) {
      const seen = group.items.filter((item) => item.visible).length;
      if (element.hidden !== (seen === 0)) element.hidden = seen === 0;
      if (list.hidden === group.open) list.hidden = !group.open;
      element.classList.toggle("apart", group.apart);
      attr(button, "aria-expanded", String(group.open));
      say(title, group.title);
      say(count, String(seen));
      say(note, group.note);
      lack.hidden = !group.lack || !group.open;
      if (lack.dataset.text !== group.lack) {
        lack.dataset.text = group.lack;
        lack.replaceChildren(...remedy(group.lack));
      }
      attr(mark, "hidden", group.mark ? null : "");
      const text = JSON.stringify(group.mark && [group.mark.icon, group.mark.color, group.mark.name]);
      if (group.mark && painted !== text) paint(mark, group.mark);
      painted = text;
    },
  };
}
