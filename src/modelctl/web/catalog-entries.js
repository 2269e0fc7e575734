// @ts-check
/**
 * A section about entries of catalog files: their list, read again when something changed, and above it what was
 * written last.
 *
 * @template T
 * @typedef {object} Entries
 * @property {string} title
 * @property {string} from the API that lists them
 * @property {HTMLElement} add the button for a new one
 * @property {{element: HTMLElement, show: () => void}} form
 * @property {import("./dom.js").Child[]} none what is said where there are none
 * @property {(entry: T) => string} key
 * @property {(entry: T) => unknown} shown all that its item tells: an entry for which this is the same is not drawn again
 * @property {(entry: T) => HTMLElement} item
 */
import { get } from "./api.js";
import { block, written } from "./changes.js";
import { arrange, h } from "./dom.js";
import { failed } from "./outcome.js";

const STALE_MS = 3000;

/** @template T @param {HTMLElement} panel @param {import("./app.js").Page} page @param {Entries<T>} how */
export function catalogEntries(panel, page, { title, from, add, form, none, key, shown, item }) {
  const list = h("ul", { class: "route-list" });
  const empty = h("div", { class: "empty", hidden: true }, ...none);
  const outcome = h("div", { class: "outcome" });
  panel.append(h("div", { class: "titled" }, h("h1", {}, title), add), form.element, outcome, list, empty);
  /** @type {Map<string, {element: HTMLElement, text: string}>} */
  let made = new Map();
  let asked = "";
  let askedAt = 0;

  async function load() {
    askedAt = Date.now();
    try {
      draw(/** @type {T[]} */ (await get(from)));
    } catch (error) {
      asked = "";
      if (page.client.getSnapshot().connection === "live") failed(error, `${title} could not be read`);
    }
  }

  /** @param {T[]} entries */
  function draw(entries) {
    const before = made;
    made = new Map();
    for (const entry of entries) {
      const [name, text] = [key(entry), JSON.stringify(shown(entry))];
      const kept = before.get(name);
      made.set(name, kept?.text === text ? kept : { element: item(entry), text });
    }
    arrange(list, [...made.values()].map(({ element }) => element)); // prettier-ignore
    empty.hidden = entries.length > 0;
  }

  return {
    load,

    /** What was written, in view and in focus. @param {string} title @param {import("./changes.js").CatalogWrite} answer */
    tell(title, answer) {
      const box = written(title, answer, () => (outcome.replaceChildren(), add.focus()));
      outcome.replaceChildren(box.element);
      box.focus();
      void load();
    },

    /** @param {unknown} now what the list depends on: it is read again when that changed, or some time went by */
    show(now) {
      form.show();
      const text = JSON.stringify(now);
      if (!page.client.getSnapshot().loaded || (text === asked && Date.now() - askedAt < STALE_MS)) return;
      asked = text;
      void load();
    },
  };
}

/** One thing to do with an entry. @param {string} label @param {string} name of the entry @param {() => void} onclick @param {import("./dom.js").Props} [props] */
export const action = (label, name, onclick, props = {}) =>
  h("button", { type: "button", class: "small", onclick, "aria-label": `${label} ${name}`, ...props }, label);

/** The entry as its file has it, folded. @param {string} name @param {string} text */
export const yaml = (name, text) => h("details", {}, h("summary", {}, "YAML"), block(`${name}: YAML`, text));
