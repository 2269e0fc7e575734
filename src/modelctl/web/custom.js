// @ts-check
/** Models in files of their own: add, edit, remove; written here, committed by whoever wrote them. */
import { get, path, send } from "./api.js";
import { block, notWritten, problemList, written } from "./changes.js";
import { customForm } from "./custom-form.js";
import { ask } from "./dialog.js";
import { arrange, h, pill } from "./dom.js";
import { failed } from "./switcher.js";

/**
 * @typedef {object} CustomFile
 * @property {string} provider
 * @property {string} id
 * @property {string} name
 * @property {string} public_name
 * @property {string} file
 * @property {string} digest
 * @property {string} text
 * @property {Record<string, unknown>} model
 * @property {boolean} editable
 * @property {string | null} reason
 * @property {import("../clients/model-types.js").Problem[]} problems
 */

const STALE_MS = 3000;

/** @param {HTMLElement} panel @param {import("./app.js").Page} page */
export function mount(panel, page) {
  const list = h("ul", { class: "route-list" });
  const empty = h(
    "div",
    { class: "empty", hidden: true },
    h("h2", {}, "No models in files of their own yet"),
    h(
      "p",
      {},
      "What is added here becomes ",
      h("code", {}, "catalog/providers/<provider>/<id>.yaml"),
      ". Models that a provider's own file lists are edited there.",
    ),
  );
  const done = h("div", { class: "outcome" });
  const form = customForm(page, { saved: tell, reopen: (provider, id) => void edit({ provider, id }) });
  const add = h("button", { type: "button", class: "primary", onclick: () => void open() }, "Add a model");
  panel.append(h("div", { class: "titled" }, h("h1", {}, "Custom models"), add), form.element, done, list, empty);
  /** @type {Map<string, {element: HTMLElement, text: string}>} */
  let made = new Map();
  let asked = "";
  let askedAt = 0;

  async function load() {
    askedAt = Date.now();
    try {
      draw(/** @type {CustomFile[]} */ (await get("models/custom")));
    } catch (error) {
      asked = "";
      if (page.client.getSnapshot().connection === "live") failed(error, "Custom models could not be read");
    }
  }

  /** @param {CustomFile[]} files */
  function draw(files) {
    const items = files.map((file) => {
      const [key, text] = [`${file.provider}/${file.id}`, JSON.stringify(file)];
      const kept = made.get(key);
      return /** @type {const} */ ([key, kept?.text === text ? kept : { element: item(file), text }]);
    });
    made = new Map(items);
    arrange(list, items.map(([, { element }]) => element)); // prettier-ignore
    empty.hidden = files.length > 0;
  }

  /** @param {CustomFile} file */
  function item(file) {
    const { provider, id, name, public_name, text, editable, reason, problems } = file;
    const button = (/** @type {string} */ label, /** @type {() => void} */ onclick) =>
      h(
        "button",
        { type: "button", class: "small", onclick, disabled: !editable, "aria-label": `${label} ${provider}/${id}` },
        label,
      );
    return h(
      "li",
      { class: "route-item", "data-key": `${provider}/${id}` },
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
        button("Edit", () => void edit(file)),
        button("Remove", () => void remove(file)),
      ),
      h("details", {}, h("summary", {}, "YAML"), block(`${provider}/${id}: YAML`, text)),
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
      void load();
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
      tell(
        `${name} is removed`,
        await send("DELETE", `models/custom/${path(provider, id)}${query}`, undefined, { digest }),
      );
    } catch (error) {
      const again = () => void remove(/** @type {CustomFile} */ ({ provider, id, file, digest }), true);
      await notWritten(error, `${name} was not removed`, { force: again });
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
      const { loaded, revision } = page.client.getSnapshot();
      form.show();
      if (!loaded || (revision === asked && Date.now() - askedAt < STALE_MS)) return;
      asked = revision ?? "";
      void load();
    },
  };
}
