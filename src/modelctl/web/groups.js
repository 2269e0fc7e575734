// @ts-check
/**
 * From what the server said to what the list shows: which model stands where, and whether it can be seen. Pure.
 *
 * @typedef {import("../clients/model-types.js").Model} Model
 * @typedef {import("../clients/model-types.js").Route} Route
 * @typedef {import("../clients/model-types.js").Snapshot} Snapshot
 * @typedef {import("./list.js").Item} Item
 * @typedef {import("./list.js").Group} Group
 * @typedef {import("./filters.js").Filters} Filters
 * @typedef {import("./prefs.js").Prefs} Prefs
 * @typedef {{prefs: Prefs, filters: Filters, used: Map<string, import("./model-usage.js").Used>}} Looking
 * @typedef {{model: Model, key: string, text: string, words: string, provider: string}} Known what is worked out once per list
 */
import { kindName, kindOf, misfit, routeKind } from "../clients/model-facts.js";
import { keyOf } from "./links.js";

/** @param {readonly import("../clients/model-types.js").Provider[]} providers @returns {Known[]} */
export const known = (providers) =>
  providers.flatMap((provider) =>
    provider.models.map((model) => ({
      model,
      key: keyOf(model),
      text: JSON.stringify(model),
      provider: provider.name,
      words: wordsOf(model, provider),
    })),
  );

/** @param {Model} model @param {{id: string, name: string}} provider */
function wordsOf(model, provider) {
  const { name, public_name, id, description, tags } = model;
  return [name, public_name, id, provider.name, provider.id, description ?? "", ...tags].join(" ").toLowerCase();
}

/**
 * @param {readonly Known[]} models @param {Snapshot} snapshot @param {string} inView a route
 * @param {Looking} how @returns {{groups: Group[], found: number}}
 */
export function grouped(models, snapshot, inView, { prefs, filters, used }) {
  const { collapsed } = prefs;
  const narrow = filters.narrow; // what matches is not hidden in a folded group
  let items = models.map(itemOf(snapshot.routes, inView, { prefs, filters, used }));
  if (filters.words.length && !items.some((item) => item.visible)) {
    filters.near = true; // nothing has these letters: what is one slip away from them
    items = models.map(itemOf(snapshot.routes, inView, { prefs, filters, used }));
  }
  const by = Map.groupBy(items, (item) =>
    item.shown.offered ? item.model.provider : `kind:${kindOf(item.model.mode)}`,
  );
  const providers = usableFirst(
    snapshot.providers.map((one) => {
      const { rows, lack } = lacking(by.get(one.id) ?? []);
      const more = { mark: one, note: one.description ?? "", lack, open: narrow || !collapsed.has(one.id) };
      return group(one.id, one.name, rows, more);
    }),
  );
  const kinds = [...by]
    .filter(([id]) => id.startsWith("kind:"))
    .map(([id, rows]) =>
      group(id, kindName(id.slice(5)), rows, {
        marked: true,
        apart: true,
        note: `not for ${inView}`,
        open: filters.words.length > 0 || collapsed.has(id),
      }),
    );
  const chosen = narrow
    ? []
    : [
        picked("favourites", "Favourites", prefs.favourites, items, prefs),
        picked("recent", "Recent", prefs.recent, items, prefs),
      ];
  const found = items.filter((item) => item.visible).length;
  if (filters.sort) return { groups: [sorted(items, filters.sort), ...kinds], found };
  return { groups: [...chosen, ...providers, ...kinds], found };
}

/** Providers of which something can be used, or is, then the rest; the server's order otherwise. @param {Group[]} groups */
function usableFirst(groups) {
  const usable = (/** @type {Group} */ one) =>
    one.items.some(({ model, shown }) => shown.current || (model.available && !shown.misfit));
  return [...groups.filter(usable), ...groups.filter((one) => !usable(one))];
}

/**
 * What all models of a provider lack that are not retired, such as its key, is said once, in the heading.
 * @param {Item[]} items @returns {{rows: Item[], lack: string}}
 */
function lacking(items) {
  const reasons = new Set(items.filter(({ model }) => !isRetired(model)).map(({ model }) => model.reason));
  const [only] = reasons;
  const lack = reasons.size === 1 && only ? only : "";
  return { lack, rows: lack ? items.map((item) => ({ ...item, shown: { ...item.shown, saidAbove: lack } })) : items };
}

const TITLES = {
  price: "Cheapest first",
  context: "Largest context first",
  newest: "Newest first, those without a date last",
};

/** All that the route may hold in one list; what is unknown stands last. @param {Item[]} items @param {keyof typeof TITLES} by */
function sorted(items, by) {
  const rows = items
    .filter((item) => item.shown.offered)
    .map((item) => ({ item, rank: rankOf(item.model, by) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => ({ ...item, key: `sorted:${item.key}` }));
  return group("sorted", TITLES[by], rows, { marked: true });
}

/** @param {Model} model @param {keyof typeof TITLES} by */
function rankOf(model, by) {
  if (by === "newest") return -Date.parse(model.lifecycle.released ?? "0001-01-01");
  return by === "price" ? (model.price.output ?? Number.MAX_VALUE) : -(model.context_window ?? 0);
}

/** @param {Model} model */
const isRetired = (model) => model.lifecycle.status === "retired";

/** @param {readonly Route[]} routes @param {string} inView @param {Looking} how @returns {(one: Known) => Item} */
function itemOf(routes, inView, { prefs, filters, used }) {
  const route = routes.find((one) => one.route === inView);
  const kind = route ? routeKind(route) : "chat";
  const pointing = targets(routes, inView);
  return (one) => {
    const offered = kindOf(one.model.mode) === kind;
    const why = route && offered ? misfit(one.model, route) : null;
    const current = route?.provider === one.model.provider && route.model_id === one.model.id;
    const shown = {
      routes: pointing.get(one.key) ?? [],
      current,
      pending: current && Boolean(route?.pending),
      misfit: why,
      saidAbove: null,
      offered,
      favourite: prefs.favourites.has(one.key),
      used: used.get(one.model.public_name) ?? null,
    };
    return { ...one, visible: filters.pass(one.model, one.words, why), shown };
  };
}

/** The same rows once more, on top. @param {string} id @param {string} title @param {Iterable<string>} keys @param {Item[]} items @param {Prefs} prefs */
function picked(id, title, keys, items, prefs) {
  const order = [...keys];
  const found = items
    .filter((item) => item.shown.offered && order.includes(item.key))
    .sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key));
  return group(
    id,
    title,
    found.map((item) => ({ ...item, key: `${id}:${item.key}` })),
    { marked: true, open: !prefs.collapsed.has(id) },
  );
}

/** @param {string} id @param {string} title @param {Item[]} items @param {Partial<Group>} more @returns {Group} */
const group = (id, title, items, more) => ({
  id,
  title,
  note: "",
  lack: "",
  mark: null,
  marked: false,
  open: true,
  apart: false,
  items,
  ...more,
});

/** Model -> the routes that point to it, the one in view first. @param {readonly Route[]} routes @param {string} first */
function targets(routes, first) {
  /** @type {Map<string, string[]>} */
  const found = new Map();
  for (const { route, provider, model_id, members } of routes) {
    for (const key of members ?? [`${provider}/${model_id}`]) {
      const named = found.get(key) ?? [];
      if (route === first) named.unshift(route);
      else named.push(route);
      found.set(key, named);
    }
  }
  return found;
}
