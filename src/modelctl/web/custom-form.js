// @ts-check
/** The form of one model's file, checked by the server while it is filled in. */
import { ModelctlError } from "../clients/model-request.js";
import { path, send } from "./api.js";
import { notWritten } from "./changes.js";
import { CustomFields } from "./custom-fields.js";
import { customPreview } from "./custom-preview.js";
import { h } from "./dom.js";
import { Wrong } from "./form-field.js";

/** @typedef {import("./custom.js").CustomFile} CustomFile */
/** @typedef {{saved: (title: string, answer: any) => void, reopen: (provider: string, id: string) => void}} Then */

const CHECK_AFTER_MS = 300;
const TEST_MS = 120_000;

/** @param {import("./app.js").Page} page @param {Then} then */
export const customForm = (page, then) => new CustomForm(page, then);

class CustomForm {
  #fields = new CustomFields(() => this.#later());
  #preview = customPreview({
    test: () => send("POST", "models/custom/test", this.#fields.draft(), { signal: AbortSignal.timeout(TEST_MS) }),
  });
  #title = h("h2", {});
  #asYaml = h("button", { type: "button", class: "link", onclick: () => this.#toYaml() }, "Edit as YAML");
  /** @type {CustomFile | null} */
  #before = null;
  /** @type {HTMLElement | null} */
  #from = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #checking = new AbortController();
  #denied = false; // who gave no token is not asked for one at every keystroke

  /** @param {import("./app.js").Page} page @param {Then} then */
  constructor(page, then) {
    this.page = page;
    this.then = then;
    const cancel = h("button", { type: "button", onclick: () => this.#close() }, "Cancel");
    this.element = h(
      "form",
      { class: "card-box custom", novalidate: true, hidden: true, "aria-label": "Custom model" },
      h("div", { class: "titled" }, this.#title, this.#asYaml),
      h("div", { class: "halves" }, this.#fields.element, this.#preview.element),
      h("div", { class: "buttons" }, cancel, h("button", { type: "submit", class: "primary" }, "Save model")),
    );
    this.element.addEventListener("input", () => this.#later());
    this.element.addEventListener("submit", (event) => (event.preventDefault(), void this.#submit()));
  }

  show() {
    if (!this.element.hidden) this.#fields.offer(this.page.client.getSnapshot().providers);
  }

  #later() {
    clearTimeout(this.#timer);
    this.#checking.abort(); // its answer would be of another text
    if (!this.#denied) this.#timer = setTimeout(() => void this.#check(), CHECK_AFTER_MS);
  }

  /** Whether it may be saved. @returns {Promise<boolean>} */
  async #check() {
    clearTimeout(this.#timer);
    this.#checking.abort();
    const mine = (this.#checking = new AbortController());
    const { provider, id } = this.#fields.name;
    try {
      const wanted = this.#fields.draft();
      if (!provider || !id) return this.#wait("Choose a provider and give the model an id.");
      const answer = await send("POST", "models/custom/check", wanted, { signal: mine.signal });
      this.#denied = false;
      return mine.signal.aborted ? false : this.#judge(answer);
    } catch (error) {
      if (error instanceof Wrong) return this.#preview.wait(`Not checked yet: ${error.message}.`);
      this.#denied = error instanceof ModelctlError && error.status === 401;
      return mine.signal.aborted ? false : this.#preview.wait(String(/** @type {Error} */ (error).message));
    }
  }

  /** @param {string} why */
  #wait(why) {
    this.#fields.complain([]);
    return this.#preview.wait(why);
  }

  /** @param {any} answer of the check */
  #judge(answer) {
    const taken = !this.#before && answer.exists ? "This file exists already. Edit it, or choose another id." : "";
    this.#fields.complain(taken ? [...answer.problems, { field: "id", message: taken }] : answer.problems);
    this.#preview.show(answer, taken);
    return answer.ok && !taken;
  }

  async #submit() {
    const fine = await this.#check();
    const missing = this.#fields.missing();
    if (!missing && fine) return this.#save(this.#before?.digest ?? null, false);
    if (!this.#fields.focusWrong()) this.#preview.focus();
  }

  /** @param {string | null} digest @param {boolean} force */
  async #save(digest, force) {
    const wanted = { ...this.#fields.draft(), force, actor: this.page.prefs.actor || "page" };
    const name = `${wanted.provider}/${wanted.id}`;
    try {
      const { provider: of, id: which, new_provider: _, ...rest } = wanted;
      const answer = digest
        ? await send("PUT", `models/custom/${path(of, which)}`, rest, { digest })
        : await send("POST", "models/custom", wanted);
      this.#close();
      this.then.saved(`${name} is saved`, answer);
    } catch (error) {
      await notWritten(error, `${name} was not saved`, {
        force: () => void this.#save(digest, true),
        over: (theirs) => void this.#save(theirs, force),
        theirs: () => this.then.reopen(wanted.provider, wanted.id),
      });
    }
  }

  /** @param {string} [text] */
  #toYaml(text = this.#preview.text || this.#before?.text || "") {
    this.#fields.toText(text);
    this.#asYaml.hidden = true;
    this.#later();
  }

  /** @param {CustomFile | null} file null is a new one */
  async open(file) {
    this.#from = /** @type {HTMLElement | null} */ (document.activeElement);
    await this.#fields.prepare();
    this.#before = file;
    this.#denied = false;
    this.#fields.write(file, this.page.client.getSnapshot().providers);
    this.#title.textContent = file ? `Edit ${file.provider}/${file.id}` : "New model";
    this.#asYaml.hidden = false;
    this.#preview.clear();
    this.element.hidden = false;
    this.#fields.focus();
    this.element.scrollIntoView({ block: "nearest" });
    if (file?.problems.length) this.#toYaml(file.text ?? undefined); // fields would drop what could not be read
    void this.#check();
  }

  #close() {
    this.#checking.abort();
    clearTimeout(this.#timer);
    this.element.hidden = true;
    this.#from?.focus();
  }
}
