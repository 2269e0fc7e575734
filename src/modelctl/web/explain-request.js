// @ts-check
/** A small form: why a recent request went where it went. */
import { get } from "./api.js";
import { h } from "./dom.js";

const HINT = "x-litellm-call-id, or the answer's id";

export class ExplainRequest {
  #input = h("input", { type: "text", name: "id", "aria-label": "Id of a request", placeholder: HINT, required: true, maxlength: 300, autocomplete: "off", spellcheck: false }); // prettier-ignore
  #says = h("ul", { class: "fine", "aria-live": "polite" });
  #asked = 0;

  constructor() {
    const form = h("form", { class: "together" }, this.#input, h("button", { type: "submit" }, "Explain"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#explain(this.#input.value.trim());
    });
    this.element = h("div", { class: "stack" }, form, this.#says);
  }

  /** @param {string} id */
  async #explain(id) {
    if (!id) return;
    const asked = ++this.#asked;
    const said = await says(id);
    if (asked === this.#asked) this.#says.replaceChildren(...said.map((text) => h("li", {}, text)));
  }
}

/** @param {string} id @returns {Promise<string[]>} */
async function says(id) {
  try {
    const answer = /** @type {{says: string[]}} */ (await get(`/requests/${encodeURIComponent(id)}`));
    return answer.says;
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
