// @ts-check
/** The form of one model's file, made from its schema, checked by the server while it is filled in. */
import { ModelctlError } from "../clients/model-request.js";
import { get, path, send } from "./api.js";
import { notWritten } from "./changes.js";
import { customPreview } from "./custom-preview.js";
import { field } from "./dialog.js";
import { h, one } from "./dom.js";
import { fieldOf, readAll, Wrong, writeAll } from "./schema-fields.js";

/** @typedef {import("./custom.js").CustomFile} CustomFile */
/** @typedef {import("./schema-fields.js").Field} Field */

const FIRST = [
  "name", "model", "mode", "public_name", "context_window", "max_output_tokens", "description", "tags", "price",
  "supports_streaming", "supports_tools", "supports_vision", "supports_audio", "supports_json", "is_reasoning",
]; // prettier-ignore
const HIDDEN = ["id"]; // the file's name says it
const FIRST_OF_PROVIDER = ["litellm_provider", "api_base", "api_key", "name"];
const HIDDEN_OF_PROVIDER = ["models"];
const CHECK_AFTER_MS = 300;
const NEW = "\nnew";

/**
 * @param {import("./app.js").Page} page
 * @param {{saved: (title: string, answer: any) => void, reopen: (provider: string, id: string) => void}} then
 */
