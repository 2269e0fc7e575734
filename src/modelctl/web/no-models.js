// @ts-check
/** What stands where no model is to be seen: how to begin, or the way back to all of them. */
import { h } from "./dom.js";

export class NoModels {
  element = h("div", { class: "empty", hidden: true });

  /** @param {() => void} all shows them again */
  constructor(all) {
    this.all = all;
  }

  /** @param {"none" | "narrow" | ""} why there is none; "" where there are some */
  show(why) {
    if (this.element.dataset.why === why) return;
    this.element.dataset.why = why;
    this.element.hidden = !why;
    this.element.replaceChildren(...(why === "none" ? beginning() : why ? tooNarrow(this.all) : []));
  }
}

/** @param {() => void} all */
const tooNarrow = (all) => [
  h("p", {}, "No model fits the search and the filters."),
  h("button", { type: "button", onclick: all }, "Show all models"),
];

const beginning = () => [
  h("h2", {}, "No models yet"),
  h(
    "p",
    {},
    "A provider is one file. Save this as ",
    h("code", {}, "catalog/providers/demo.yaml"),
    " and it appears here by itself:",
  ),
  h(
    "pre",
    { tabindex: 0, "aria-label": "Example" },
    "name: Demo\nlitellm_provider: openai\napi_key: none\nparams: {mock_response: hello}\nmodels:\n  demo: {}\n",
  ),
];
