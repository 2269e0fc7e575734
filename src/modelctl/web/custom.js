// @ts-check
/** Models in files of their own: add, edit, remove; written here, committed by whoever wrote them. */
import { get, path, send } from "./api.js";
import { action, catalogEntries, yaml } from "./catalog-entries.js";
import { notWritten, problemList } from "./changes.js";
import { customForm } from "./custom-form.js";
import { ask } from "./dialog.js";
import { h, pill } from "./dom.js";
import { failed } from "./switcher.js";

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
  const form = customForm(page, {
    saved: (title, answer) => entries.tell(title, answer),
    reopen: (provider, id) => void edit({ provider, id }),
  });
  const add = h("button", { type: "button", class: "primary", onclick: () => void open() }, "Add a model");
  const entries = catalogEntries(panel, page, {
    title: "Custom models",
    from: "models/custom",
    add,
    form,
    none: [
      h("h2", {}, "No models in files of their own yet"),
      h(
        "p",
        {},
        "What is added here becomes ",
        h("code", {}, "catalog/providers/<provider>/<id>.yaml"),
        ". Models that a provider's own file lists are edited there.",
      ),
    ],
    key: nameOf,
    shown: (/** @type {CustomFile} */ file) => file,
    item,
  });

  /** @param {CustomFile} file */
  function item(file) {
    const { provider, name, public_name, text, editable, reason, problems } = file;
    const full = nameOf(file);
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
        action("Edit", full, () => void edit(file), { disabled: !editable }),
        action("Remove", full, () => void remove(file), { disabled: !editable }),
      ),
      text === null ? null : yaml(full, text),
    );
  }

  async function open() {
    try {
      await form.open(null);
    } catch (error) {
      failed(error, "The form could not be opened");
    }
  }

  /** As it is now, not as it was listed. @param {{provider: string, id: string}} which */
  async function edit({ provider, id }) {
    try {
      await form.open(/** @type {CustomFile} */ (await get(`models/custom/${path(provider, id)}`)));
    } catch (error) {
      failed(error, `${provider}/${id} cannot be edited`);
      void entries.load();
    }
  }

  /** @param {CustomFile} file @param {boolean} [force] */
  async function remove({ provider, id, file, digest }, force = false) {
    const name = `${provider}/${id}`;
    const question = {
      title: `Remove ${name}?`,
      body: [`${file} is deleted, and requests to the model fail from then on. It is not committed.`],
      yes: "Remove",
    };
    if (!force && !(await ask({ ...question, tone: "danger" }))) return;
    try {
      const query = force ? "?force=true" : "";
      const where = `models/custom/${path(provider, id)}${query}`;
      entries.tell(`${name} is removed`, await send("DELETE", where, undefined, { digest }));
    } catch (error) {
      const again = () => void remove(/** @type {CustomFile} */ ({ provider, id, file, digest }), true);
      await notWritten(error, `${name} was not removed`, { force: again });
      void entries.load();
    }
  }

  return { show: () => entries.show(page.client.getSnapshot().revision) };
}
