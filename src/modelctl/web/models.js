// @ts-check
/**
 * The picker: routes on one side, models on the other; one click points the route in view at a model.
 */
import { h } from "./dom.js";
import { FilterControls } from "./filter-controls.js";
import { Filters } from "./filters.js";
import { grouped, known } from "./groups.js";
import { List } from "./list.js";
import { ModelUsage } from "./model-usage.js";
import { NoModels } from "./no-models.js";
import { PickerHead } from "./picker-head.js";
import { listKeys, rowKey } from "./row-keys.js";
import { routeCards } from "./route-cards.js";
import { keyOf, linkTo } from "./links.js";

const LOOK_MS = 5000; // whether it is time to read again what was counted

/** @param {HTMLElement} panel @param {import("./app.js").Page} page */
export function mount(panel, page) {
  const picker = new Picker(panel, page);
  setInterval(() => {
    if (!panel.hidden && !document.hidden && page.client.getSnapshot().connection === "live") void picker.count();
  }, LOOK_MS);
  return {
    show: () => picker.show(),
    focusSearch: () => picker.search.focus(),
    open: (/** @type {string} */ key) => picker.open(key),
  };
}

class Picker {
  #filters = new Filters();
  #list = new List();
  #usage = new ModelUsage();
  #route = "active";
  /** @type {import("./groups.js").Known[]} */
  #models = [];
  /** @type {readonly unknown[]} */
  #from = [];
  #wanted = "";
  head = new PickerHead();

