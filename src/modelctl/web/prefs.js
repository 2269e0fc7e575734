// @ts-check
/** What this browser remembers: favourites, recent models, collapsed groups, theme, a name for history. */

const PREFIX = "modelctl.";
const MOST_RECENT = 5;

/** @param {string} name @param {unknown} otherwise @returns {any} */
function read(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name) ?? "null") ?? otherwise;
  } catch {
    return otherwise; // forbidden, or written by something else
  }
}

/** @param {string} name @param {unknown} value */
function write(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // a full or forbidden storage costs memory, not function
  }
}

/** @param {unknown} value @returns {string[]} */
const words = (value) => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);

export class Prefs extends EventTarget {
  favourites = /** @type {Set<string>} */ (new Set());
  recent = /** @type {string[]} */ ([]);
  collapsed = /** @type {Set<string>} */ (new Set());
  actor = "";

  constructor() {
    super();
    this.#read();
    addEventListener("storage", (event) => {
      if (event.key?.startsWith(PREFIX)) (this.#read(), this.#tell()); // another tab
    });
  }

  #read() {
    this.favourites = new Set(words(read("favourites", [])));
    this.recent = words(read("recent", []));
    this.collapsed = new Set(words(read("collapsed", [])));
    this.actor = String(read("actor", ""));
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }

  /** @param {"favourites" | "collapsed"} name @param {string} key */
  toggle(name, key) {
    const set = this[name];
    if (!set.delete(key)) set.add(key);
    write(name, [...set]);
    this.#tell();
  }

  /** Collapse all groups, or expand them. @param {readonly string[]} names @param {boolean} on */
  fold(names, on) {
    for (const name of names) on ? this.collapsed.add(name) : this.collapsed.delete(name);
    write("collapsed", [...this.collapsed]);
    this.#tell();
  }

  /** @param {string} key */
  used(key) {
    this.recent = [key, ...this.recent.filter((one) => one !== key)].slice(0, MOST_RECENT);
    write("recent", this.recent);
    this.#tell();
  }

  /** @param {string} name */
  call(name) {
    this.actor = name.trim().slice(0, 80);
    write("actor", this.actor);
  }
}

/** auto (what the system says), light, dark */
export const theme = {
  get now() {
    return document.documentElement.dataset.theme ?? "auto";
  },
  /** @returns {string} the next of the three */
  next() {
    const next = { auto: "light", light: "dark", dark: "auto" }[this.now] ?? "auto";
    if (next === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem(`${PREFIX}theme`, next); // plain: theme.js reads it before anything else
    } catch {
      // for this page alone, then
    }
    return next;
  },
};
