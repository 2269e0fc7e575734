// @ts-check
/** Findings of check as a list: what, where, and what to do. @typedef {import("../clients/model-types.js").Problem} Problem */
import { h, pill } from "./dom.js";

/** @param {Problem} problem */
export const place = ({ file, line, column }) => [file, line, column].filter(Boolean).join(":");

/** What stands in `backticks` becomes code. @param {string} text @returns {(string | Node)[]} */
export const prose = (text) => text.split(/`([^`\n]+)`/).map((part, at) => (at % 2 ? h("code", {}, part) : part));

/** What is no rule of check but a kind of failure of the API. @type {Record<string, string>} */
const KINDS = { bad_request: "not valid", not_found: "not found", refused: "refused", conflict: "conflict" };

/** @param {Problem} problem */
export function problemItem(problem) {
  const where = place(problem);
  return h(
    "li",
    { class: `problem ${problem.severity ?? "error"}` },
    h(
      "div",
      { class: "line" },
      pill(
        problem.severity === "error" ? "bad" : problem.severity === "warning" ? "warn" : "",
        KINDS[problem.rule] ?? problem.rule,
      ),
      where && h("button", { type: "button", class: "place", title: "Copy", onclick: () => copy(where) }, where),
    ),
    h("p", {}, ...prose(problem.message)),
    problem.hint && h("pre", { tabindex: 0, "aria-label": "Hint" }, ...prose(problem.hint)),
  );
}

/** @param {string} text */
const copy = (text) => void navigator.clipboard?.writeText(text).catch(() => {});

/** @param {readonly Problem[]} problems */
export function count(problems) {
  const errors = problems.filter((problem) => (problem.severity ?? "error") === "error").length;
  const warnings = problems.filter((problem) => problem.severity === "warning").length;
  return { errors, warnings };
}
