// @ts-check
/**
 * What a change of catalog files is: its diff, the commands that commit it, what is wrong with it, whose it clashes with.
 *
 * @typedef {import("../clients/model-types.js").Problem} Problem
 * @typedef {object} CatalogWrite the server's answer to a change of catalog files
 * @property {string[]} files
 * @property {string} diff
 * @property {string[]} commands
 * @property {Problem[]} problems
 * @property {"published" | "unchanged" | "refused" | "held"} [result]
 * @property {string | null} [revision]
 * @property {import("../clients/model-types.js").WorkerAnswer[]} [workers]
 */
import { ModelctlError } from "../clients/model-request.js";
import { copyButton } from "./copy.js";
import { ask } from "./dialog.js";
import { h } from "./dom.js";
import { problemItem, prose } from "./problems.js";

/** @param {string} text @param {string} name */
export function diff(text, name = "Diff") {
  const kind = (/** @type {string} */ line) =>
    /^(diff|index|new file|deleted file|---|\+\+\+|@@)/.test(line)
      ? "head"
      : { "+": "plus", "-": "minus" }[line[0] ?? ""];
  const lines = text.replace(/\n$/, "").split("\n");
  return h(
    "pre",
    { class: "diff", tabindex: 0, role: "region", "aria-label": name },
    ...lines.map((line) => h("span", { class: kind(line) }, `${line}\n`)),
  );
}

/** @param {readonly Problem[]} problems */
export const problemList = (problems) => h("ul", { class: "problems" }, ...problems.map(problemItem));

/** A titled text that can be copied. @param {string} title @param {string} text @param {HTMLElement} [shown] */
export function block(title, text, shown) {
  const pre = shown ?? h("pre", { tabindex: 0, role: "region", "aria-label": title }, text);
  const head = h(
    "div",
    { class: "titled" },
    h("h3", {}, title),
    copyButton(() => text, title),
  );
  return h("div", { class: "block" }, head, pre);
}

/** What was written and what is left to do. @param {string} title @param {CatalogWrite} written @param {() => void} close */
export function written(title, written, close) {
  const { diff: text, commands, problems } = written;
  const heading = h("h2", { tabindex: -1 }, title);
  const element = h(
    "section",
    { class: "card-box written", "aria-label": title },
    h(
      "div",
      { class: "titled" },
      heading,
      h("button", { type: "button", class: "quiet icon i-close", "aria-label": "Close", onclick: close }),
    ),
    h("p", {}, became(written)),
    problems.length ? problemList(problems) : null,
    text
      ? block("Diff", text, diff(text))
      : h("p", { class: "quiet-line" }, "The file is unchanged: nothing to commit."),
    text && commands.length ? block("Commands to commit", commands.join("\n")) : null,
    text && !commands.length
      ? h("p", { class: "quiet-line" }, "The catalog is not in a git repository: nothing to commit.")
      : null,
  );
  return { element, focus: () => heading.focus() };
}

/** @param {CatalogWrite} written */
function became({ result, revision, workers = [] }) {
  const done = workers.filter((worker) => worker.acked).length;
  const run = workers.length ? `; ${done} of ${workers.length} workers run it` : "";
  if (result === "published")
    return `Saved and live as revision ${revision?.slice(0, 8) ?? "none"}${run}. Not committed yet.`;
  if (result === "held") return "Saved, waiting to be published. Not committed yet.";
  if (result === "refused") return "Saved, but not published. Not committed yet.";
  return "Saved. Not committed yet.";
}

/**
 * Tell why a change was not made. Two ways on: over a guard, over another's text.
 * @param {unknown} error @param {string} title
 * @param {{force?: () => void, over?: (digest: string | null) => void, theirs?: () => void}} ways
 */
export async function notWritten(error, title, ways = {}) {
  if (!(error instanceof ModelctlError)) throw error;
  if (error.conflict) return clash(error, error.conflict, ways);
  const body = [h("p", {}, ...prose(error.message)), error.problems.length ? problemList(error.problems) : null];
  if (error.canForce && ways.force) {
    if (await ask({ title, body, yes: "Force", tone: "danger" })) ways.force();
    return;
  }
  await ask({ title, body: [...body, error.hint && h("p", {}, ...prose(error.hint))] });
}

/** @param {ModelctlError} error @param {import("../clients/model-types.js").Conflict} conflict @param {Parameters<typeof notWritten>[2]} ways */
async function clash(error, { yours, theirs, digest, reason }, ways = {}) {
  const side = (/** @type {string} */ title, /** @type {string | null} */ text) =>
    block(title, text ?? "", h("pre", { tabindex: 0, role: "region", "aria-label": title }, text ?? "(no such file)"));
  const over = ways.over && digest;
  const answer = await ask({
    title: "Changed elsewhere in the meantime",
    wide: true,
    body: [
      h("p", {}, ...prose(error.message)),
      reason && h("p", { class: "why-so" }, ...prose(reason)),
      h("div", { class: "sides" }, side("Yours", yours), side("Theirs", theirs)),
      over
        ? h(
            "fieldset",
            { class: "choices" },
            h("legend", {}, "Version to keep"),
            radio("theirs", "Theirs: discard my changes", true),
            radio("yours", "Mine: overwrite theirs", false),
          )
        : null,
    ],
    yes: over ? "Continue" : undefined,
  });
  if (answer?.keep === "yours") ways.over?.(digest);
  if (answer?.keep === "theirs") ways.theirs?.();
}

/** @param {string} value @param {string} text @param {boolean} checked */
const radio = (value, text, checked) =>
  h("label", { class: "check" }, h("input", { type: "radio", name: "keep", value, checked }), h("span", {}, text));
