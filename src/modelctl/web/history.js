// @ts-check
/** Who changed what, when and why; newest first, of all routes or one, of all people or one. */
import { h } from "./dom.js";
import { HistoryList } from "./history-list.js";
import { historyKey } from "./routes-of.js";
import { failed } from "./outcome.js";

/** @typedef {import("../clients/model-types.js").Entry} Entry */

const STEP = 100;
const MOST = 1000; // what the server gives at once
const ALL = "*";

/** @param {HTMLElement} panel @param {import("./app.js").Page} page */
export function mount(panel, page) {
  const history = new History(page);
  panel.append(history.head, history.list.element, history.empty, history.more);
  return { show: () => history.show() };
}

class History {
  list = new HistoryList();
  empty = h("p", { class: "empty", hidden: true });
  more = h("button", { type: "button", hidden: true, onclick: () => this.#further() }, "Earlier");
  #route = h("select", { "aria-label": "Route", onchange: () => void this.#load() });
  #person = h("select", { "aria-label": "Person", onchange: () => this.#draw() });
  #limit = STEP;
  #asked = "";
  /** @type {Entry[]} */
  #entries = [];

  /** @param {import("./app.js").Page} page */
  constructor(page) {
    this.page = page;
    offer(this.#route, "all routes and publishes", []);
    offer(this.#person, "everybody", []);
    const filters = h("div", { class: "together" }, this.#route, this.#person);
    this.head = h("div", { class: "titled" }, h("h1", {}, "History"), filters);
  }

  show() {
    const { routes, loaded } = this.page.client.getSnapshot();
    offer(this.#route, "all routes and publishes", routes.map((one) => one.route)); // prettier-ignore
    const now = historyKey(this.page.client.getSnapshot());
    if (!loaded || now === this.#asked) return;
    this.#asked = now;
    void this.#load();
  }

  #further() {
    this.#limit += STEP;
    void this.#load();
  }

  async #load() {
    const limit = Math.min(this.#limit, MOST);
    try {
      this.#entries = await this.page.client.history({ route: this.#route.value, limit });
      this.more.hidden = this.#entries.length < limit || limit >= MOST;
      offer(this.#person, "everybody", [...new Set(this.#entries.map((one) => one.actor))].sort());
      this.#draw();
    } catch (error) {
      this.#asked = "";
      if (this.page.client.getSnapshot().connection === "live") failed(error, "History could not be read");
    }
  }

  #draw() {
    const { value } = this.#person;
    const shown = this.#entries.filter((one) => value === ALL || one.actor === value);
    this.list.show(shown, backs(shown, this.page));
    this.empty.hidden = shown.length > 0;
    this.empty.textContent = this.#entries.length ? `No entries by ${value}.` : "No history yet.";
  }
}

/** What to choose from, where it differs; what is chosen stays where it can. @param {HTMLSelectElement} select @param {string} all @param {string[]} names */
function offer(select, all, names) {
  const text = JSON.stringify(names);
  if (select.dataset.names === text) return;
  select.dataset.names = text;
  const kept = select.value;
  select.replaceChildren(h("option", { value: ALL }, all), ...names.map((name) => h("option", { value: name }, name)));
  select.value = names.includes(kept) ? kept : ALL;
}

/** Entries that `rollback` would take back: of each route the one that put it where it is. @param {Entry[]} entries @param {import("./app.js").Page} page */
function backs(entries, page) {
  /** @type {Map<Entry, import("./history-list.js").Back>} */
  const found = new Map();
  for (const { route, source, target, since, rollback_to: to } of page.client.getSnapshot().routes) {
    if (source === "git" || !to) continue;
    const entry = entries.find(
      (one) => one.route === route && one.action === "select" && one.after === target && one.at === since,
    );
    if (entry) found.set(entry, { to, go: () => void page.switcher.back(route) });
  }
  return found;
}
