// @ts-check
/** All of one model: facts, what changes against the current one, its id and address to copy, code to paste. */
import { against } from "./against.js";
import { get } from "./api.js";
import { copyButton } from "./copy.js";
import { h } from "./dom.js";
import { facts } from "./facts.js";
import { keyOf, linkTo } from "./links.js";
import { remedy } from "./remedy.js";
import { codeBlock, snippets } from "./snippets.js";

/** @typedef {import("../clients/model-types.js").Model} Model */

/** @param {Model} model @param {Model | null} current what the route points to now @param {string} route */
export function panel(model, current, route) {
  const same = current && keyOf(current) === keyOf(model);
  const changes = current && !same ? against(model, current) : [];
  return [
    h(
      "div",
      { class: "act" },
      h("code", { class: "grow" }, model.public_name),
      copyButton(() => model.public_name, "the id", "Copy id"),
      copyButton(() => new URL(linkTo(model), location.href).href, "the link to this model", "Copy link"),
    ),
    model.description && h("p", {}, model.description),
    model.reason && h("p", { class: "lack" }, ...remedy(model.reason)),
    facts(model),
    same && h("p", { class: "quiet-line" }, `${route} points to it now.`),
    changes.length > 0 &&
      h(
        "div",
        { class: "block" },
        h("h3", {}, `Changes for ${route} (now ${current?.name})`),
        h("ul", { class: "changes" }, ...changes.map(({ text, tone }) => h("li", { class: tone }, text))),
      ),
    code(model),
  ];
}

/** @param {Model} model */
function code(model) {
  const place = h("div", { class: "block" });
  const details = h("details", {}, h("summary", {}, "Code to paste"), place);
  details.addEventListener("toggle", async () => {
    if (!details.open || place.childElementCount) return;
    const { proxy, key } = /** @type {{proxy: string, key: string}} */ (await get("connect"));
    place.replaceChildren(...snippets(proxy, key, model.public_name).map(([title, text]) => codeBlock(title, text)));
  });
  return details;
}
