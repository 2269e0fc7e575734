// @ts-check
/** Who changed what, when and why; newest first, with the way back of what still counts. */
import { arrange, h, pill } from "./dom.js";
import { failed } from "./switcher.js";
import { absolute, since } from "./time.js";

/** @typedef {import("../clients/model-types.js").Entry} Entry */

const STEP = 100;
const MOST = 1000; // what the server gives at once

/** @param {HTMLElement} panel @param {import("./app.js").Page} page */
export function mount(panel, page) {
  const which = h(
    "select",
    { "aria-label": "Route", onchange: () => void load() },
    h("option", { value: "*" }, "all routes, and what was published"),
  );
  const list = h("ol", { class: "history" });
  const empty = h("p", { class: "empty", hidden: true }, "Nothing has happened yet.");
  const more = h("button", { type: "button", hidden: true, onclick: () => ((limit += STEP), void load()) }, "Earlier");
  panel.append(h("div", { class: "titled" }, h("h1", {}, "History"), which), list, empty, more);
  let limit = STEP;
  let asked = "";
  /** @type {Map<string, {element: HTMLElement, text: string}>} */
  let made = new Map();

  async function load() {
    try {
      const entries = await page.client.history({ route: which.value, limit: Math.min(limit, MOST) });
      draw(entries);
      more.hidden = entries.length < limit || limit >= MOST;
    } catch (error) {
      asked = "";
      if (page.client.getSnapshot().connection === "live") failed(error, "History could not be read");
    }
  }

  /** @param {Entry[]} entries */
  function draw(entries) {
    const back = backs(entries, page);
    const rows = new Map(
      entries.map((entry, at) => {
        const text = JSON.stringify([entry, back.has(entry)]);
        const key = `${entry.version}:${entries.slice(0, at).filter((one) => one.version === entry.version).length}`;
        const kept = made.get(key);
        return [key, kept?.text === text ? kept : { element: line(entry, back.has(entry) ? page : null), text }];
      }),
    );
    made = rows;
    arrange(
      list,
      [...rows.values()].map((row) => row.element),
    );
    empty.hidden = entries.length > 0;
  }

  return {
    show() {
      const { routes, revision, version, loaded } = page.client.getSnapshot();
      const names = routes.map((route) => route.route);
      if (
        names.join("\n") !==
        [...which.options]
          .slice(1)
          .map((one) => one.value)
          .join("\n")
      ) {
        const kept = which.value;
        which.replaceChildren(
          h("option", { value: "*" }, "all routes, and what was published"),
          ...names.map((name) => h("option", { value: name }, name)),
        );
        which.value = names.includes(kept) ? kept : "*";
      }
      const now = JSON.stringify([
        revision,
        version,
        routes.filter((one) => !one.pending).map((one) => [one.target, one.since, one.until]),
      ]);
      if (!loaded || now === asked) return;
      asked = now;
      void load();
    },
  };
}

/** Entries that `rollback` would take back: of each route the one that put it where it is. @param {Entry[]} entries @param {import("./app.js").Page} page */
function backs(entries, page) {
  const found = new Set();
  for (const route of page.client.getSnapshot().routes) {
    if (route.source === "git") continue;
    const entry = entries.find(
      (one) =>
        one.route === route.route && one.action === "select" && one.after === route.target && one.at === route.since,
    );
    if (entry) found.add(entry);
  }
  return found;
}

/** @type {Record<string, [string, string]>} */
const WORDS = {
  select: ["switched", "on"],
  rollback: ["rolled back", "warn"],
  expire: ["time was up", ""],
  end: ["ended", "warn"],
  return: ["came back", "on"],
  publish: ["published", ""],
};

/** @param {Entry} entry @param {import("./app.js").Page | null} page */
function line(entry, page) {
  const [word, tone] = WORDS[entry.action] ?? [entry.action, ""];
  const short = (/** @type {string | null} */ name) =>
    entry.action === "publish" ? (name?.slice(0, 8) ?? "nothing") : (name ?? "nothing");
  const what = h(
    "p",
    { class: "what" },
    pill(tone, word),
    entry.route ? h("b", {}, entry.route) : "",
    h("code", {}, short(entry.before)),
    h("span", { class: "to" }, h("span", { "aria-label": "to", role: "img" }, "→"), h("code", {}, short(entry.after))),
    entry.forced ? pill("warn", "forced") : "",
    entry.until ? h("small", {}, `until ${absolute(entry.until)}`) : "",
  );
  const who = h(
    "p",
    { class: "who" },
    h("b", {}, entry.actor),
    " ",
    since(entry.at),
    entry.reason ? `: ${entry.reason}` : "",
  );
  const button =
    page && entry.route
      ? h(
          "button",
          { type: "button", class: "small", onclick: () => void page.switcher.back(entry.route ?? "active") },
          "Roll back",
        )
      : "";
  if (button) button.setAttribute("aria-label", `Roll back ${entry.route} from ${entry.after}`);
  return h("li", {}, h("div", {}, what, who), button);
}
