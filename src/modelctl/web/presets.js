// @ts-check
/**
 * Choices under a name: save, apply, share as YAML in `catalog/presets.yaml`. What a preset holds in `params` is for
 * programs that read it from the API: switching a route sends none, so the page neither shows nor asks for them.
 */
import { path, send } from "./api.js";
import { action, catalogEntries, yaml } from "./catalog-entries.js";
import { notWritten } from "./changes.js";
import { ask } from "./dialog.js";
import { h, pill } from "./dom.js";
import { brief } from "./facts.js";
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
  const presets = new Presets(panel, page);
  return {
    show() {
      const { revision, version, routes, providers } = page.client.getSnapshot();
      presets.entries.show([revision, version, providers.length, routes.map((route) => route.target)]);
    },
  };
}

class Presets {
  /** @param {HTMLElement} panel @param {import("./app.js").Page} page */
  constructor(panel, page) {
    this.page = page;
    this.form = presetForm(page, (body, preset) => void this.#save(body, preset));
    const onclick = () => this.form.open(null);
    this.entries = catalogEntries(panel, page, {
      title: "Presets",
      from: "presets",
      add: h("button", { type: "button", class: "primary", onclick }, "New preset"),
      form: this.form,
      none: none(),
      key: (/** @type {Preset} */ preset) => preset.name,
      shown: (preset) => [preset, this.#runs(preset), this.#model(preset)],
      item: (preset) => this.#item(preset),
    });
  }

  get #actor() {
    return this.page.prefs.actor || "page";
  }

  /** Whether its route points to its model. @param {Preset} preset */
  #runs({ route, public_name }) {
    return this.page.client.getSnapshot().routes.some((one) => one.route === route && one.target === public_name);
  }

  /** @param {Preset} preset */
  #model({ provider, public_name }) {
    return public_name === null ? null : this.page.client.find(provider, public_name);
  }

  /** @param {Preset} preset */
  #item(preset) {
    const { name, route, model, public_name, reason, description, text } = preset;
    const known = this.#model(preset);
    const runs = this.#runs(preset);
    const apply = () => action("Apply", name, () => void this.#apply(preset), { class: "small primary" });
    return h(
      "li",
      { class: "route-item", "data-preset": name },
      h(
        "div",
        { class: "head" },
        h("h2", {}, name),
        runs ? pill("on", `${route} runs it`) : null,
        reason ? pill("warn", "not available") : null,
      ),
      h(
        "p",
        { class: "what" },
        h("b", {}, route),
        h("span", { role: "img", "aria-label": "to" }, " → "),
        h("code", {}, public_name ?? model ?? "no model"),
      ),
      known && h("p", { class: "needs" }, brief(known)),
      description && h("p", {}, description),
      reason && h("p", { class: "why-so" }, reason),
      h(
        "div",
        { class: "act" },
        runs ? null : apply(),
        action("Edit", name, () => this.form.open(preset)),
        action("Remove", name, () => void this.#remove(preset)),
      ),
      yaml(name, text),
    );
  }

  /** @param {Preset} preset */
  async #apply(preset, force = false) {
    try {
      const answer = await send("POST", `presets/${path(preset.name)}/apply`, { force, actor: this.#actor });
      toast({
        title: `${answer.route} → ${answer.target}`,
        lines: [`preset ${preset.name}`],
        action: "Undo",
        onAction: () => void this.page.switcher.back(answer.route),
      });
      void this.page.client.load().catch(() => {}); // no stream, no news
    } catch (error) {
      await notWritten(error, `${preset.route} was not switched`, { force: () => void this.#apply(preset, true) });
    }
  }

  /** @param {Record<string, unknown>} body @param {Preset | null} before @param {string | null} [over] */
  async #save(body, before, over) {
    const { name, ...rest } = body;
    const digest = over ?? before?.digest ?? null;
    const actor = this.#actor;
    try {
      const answer = digest
        ? await send("PUT", `presets/${path(String(name))}`, { ...rest, actor }, { digest })
        : await send("POST", "presets", { ...body, actor });
      this.form.close();
      this.entries.tell(`${name} is saved`, answer);
    } catch (error) {
      await notWritten(error, `${name} was not saved`, {
        over: (theirs) => void this.#save(body, before, theirs),
        theirs: () => (this.form.close(), void this.entries.load()),
      });
    }
  }

  /** @param {Preset} preset */
  async #remove({ name, digest }) {
    const body = ["The preset is removed from presets.yaml; routes keep their targets."];
    if (!(await ask({ title: `Remove ${name}?`, body, yes: "Remove", tone: "danger" }))) return;
    try {
      this.entries.tell(`${name} is removed`, await send("DELETE", `presets/${path(name)}`, undefined, { digest }));
    } catch (error) {
      await notWritten(error, `${name} was not removed`);
      void this.entries.load();
    }
  }
}

const none = () => [
  h("h2", {}, "No presets yet"),
  h(
    "p",
    {},
    "A preset is a named choice of a model for a route, stored in ",
    h("code", {}, "catalog/presets.yaml"),
    ".",
  ),
];
