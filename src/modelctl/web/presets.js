// @ts-check
/** Choices under a name: save, apply, share as YAML in `catalog/presets.yaml`. */
import { path, send } from "./api.js";
import { action, catalogEntries, yaml } from "./catalog-entries.js";
import { notWritten } from "./changes.js";
import { ask } from "./dialog.js";
import { h, pill } from "./dom.js";
import { presetForm } from "./preset-form.js";
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

/** @param {HTMLElement} panel @param {import("./app.js").Page} page */
export function mount(panel, page) {
  const form = presetForm(page, (body, preset) => void save(body, preset));
  const add = h("button", { type: "button", class: "primary", onclick: () => form.open(null) }, "New preset");
  const entries = catalogEntries(panel, page, {
    title: "Presets",
    from: "presets",
    add,
    form,
    none: [
      h("h2", {}, "No presets yet"),
      h(
        "p",
        {},
        "Save a route, a model and how it shall answer under a name; others find it in ",
        h("code", {}, "catalog/presets.yaml"),
        ".",
      ),
    ],
    key: (/** @type {Preset} */ preset) => preset.name,
    shown: (preset) => [preset, runs(preset)],
    item,
  });

  /** Whether its route points to its model. @param {Preset} preset */
  const runs = ({ route, public_name }) =>
    page.client.getSnapshot().routes.some((one) => one.route === route && one.target === public_name);

  /** @param {Preset} preset */
  function item(preset) {
    const { name, route, model, public_name, reason, description, params, text } = preset;
    return h(
      "li",
      { class: "route-item", "data-preset": name },
      h(
        "div",
        { class: "head" },
        h("h2", {}, name),
        runs(preset) ? pill("on", `${route} runs it`) : null,
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
        action("Apply", name, () => void apply(preset), { class: "small primary" }),
        action("Edit", name, () => form.open(preset)),
        action("Remove", name, () => void remove(preset)),
      ),
      yaml(name, text),
    );
  }

  const actor = () => page.prefs.actor || "page";

  /** @param {Preset} preset */
  async function apply(preset, force = false) {
    const title = `${preset.route} was not switched`;
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
      entries.tell(`${name} is saved`, answer);
    } catch (error) {
      await notWritten(error, `${name} was not saved`, {
        over: (theirs) => void save(body, before, theirs),
        theirs: () => (form.close(), void entries.load()),
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
      entries.tell(`${name} is removed`, await send("DELETE", `presets/${path(name)}`, undefined, { digest }));
    } catch (error) {
      await notWritten(error, `${name} was not removed`);
      void entries.load();
    }
  }

  return {
    show() {
      const { revision, version, routes, providers } = page.client.getSnapshot();
      entries.show([revision, version, providers.length, routes.map((one) => one.target)]);
    },
  };
}
