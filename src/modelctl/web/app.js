// @ts-check
/**
 * The page: one client, sections by `#name`, and what all of them share.
 *
 * @typedef {object} Page
 * @property {import("../clients/model-types.js").ModelClient} client
 * @property {Prefs} prefs
 * @property {Switcher} switcher
 *
 * @typedef {object} Section what a section's `mount(panel, page)` returns
 * @property {() => void} show called when it comes into view and when anything changed while it is
 * @property {() => void} [focusSearch]
 * @property {(key: string) => void} [open] what stands behind the section's name in the address
 */
import { createModelClient } from "../clients/model-client.js";
import { connectionLine } from "./connection.js";
import { h, one } from "./dom.js";
import { settings } from "./help.js";
import { Prefs, theme } from "./prefs.js";
import { count } from "./problems.js";
import { failed } from "./outcome.js";
import { Switcher } from "./switcher.js";
import { toast } from "./toast.js";
import { getToken } from "./token.js";

const prefs = new Prefs();
const client = createModelClient({ getToken, getActor: () => prefs.actor || "page" });
/** @type {Page} */
const page = {
  client,
  prefs,
  switcher: new Switcher(client, prefs),
};

/** @type {Map<string, Promise<Section>>} */
const mounted = new Map();
const links = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("nav [data-section]")]);
const names = links.map((link) => link.dataset.section ?? "");
let inView = "";

/** @param {string} name @returns {Promise<Section>} */
async function mount(name) {
  const { modules = "" } = links.find((link) => link.dataset.section === name)?.dataset ?? {};
  for (const href of modules.split(" ").filter(Boolean))
    document.head.append(h("link", { rel: "modulepreload", href }));
  const module = await import(`./${name}.js`);
  return module.mount(one(document, `#section-${name}`), page);
}

function section(name = inView) {
  const kept = mounted.get(name) ?? mount(name);
  mounted.set(name, kept);
  return kept;
}

async function go() {
  const [asked = "", ...rest] = location.hash.slice(1).split("/").map(decodeURIComponent);
  inView = names.includes(asked) ? asked : (names[0] ?? "models");
  for (const link of links) {
    if (link.dataset.section === inView) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    one(document, `#section-${link.dataset.section}`).hidden = link.dataset.section !== inView;
  }
  document.title = `${links.find((link) => link.dataset.section === inView)?.firstChild?.textContent ?? ""} · modelctl`;
  const shown = await section();
  shown.show();
  if (rest.length) shown.open?.(rest.join("/"));
}

let waiting = false;
client.subscribe(() => {
  if (waiting) return; // many changes, one frame
  waiting = true;
  requestAnimationFrame(async () => {
    waiting = false;
    connectionLine(client);
    badge();
    (await section()).show();
  });
});

/** How many problems there are, on the link to where they stand. */
function badge() {
  const link = links.find((one) => one.dataset.section === "status");
  const snapshot = client.getSnapshot();
  const { errors, warnings } = count(snapshot.problems);
  const said = snapshot.problems.some((problem) => problem.rule === "worker-refuses");
  const nacks = said ? 0 : snapshot.workers.filter((worker) => worker.error).length; // not counted twice
  const bad = errors + nacks;
  if (!link) return;
  link.dataset.count = bad ? String(bad) : warnings ? String(warnings) : "";
  link.dataset.tone = bad ? "bad" : "warn";
  link.setAttribute("aria-label", ["Status", ...counted(bad, "error"), ...counted(warnings, "warning")].join(", "));
}

/**
 * What to say of a number of things: nothing where there are none.
 * @param {number} number
 * @param {string} thing
 */
function counted(number, thing) {
  return number ? [`${number} ${thing}${number === 1 ? "" : "s"}`] : [];
}

async function refresh() {
  const button = one(document, "#refresh");
  button.setAttribute("aria-busy", "true");
  try {
    const { result, revision, problems } = await client.refresh();
    const { errors } = count(problems);
    if (result === "refused")
      toast({
        title: "The catalog was not published",
        lines: [`${errors} ${errors === 1 ? "problem" : "problems"}; the last good revision stays live.`],
        tone: "bad",
        action: "Show",
        onAction: () => (location.hash = "#status"),
      });
    else if (result === "held")
      toast({
        title: "Checked, and waiting to be published",
        lines: problems.map((problem) => problem.message),
        tone: "warn",
      });
    else
      toast({
        title: result === "published" ? "Published" : "Up to date",
        lines: [`revision ${revision?.slice(0, 8) ?? "none"}`],
      });
  } catch (error) {
    failed(error, "Not refreshed");
  } finally {
    button.removeAttribute("aria-busy");
  }
}

function themeButton() {
  const button = one(document, "#theme");
  const label = { auto: "Theme: system", light: "Theme: light", dark: "Theme: dark" }[theme.now] ?? "Theme";
  button.title = label;
  button.setAttribute("aria-label", label);
  button.dataset.theme = theme.now;
}

async function search() {
  location.hash = "#models";
  (await section("models")).focusSearch?.();
}

addEventListener("hashchange", () => void go().then(() => one(document, "#main").focus({ preventScroll: true })));
addEventListener("keydown", (event) => {
  const typing =
    event.target instanceof HTMLElement &&
    event.target.closest(
      "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog, model-selector",
    );
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") (event.preventDefault(), void search());
  if (event.key === "?") (event.preventDefault(), void settings(prefs)); // the field that opens is not to get it
});
one(document, "#refresh").addEventListener("click", () => void refresh());
one(document, "#theme").addEventListener("click", () => (theme.next(), themeButton()));
one(document, "#help").addEventListener("click", () => void settings(prefs));
one(document, "#connection").addEventListener("click", () => client.reconnect());
themeButton();
void go();