  /** @param {HTMLElement} panel @param {import("./app.js").Page} page */
  constructor(panel, page) {
    this.page = page;
    this.search = this.head.search;
    this.empty = new NoModels(() => (this.#clear(), this.search.focus()));
    this.cards = routeCards(page, (route) => this.#look(route));
    this.controls = new FilterControls(this.#filters, () => this.#filtered());
    const filters = h("details", { class: "narrow" }, h("summary", {}, "Filters"), this.controls.element);
    const wide = matchMedia("(min-width: 900px)");
    const unfold = () => (filters.open = wide.matches);
    wide.addEventListener("change", unfold);
    unfold();
    panel.append(
      h("div", { class: "side" }, this.cards.element, filters),
      h(
        "div",
        { class: "list" },
        h("h1", { class: "sr" }, "Models"),
        this.head.element,
        this.#list.element,
        this.empty.element,
      ),
    );
    this.head.fold.addEventListener("click", () => page.prefs.fold(this.#groups(), this.#anyOpen()));
    this.head.columns.addEventListener("click", (event) =>
      this.#sort(/** @type {HTMLElement} */ (event.target).dataset.sort),
    );
    this.search.addEventListener("input", () => this.#filtered());
    this.#list.element.addEventListener("click", (event) => this.#click(event));
    listKeys(this.#list, this.search, {
      changed: () => this.#filtered(),
      star: (key) => this.#act("star", key, false),
    });
    page.prefs.addEventListener("change", () => this.show());
  }

  show() {
    const { providers, routes } = this.page.client.getSnapshot();
    if (!routes.some((route) => route.route === this.#route)) this.#route = routes[0]?.route ?? "active";
    if (this.#from[0] !== providers) {
      this.#from = [providers];
      this.#models = known(providers);
      this.controls.offerProviders(providers);
      this.controls.offerTags([...new Set(this.#models.flatMap(({ model }) => model.tags))].sort());
    }
    this.cards.show(this.#route);
    this.#render();
    if (this.#wanted) this.#follow();
    void this.count();
  }

  /** What was counted of the models; without it the list is as it was. */
  async count() {
    try {
      if (!(await this.#usage.refresh())) return;
    } catch {
      return;
    }
    this.#list.element.parentElement?.classList.toggle("counted", this.#usage.models.size > 0);
    this.#render();
  }

  #filtered() {
    this.#filters.search(this.search.value);
    this.#render();
  }

  #render() {
    const { groups, found } = grouped(this.#models, this.page.client.getSnapshot(), this.#route, {
      prefs: this.page.prefs,
      filters: this.#filters,
      used: this.#usage.models,
    });
    this.#list.show(groups);
    this.head.found(found, this.#models.length, this.#filters.near);
    const folds = !this.#filters.narrow && !this.#filters.sort && this.#groups().length > 1;
    this.head.offerFold(folds ? (this.#anyOpen() ? "Collapse all" : "Expand all") : "");
    this.#blank(found);
  }

  /** Where there is nothing to see: how to begin, or the way back to all models. @param {number} found */
  #blank(found) {
    const why = found || !this.page.client.getSnapshot().loaded ? "" : this.#models.length ? "narrow" : "none";
    this.empty.show(why);
    this.head.columns.hidden = Boolean(why);
  }

  /** Providers, whose groups can be folded. */
  #groups() {
    return this.page.client.getSnapshot().providers.map((provider) => provider.id);
  }

  #anyOpen() {
    return this.#groups().some((id) => !this.page.prefs.collapsed.has(id));
  }

  /** A heading sorts by its column, a second click undoes that. @param {string | undefined} by */
  #sort(by) {
    if (by !== "price" && by !== "context" && by !== "newest") return;
    this.#filters.sort = this.#filters.sort === by ? "" : by;
    this.controls.update();
  }

  #clear() {
    this.search.value = "";
    this.#filters.clear();
    this.controls.update();
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const button = /** @type {Element} */ (event.target).closest("[data-do]");
    const row = /** @type {Element} */ (event.target).closest(".row");
    if (!(button instanceof HTMLElement)) {
      if (row && !getSelection()?.toString()) this.#act("pick", rowKey(row), event.shiftKey);
      return;
    }
    if (button.dataset.do === "fold") this.page.prefs.toggle("collapsed", button.dataset.group ?? "");
    else if (button.dataset.do === "successor") this.#reveal(button.dataset.to ?? "");
    else this.#act(button.dataset.do ?? "", rowKey(button), event.shiftKey);
  }

  /** @param {string} what @param {string | undefined} key @param {boolean} careful */
  #act(what, key, careful) {
    const item = this.#list.item(key);
    if (!item) return;
    if (what === "star") return this.page.prefs.toggle("favourites", keyOf(item.model));
    if (what === "more" || careful || !item.shown.offered) return void this.#details(item.model);
    void this.page.switcher.to(item.model, this.#route);
  }

  /** The panel of a model; its address in the meantime can be shared. @param {import("./groups.js").Model} model */
  async #details(model) {
    history.replaceState(null, "", linkTo(model));
    await this.page.switcher.ask(model, this.#route);
    if (location.hash === linkTo(model)) history.replaceState(null, "", "#models");
  }

  /** Follows a link, as soon as the models are known. @param {string} key `provider/id`, or a route */
  open(key) {
    this.#wanted = key;
    this.#follow();
  }

  #follow() {
    const { routes } = this.page.client.getSnapshot();
    const found = this.#models.find((model) => model.key === this.#wanted);
    if (!found && routes.some(({ route }) => route === this.#wanted)) return this.#followTo(this.#wanted);
    if (!found) return;
    this.#wanted = "";
    void this.#details(found.model);
  }

  /** @param {string} route */
  #followTo(route) {
    this.#wanted = "";
    history.replaceState(null, "", "#models");
    this.#route = route;
    this.show();
  }

  /** Take another route into view; a second click goes to its model. @param {string} route */
  #look(route) {
    const again = route === this.#route;
    this.#route = route;
    this.show();
    const target = this.page.client.getSnapshot().routes.find((one) => one.route === route)?.target;
    if (again && target) this.#reveal(target);
  }

  /** @param {string} name */
  #reveal(name) {
    const found = this.#models.find(({ model }) => model.public_name === name || model.id === name);
    if (!found) return;
    this.#clear();
    if (this.page.prefs.collapsed.has(found.model.provider)) this.page.prefs.toggle("collapsed", found.model.provider);
    this.#list.focus(found.key);
  }
}
