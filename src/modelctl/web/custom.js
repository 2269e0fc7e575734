// @ts-check
/** Models in files of their own: add, edit, remove; written here, committed by whoever wrote them. */
import { get, path, send } from "./api.js";
import { action, catalogEntries, yaml } from "./catalog-entries.js";
import { notWritten, problemList } from "./changes.js";
import { customForm } from "./custom-form.js";
import { ask } from "./dialog.js";
import { h, pill } from "./dom.js";
import { failed } from "./outcome.js";

/**
 * @typedef {object} CustomFile
 * @property {string} provider
 * @property {string} id
 * @property {string} name
 * @property {string} public_name
 * @property {string} file
 * @property {string} digest
 * @property {string | null} text null where it is not for everybody's eyes
 * @property {Record<string, unknown> | null} model
 * @property {boolean} editable
 * @property {string | null} reason
 * @property {import("../clients/model-types.js").Problem[]} problems
 */

/** @param {{provider: string, id: string}} file */
const nameOf = ({ provider, id }) => `${provider}/${id}`;

/** @param {HTMLElement} panel @param {import("./app.js").Page} page */
export function mount(panel, page) {
  const custom = new Custom(panel, page);
  return { show: () => custom.entries.show(page.client.getSnapshot().revision) };
}

class Custom {
  /** @param {HTMLElement} panel @param {import("./app.js").Page} page */
  constructor(panel, page) {
    this.form = customForm(page, {
      saved: (title, answer) => this.entries.tell(title, answer),
      reopen: (provider, id) => void this.#edit({ provider, id }),
    });
    this.entries = catalogEntries(panel, page, {
      title: "Custom models",
      from: "models/custom",
      add: h("button", { type: "button", class: "primary", onclick: () => void this.#open() }, "Add a model"),
      form: this.form,
      none: none(),
      key: nameOf,
      shown: (/** @type {CustomFile} */ file) => file,
      item: (file) => this.#item(file),
    });
  }

  /** @param {CustomFile} file */
  #item(file) {
    const { provider, name, public_name, text, editable, reason, problems } = file;
    const full = nameOf(file);
    const disabled = !editable;
    return h(
      "li",
      { class: "route-item", "data-key": full },
      h(
        "div",
        { class: "head" },
        h("h2", {}, name),
        pill("", provider),
        problems.length ? pill("bad", "has problems") : null,
      ),
      h("p", {}, h("code", {}, public_name), h("small", {}, ` in ${file.file}`)),
      reason && h("p", { class: "why-so" }, reason),
      problems.length ? problemList(problems) : null,
      h(
        "div",
        { class: "act" },
        action("Edit", full, () => void this.#edit(file), { disabled }),
        action("Remove", full, () => void this.#remove(file), { disabled }),
      ),
      text === null ? null : yaml(full, text),
    );
  }

  async #open() {
    try {
      await this.form.open(null);
    } catch (error) {
      failed(error, "The form could not be opened");
    }
  }

  /** As it is now, not as it was listed. @param {{provider: string, id: string}} which */
  async #edit({ provider, id }) {
    try {
      await this.form.open(/** @type {CustomFile} */ (await get(`models/custom/${path(provider, id)}`)));
    } catch (error) {
      failed(error, `${provider}/${id} cannot be edited`);
      void this.entries.load();
    }
  }

  /** @param {CustomFile} which @param {boolean} [force] */
  async #remove(which, force = false) {
    const { provider, id, file, digest } = which;
    const name = nameOf(which);
    const body = [`${file} is deleted, and requests to the model fail from then on. The deletion is not committed.`];
    if (!force && !(await ask({ title: `Remove ${name}?`, body, yes: "Remove", tone: "danger" }))) return;
    try {
      const where = `models/custom/${path(provider, id)}${force ? "?force=true" : ""}`;
      this.entries.tell(`${name} is removed`, await send("DELETE", where, undefined, { digest }));
    } catch (error) {
      await notWritten(error, `${name} was not removed`, { force: () => void this.#remove(which, true) });
      void this.entries.load();
    }
  }
}

const none = () => [
  h("h2", {}, "No custom models yet"),
  h(
    "p",
    {},
    "A model that you add here is saved as ",
    h("code", {}, "catalog/providers/<provider>/<id>.yaml"),
    ". Models that a provider's own file lists are edited there.",
  ),
];
