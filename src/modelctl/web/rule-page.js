// @ts-check
/** A problem with the manual page of its rule, read when somebody opens it. */
import { get, path } from "./api.js";
import { copyButton } from "./copy.js";
import { h } from "./dom.js";
import { markdown } from "./markdown.js";
import { place, problemItem } from "./problems.js";
import { words } from "./words.js";

/** @param {import("../clients/model-types.js").Problem} problem */
export function explainable(problem) {
  const { rule, severity = "error", message, hint } = problem;
  const where = place(problem);
  const text = `${where ? `${where}: ` : ""}${severity}[${rule}]: ${message}${hint ? `\n  hint: ${hint}` : ""}`;
  const manual = h("div", { class: "written-out" });
  const details = h("details", {}, h("summary", {}, `About ${rule}`), manual);
  details.addEventListener("toggle", () => {
    if (details.open && !manual.childElementCount) void read(rule, manual);
  });
  const item = problemItem(problem);
  item.append(h("div", { class: "act" }, details, copyButton(() => text, `problem ${rule}`))); // prettier-ignore
  return item;
}

/** @param {string} rule @param {HTMLElement} manual */
async function read(rule, manual) {
  try {
    const { manual: text } = /** @type {{manual: string}} */ (await get(`rules/${path(rule)}`));
    manual.replaceChildren(...markdown(text));
  } catch (error) {
    manual.replaceChildren(h("p", { class: "wrong" }, words(error)));
  }
}
