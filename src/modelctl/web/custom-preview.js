// @ts-check
/** Beside the form: what is wrong, what would be written, and one real request to try it. */
import { ModelctlError } from "../clients/model-request.js";
import { diff, problemList } from "./changes.js";
import { h, say } from "./dom.js";
import { count } from "./problems.js";
import { Wrong } from "./schema-fields.js";

/** @param {{test: () => Promise<any>}} how */
export function customPreview({ test }) {
  const verdict = h("p", { class: "verdict", role: "status", tabindex: -1 });
  const problems = h("div", {});
  const shown = h("div", {});
  const tried = h("div", { role: "status" });
  const button = h("button", { type: "button", onclick: () => void run() }, "Send a test request");
  const note = h(
    "small",
    {},
    "One real request of one token, from the control plane's host. It takes some ten seconds and may cost money.",
  );
  const element = h(
    "div",
    { class: "stack preview" },
    h("h3", {}, "Preview"),
    verdict,
    problems,
    shown,
    h("h3", {}, "Try it"),
    h("div", { class: "act" }, button, note),
    tried,
  );
  let text = "";

  async function run() {
    button.disabled = true;
    tried.replaceChildren(h("p", { class: "quiet-line" }, "Asking…"));
    try {
      tried.replaceChildren(...result(await test()));
    } catch (error) {
      if (!(error instanceof ModelctlError || error instanceof Wrong)) throw error;
      const more = error instanceof ModelctlError ? error.problems : [];
      tried.replaceChildren(h("p", { class: "wrong" }, error.message), more.length ? problemList(more) : "");
    } finally {
      button.disabled = false;
    }
  }

  return {
    element,
    get text() {
      return text;
    },
    focus: () => verdict.focus(),

    /** Not to be judged yet. @param {string} why @returns {false} */
    wait(why) {
      say(verdict, why);
      verdict.dataset.tone = "";
      problems.replaceChildren();
      shown.replaceChildren();
      button.disabled = true;
      return false;
    },

    /** @param {any} answer of the check @param {string} taken why it cannot be saved all the same */
    show(answer, taken) {
      const { errors, warnings } = count(answer.problems);
      const fine = answer.ok && !taken;
      const bad = `${errors} ${errors === 1 ? "problem" : "problems"}; nothing can be written until there is none.`;
      say(
        verdict,
        taken ||
          (fine
            ? `${answer.diff ? "Ready to save." : "As it is now."}${warnings ? ` ${warnings} ${warnings === 1 ? "warning" : "warnings"}.` : ""}`
            : bad),
      );
      verdict.dataset.tone = fine ? "good" : "bad";
      problems.replaceChildren(...(answer.problems.length ? [problemList(answer.problems)] : []));
      const lost = answer.comments_kept
        ? ""
        : h("p", { class: "quiet-line" }, "Comments of the file that is there are lost.");
      shown.replaceChildren(...[lost, answer.diff ? diff(answer.diff, "Diff") : ""].filter((one) => one !== ""));
      text = answer.text ?? text;
      button.disabled = !answer.ok;
    },

    clear() {
      text = "";
      tried.replaceChildren();
      this.wait("");
    },
  };
}

/** @param {any} answer @returns {HTMLElement[]} */
function result({ ok, ms, error, text, tokens, where }) {
  const spent = tokens?.input == null ? "" : `, ${tokens.input} tokens in, ${tokens.output ?? "?"} out`;
  const time = ms == null ? "" : ` in ${Math.round(ms)} ms`;
  return [
    h(
      "p",
      { class: "verdict", "data-tone": ok ? "good" : "bad" },
      ok ? `It answered${time}${spent}.` : "It did not answer as it should.",
    ),
    ...(ok && text ? [h("pre", { tabindex: 0, role: "region", "aria-label": "Its answer" }, text)] : []),
    ...(error ? [h("p", { class: "wrong" }, error)] : []),
    h("small", {}, where),
  ];
}
