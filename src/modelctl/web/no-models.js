// @ts-check
/** How to begin where the catalog has no model. */
import { h } from "./dom.js";

export const nothing = () => [
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