export function customForm(page, then) {
  const provider = h("select", { name: "provider" });
  const newId = h("input", { name: "new_provider_id", autocomplete: "off", spellcheck: "false", maxlength: 100 });
  const id = h("input", { name: "id", autocomplete: "off", spellcheck: "false", maxlength: 100 });
  const title = h("h2", {});
  const newBox = h("fieldset", { hidden: true }, h("legend", {}, "New provider"), field("Id of the provider", newId));
  const fieldsBox = h("div", { class: "stack model-fields" });
  const yaml = h("textarea", { rows: 18, spellcheck: "false", class: "code" });
  const yamlBox = h("div", { hidden: true }, field("The file's YAML", yaml));
  const asYaml = h("button", { type: "button", class: "link", onclick: () => toYaml() }, "Edit as YAML");
  const preview = customPreview({
    test: () => send("POST", "models/custom/test", draft(), { signal: AbortSignal.timeout(120_000) }),
  });
  const element = h(
    "form",
    { class: "card-box custom", novalidate: true, hidden: true, "aria-label": "Custom model" },
    h("div", { class: "titled" }, title, asYaml),
    h(
      "div",
      { class: "halves" },
      h(
        "div",
        { class: "stack" },
        h("div", { class: "grid" }, field("Provider", provider), field("Id", id, "Also the file's name.")),
        newBox,
        fieldsBox,
        yamlBox,
      ),
      preview.element,
    ),
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", onclick: () => close() }, "Cancel"),
      h("button", { type: "submit", class: "primary" }, "Save model"),
    ),
  );
  /** @type {CustomFile | null} */
  let before = null;
  /** @type {HTMLElement | null} */
  let from = null;
  /** @type {Field[]} */
  let fields = [];
  /** @type {Field[]} */
  let ofProvider = [];
  /** Keys of the file that have no field. @type {Record<string, unknown>} */
  let unshown = {};
  let listed = /** @type {readonly unknown[] | null} */ (null);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let checking = new AbortController();
  let denied = false; // who gave no token is not asked for one at every keystroke

  element.addEventListener("input", () => later());
  provider.addEventListener("change", () => (newBox.hidden = provider.value !== NEW));
  element.addEventListener("submit", (event) => (event.preventDefault(), void submit()));

  /** The schemas, once. */
  async function prepare() {
    if (fields.length) return;
    const schemas = /** @type {any} */ (await get("models/custom/schema"));
    fields = build(fieldsBox, schemas.model, FIRST, HIDDEN);
    ofProvider = build(newBox, schemas.provider, FIRST_OF_PROVIDER, HIDDEN_OF_PROVIDER);
  }

  /** What is filled in. Throws a Wrong. */
  function draft() {
    const isNew = provider.value === NEW;
    const who = { provider: isNew ? newId.value.trim() : provider.value, id: id.value.trim() };
    const what = yamlBox.hidden ? { model: { ...unshown, ...readAll(fields) } } : { text: yaml.value };
    return { ...who, ...what, ...(isNew ? { new_provider: readAll(ofProvider) } : {}) };
  }

  function later() {
    clearTimeout(timer);
    checking.abort(); // its answer would be of another text
    if (!denied) timer = setTimeout(() => void check(), CHECK_AFTER_MS);
  }

  /** Whether it may be saved. @returns {Promise<boolean>} */
  async function check() {
    clearTimeout(timer);
    checking.abort();
    const mine = (checking = new AbortController());
    try {
      const wanted = draft();
      if (!wanted.provider || !wanted.id) return preview.wait("Choose a provider and give the model an id.");
      const answer = await send("POST", "models/custom/check", wanted, { signal: mine.signal });
      denied = false;
      return mine.signal.aborted ? false : told(answer);
    } catch (error) {
      if (error instanceof Wrong) return preview.wait(`Not checked yet: ${error.message}.`);
      denied = error instanceof ModelctlError && error.status === 401;
      return mine.signal.aborted ? false : preview.wait(String(/** @type {Error} */ (error).message));
    }
  }

  /** @param {any} answer of the check */
  function told(answer) {
    for (const one of fields) one.complain(yamlBox.hidden ? messages(answer.problems, one.name) : "");
    const taken = !before && answer.exists;
    preview.show(answer, taken ? "There is such a file already. Edit that one, or choose another id." : "");
    return answer.ok && !taken;
  }

  async function submit() {
    if (!(await check())) {
      const bad = element.querySelector("[aria-invalid]");
      if (bad instanceof HTMLElement) (bad.closest("details")?.setAttribute("open", ""), bad.focus());
      else (id.value.trim() ? preview : id).focus();
      return;
    }
    await save(before?.digest ?? null, false);
  }

  /** @param {string | null} digest @param {boolean} force */
  async function save(digest, force) {
    const wanted = { ...draft(), force, actor: page.prefs.actor || "page" };
    const name = `${wanted.provider}/${wanted.id}`;
    try {
      const { provider: of, id: which, new_provider: _, ...rest } = wanted;
      const answer = digest
        ? await send("PUT", `models/custom/${path(of, which)}`, rest, { digest })
        : await send("POST", "models/custom", wanted);
      close();
      then.saved(`${name} is saved`, answer);
    } catch (error) {
      await notWritten(error, `${name} was not saved`, {
        force: () => void save(digest, true),
        over: (theirs) => void save(theirs, force),
        theirs: () => then.reopen(wanted.provider, wanted.id),
      });
    }
  }

  /** From here on as text: not every text can go back into fields. @param {string} [text] */
  function toYaml(text = preview.text || before?.text || "") {
    yaml.value = text;
    yamlBox.hidden = false;
    fieldsBox.hidden = asYaml.hidden = true;
    yaml.focus();
    later();
  }

  /** @param {CustomFile | null} file null is a new one */
  async function open(file) {
    from = /** @type {HTMLElement | null} */ (document.activeElement);
    await prepare();
    before = file;
    denied = false;
    listed = null;
    show(file?.provider ?? "");
    provider.disabled = id.readOnly = Boolean(file);
    id.value = file?.id ?? "";
    newId.value = "";
    title.textContent = file ? `Edit ${file.provider}/${file.id}` : "New model";
    const model = file?.model ?? {};
    unshown = Object.fromEntries(Object.entries(model).filter(([key]) => !fields.some((one) => one.name === key)));
    writeAll(fields, model);
    writeAll(ofProvider, {});
    yamlBox.hidden = true;
    fieldsBox.hidden = asYaml.hidden = false;
    for (const more of element.querySelectorAll("details")) more.open = false;
    preview.clear();
    element.hidden = false;
    (file ? one(fieldsBox, "input, select") : provider).focus();
    element.scrollIntoView({ block: "nearest" });
    if (file?.problems.length) toYaml(file.text ?? undefined); // fields would drop what could not be read
    void check();
  }

  function close() {
    checking.abort();
    clearTimeout(timer);
    element.hidden = true;
    from?.focus();
  }

  /** The providers to choose from, where they differ. */
  function show(value = provider.value) {
    const { providers } = page.client.getSnapshot();
    if (providers === listed) return;
    listed = providers;
    const known = providers.some((each) => each.id === value) || value === NEW;
    provider.replaceChildren(
      h("option", { value: "" }, "choose one"),
      ...providers.map((each) =>
        h("option", { value: each.id }, each.name === each.id ? each.id : `${each.name} (${each.id})`),
      ),
      ...(value && !known ? [h("option", { value }, value)] : []),
      h("option", { value: NEW }, "a new one…"),
    );
    provider.value = value;
    newBox.hidden = value !== NEW;
  }

  return { element, open, show: () => void (element.hidden || show()) };
}

/** Fields of a schema: the most used ones, the rest folded. @param {HTMLElement} box @param {any} schema @param {string[]} first @param {string[]} hidden */
function build(box, schema, first, hidden) {
  const names = Object.keys(schema.properties).filter((name) => !hidden.includes(name));
  const made = new Map(names.map((name) => [name, fieldOf(name, schema.properties[name], schema)]));
  const top = first.filter((name) => made.has(name));
  const rest = names.filter((name) => !top.includes(name));
  const grid = (/** @type {string[]} */ some) =>
    h("div", { class: "grid" }, ...some.map((name) => made.get(name)?.element));
  box.append(grid(top), h("details", {}, h("summary", {}, "More"), grid(rest)));
  return [...top, ...rest].flatMap((name) => made.get(name) ?? []); // the order of the file's keys, too
}

/** @param {any[]} problems @param {string} name */
const messages = (problems, name) =>
  problems
    .filter((one) => one.field === name && (one.severity ?? "error") === "error")
    .map((one) => one.message.replaceAll("`", ""))
    .join(" ");
