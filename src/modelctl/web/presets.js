// @ts-check
/** Choices under a name: save, apply, share as YAML in `catalog/presets.yaml`. */
import { path, get, send } from "./api.js";
import { block, notWritten, written } from "./changes.js";
import { ask } from "./dialog.js";
import { arrange, h, pill } from "./dom.js";
import { presetForm } from "./preset-form.js";
import { failed } from "./switcher.js";
import { toast } from "./toast.js";

/**
 * @typedef {object} Preset
 * @property {string} name
 * @property {string} route
 * @property {string | null} model
 * @property {string | null} provider
 * @property {string | null} description
 * @property {Record<string, unknown>} params
 * @property {string | null} public_name
 * @property {string | null} reason why its model is not to be had
 * @property {string} digest
 * @property {string} text
 */

const STALE_MS = 3000;

/** @param {HTMLElement} panel @param {import("./app.js").Page} page */
export function mount(panel, page) {
  const list = h("ul", { class: "route-list" });
  const empty = h(
    "div",
    { class: "empty", hidden: true },
    h("h2", {}, "No presets yet"),
    h(
      "p",
      {},
      "Save a route, a model and how it shall answer under a name; others find it in ",
      h("code", {}, "catalog/presets.yaml"),
      ".",
    ),
  );
  const done = h("div", { class: "outcome" });
  const form = presetForm(page, (body, preset) => void save(body, preset));
  const add = h("button", { type: "button", class: "primary", onclick: () => form.open(null) }, "New preset");
  panel.append(h("div", { class: "titled" }, h("h1", {}, "Presets"), add), form.element, done, list, empty);
  /** @type {Map<string, {element: HTMLElement, text: string}>} */
  let made = new Map();
  let asked = "";
  let askedAt = 0;

  async function load() {
    askedAt = Date.now();
    try {
      draw(/** @type {Preset[]} */ (await get("presets")));
    } catch (error) {
      asked = "";
      if (page.client.getSnapshot().connection === "live") failed(error, "Presets could not be read");
    }
  }

  /** @param {Preset[]} presets */
  function draw(presets) {
    const routes = page.client.getSnapshot().routes;
    const items = presets.map((preset) => {
      const on = routes.some((one) => one.route === preset.route && one.target === preset.public_name);
      const text = JSON.stringify([preset, on]);
      const kept = made.get(preset.name);
      return /** @type {const} */ ([preset.name, kept?.text === text ? kept : { element: item(preset, on), text }]);
    });
    made = new Map(items);
    arrange(list, items.map(([, { element }]) => element)); // prettier-ignore
    empty.hidden = presets.length > 0;
  }

  /** @param {Preset} preset @param {boolean} on */
  function item(preset, on) {
    const { name, route, model, public_name, reason, description, params, text } = preset;
    const button = (/** @type {string} */ label, /** @type {() => void} */ onclick, kind = "small") =>
      h("button", { type: "button", class: kind, onclick, "aria-label": `${label} ${name}` }, label);
    return h(
      "li",
      { class: "route-item", "data-preset": name },
      h(
        "div",
        { class: "head" },
        h("h2", {}, name),
        on ? pill("on", `${route} runs it`) : null,
        reason ? pill("warn", "not to be had") : null,
      ),
      h(
        "p",
        { class: "what" },
        h("b", {}, route),
        h("span", { role: "img", "aria-label": "to" }, " → "),
        h("code", {}, public_name ?? model ?? "no model"),
      ),
      description && h("p", {}, description),
      reason && h("p", { class: "why-so" }, reason),
      h(
        "p",
        { class: "chips" },
        ...Object.entries(params).map(([key, value]) => pill("", `${key} ${JSON.stringify(value)}`)),
      ),
      h(
        "div",
        { class: "act" },
        button("Apply", () => void apply(preset), "small primary"),
        button("Edit", () => form.open(preset)),
        button("Remove", () => void remove(preset)),
      ),
      h("details", {}, h("summary", {}, "YAML"), block(`${name}: YAML`, text)),
    );
  }

  const actor = () => page.prefs.actor || "page";

  /** @param {Preset} preset */
  async function apply(preset, force = false) {
    const title = `${preset.route} stays as it is`;
    try {
      const answer = await send("POST", `presets/${path(preset.name)}/apply`, { force, actor: actor() });
      const shared = Object.keys(answer.params).length
        ? ["Its parameters are for clients to send along; see its YAML."]
        : [];
      toast({
        title: `${answer.route} → ${answer.target}`,
        lines: [`preset ${preset.name}`, ...shared],
        action: "Undo",
        onAction: () => void page.switcher.back(answer.route),
      });
      void page.client.load().catch(() => {}); // no stream, no news
    } catch (error) {
      await notWritten(error, title, { force: () => void apply(preset, true) });
    }
  }

  /** @param {Record<string, unknown>} body @param {Preset | null} before @param {string | null} [over] */
  async function save(body, before, over) {
    const { name, ...rest } = body;
    const digest = over ?? before?.digest ?? null;
    try {
      const answer = digest
        ? await send("PUT", `presets/${path(String(name))}`, { ...rest, actor: actor() }, { digest })
        : await send("POST", "presets", { ...body, actor: actor() });
      form.close();
      tell(`${name} is saved`, answer);
    } catch (error) {
      await notWritten(error, `${name} was not saved`, {
        over: (theirs) => void save(body, before, theirs),
        theirs: () => (form.close(), void load()),
      });
    }
  }

  /** @param {Preset} preset */
  async function remove({ name, digest }) {
    const sure = await ask({
      title: `Remove ${name}?`,
      body: ["It goes from presets.yaml; the routes stay where they are."],
      yes: "Remove",
      tone: "danger",
    });
    if (!sure) return;
    try {
      tell(`${name} is removed`, await send("DELETE", `presets/${path(name)}`, undefined, { digest }));
    } catch (error) {
      await notWritten(error, `${name} was not removed`);
      void load();
    }
  }

  /** @param {string} title @param {import("./changes.js").Written} answer */
  function tell(title, answer) {
    const box = written(title, answer, () => (done.replaceChildren(), add.focus()));
    done.replaceChildren(box.element);
    box.focus();
    void load();
  }

  return {
    show() {
      const { loaded, revision, version, routes, providers } = page.client.getSnapshot();
      form.show();
      const now = JSON.stringify([revision, version, providers.length, routes.map((one) => one.target)]);
      if (!loaded || (now === asked && Date.now() - askedAt < STALE_MS)) return;
      asked = now;
      void load();
    },
  };
}
