// @ts-check
/** Answers kept in this browser until they are taken away. */
import { answerOf } from "./answer.js";
import { copyButton } from "./copy.js";
import { h } from "./dom.js";

/**
 * @typedef {object} Result
 * @property {string} model
 * @property {string} text
 * @property {string} numbers
 * @property {string} prompt
 */

const KEPT = "modelctl.kept";
const MOST_KEPT = 30;

export function keptAnswers() {
  const list = h("ul", { class: "kept" });
  const title = h("h2", {}, "Saved in this browser");
  const element = h("section", { class: "kept-answers", "aria-label": "Saved answers" }, title, list);
  let results = read();
  draw();

  function draw() {
    element.hidden = !results.length;
    list.replaceChildren(...results.map((one) => item(one, () => put(results.filter((result) => result !== one)))));
  }

  /** @param {Result[]} wanted */
  function put(wanted) {
    results = wanted.slice(0, MOST_KEPT);
    try {
      localStorage.setItem(KEPT, JSON.stringify(results));
    } catch {
      // full or forbidden: kept as long as the page is
    }
    draw();
  }

  return { element, keep: (/** @type {Result} */ result) => put([result, ...results]) };
}

/** @param {Result} result @param {() => void} onRemove */
function item({ model, text, numbers, prompt }, onRemove) {
  const label = `Remove the saved answer of ${model}`;
  const remove = h("button", { type: "button", class: "small", "aria-label": label, onclick: onRemove }, "Remove");
  return h(
    "li",
    { class: "card-box" },
    h("div", { class: "titled" }, h("h3", {}, model), h("small", {}, numbers)),
    h("p", { class: "quiet-line asked" }, prompt),
    answerOf(`Saved answer of ${model}`, text),
    h("div", { class: "act" }, copyButton(() => text, `the saved answer of ${model}`), remove), // prettier-ignore
  );
}

/** @returns {Result[]} */
function read() {
  try {
    const found = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    const whole = (/** @type {any} */ one) =>
      ["model", "text", "numbers", "prompt"].every((key) => typeof one?.[key] === "string");
    return Array.isArray(found) ? found.filter(whole) : [];
  } catch {
    return []; // forbidden, or written by something else
  }
}
