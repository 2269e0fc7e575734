// @ts-check
/** Beside the form: what is wrong, what would be written, and one real request to try it. */
import { ModelctlError } from "../clients/model-request.js";
import { diff, problemList } from "./changes.js";
import { h, say } from "./dom.js";
import { Wrong } from "./form-field.js";
import { count } from "./problems.js";

/** @param {{test: () => Promise<any>}} how */
export const customPreview = (how) => new Preview(how);

class Preview {
  #verdict = h("p", { class: "verdict", role: "status", tabindex: -1 });
  #problems = h("div", {});
  #shown = h("div", {});
  #tried = h("div", { role: "status" });
  #button = h("button", { type: "button", onclick: () => void this.#run() }, "Send a test request");
  /** The file as it would be written. */
  text = "";

  /** @param {{test: () => Promise<any>}} how */
  constructor({ test }) {
    this.test = test;
    const note =
      "One real request of one token, from the control plane's host. It takes some ten seconds and may cost money.";
    this.element = h(
      "div",
      { class: "stack preview" },
      h("h3", {}, "Preview"),
      this.#verdict,
      this.#problems,
      this.#shown,
      h("h3", {}, "Try it"),
      h("div", { class: "act" }, this.#button, h("small", {}, note)),
      this.#tried,
    );
  }

  focus() {
    this.#verdict.focus();
  }

  /** Not to be judged yet. @param {string} why @returns {false} */
  wait(why) {
    say(this.#verdict, why);
    this.#verdict.dataset.tone = "";
    this.#problems.replaceChildren();
    this.#shown.replaceChildren();
    this.#button.disabled = true;
    return false;
  }

  /** @param {any} answer of the check @param {string} taken why it cannot be saved all the same */
  show(answer, taken) {
    const fine = answer.ok && !taken;
    say(this.#verdict, taken || verdictOf(answer));
    this.#verdict.dataset.tone = fine ? "good" : "bad";
    this.#problems.replaceChildren(...(answer.problems.length ? [problemList(answer.problems)] : []));
    const lost = h("p", { class: "quiet-line" }, "The comments of the present file will be lost.");
    const parts = [answer.comments_kept ? null : lost, answer.diff ? diff(answer.diff, "Diff") : null];
    this.#shown.replaceChildren(...parts.filter((part) => part !== null));
    this.text = answer.text ?? this.text;
    this.#button.disabled = !answer.ok;
  }

  clear() {
    this.text = "";
    this.#tried.replaceChildren();
    this.wait("");
  }

  async #run() {
    this.#button.disabled = true;
    this.#tried.replaceChildren(h("p", { class: "quiet-line" }, "Asking…"));
    try {
      this.#tried.replaceChildren(...result(await this.test()));
    } catch (error) {
      if (!(error instanceof ModelctlError || error instanceof Wrong)) throw error;
      const more = error instanceof ModelctlError ? error.problems : [];
      this.#tried.replaceChildren(h("p", { class: "wrong" }, error.message), more.length ? problemList(more) : "");
    } finally {
      this.#button.disabled = false;
    }
  }
}

/** @param {any} answer of the check */
function verdictOf({ ok, problems, diff: text }) {
  const { errors, warnings } = count(problems);
  if (!ok) return `${errors} ${errors === 1 ? "problem" : "problems"}; nothing can be written until there is none.`;
  const more = warnings ? ` ${warnings} ${warnings === 1 ? "warning" : "warnings"}.` : "";
  return `${text ? "Ready to save." : "No change."}${more}`;
}

/** @param {any} answer @returns {HTMLElement[]} */
function result({ ok, ms, error, text, tokens, where }) {
  const spent = tokens?.input == null ? "" : `, ${tokens.input} tokens in, ${tokens.output ?? "?"} out`;
  const time = ms == null ? "" : ` in ${Math.round(ms)} ms`;
  const words = ok ? `It answered${time}${spent}.` : "The test request failed.";
  return [
    h("p", { class: "verdict", "data-tone": ok ? "good" : "bad" }, words),
    ...(ok && text ? [h("pre", { tabindex: 0, role: "region", "aria-label": "Its answer" }, text)] : []),
    ...(error ? [h("p", { class: "wrong" }, error)] : []),
    h("small", {}, where),
  ];
}
