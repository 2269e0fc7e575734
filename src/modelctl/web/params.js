// @ts-check
/** Sampling parameters as a few fields, and the rest as JSON. */
import { field } from "./dialog.js";
import { h } from "./dom.js";

const NUMBERS = /** @type {const} */ ([
  ["temperature", "Temperature", "any"],
  ["top_p", "Top p", "any"],
  ["max_tokens", "Max tokens", "1"],
  ["seed", "Seed", "1"],
]);
const EFFORTS = ["", "minimal", "low", "medium", "high"];

/** @returns {{element: HTMLElement, read: () => {params: Record<string, unknown>, wrong: string | null}, write: (params: Record<string, unknown>) => void, focus: () => void}} */
export function paramFields() {
  const numbers = NUMBERS.map(([name, label, step]) => {
    const input = h("input", { type: "number", name, step, inputmode: "decimal", autocomplete: "off" });
    return { name, label, input };
  });
  const effort = h(
    "select",
    { name: "reasoning_effort" },
    ...EFFORTS.map((one) => h("option", { value: one }, one || "model's default")),
  );
  const rest = h("textarea", { name: "more", rows: 2, spellcheck: "false", placeholder: '{"stop": ["END"]}' });
  const element = h(
    "div",
    { class: "grid" },
    ...numbers.map(({ label, input }) => field(label, input)),
    field("Reasoning effort", effort),
    h("div", { class: "span" }, field("Other parameters, as JSON", rest)),
  );

  function read() {
    /** @type {Record<string, unknown>} */
    const params = {};
    for (const { name, label, input } of numbers) {
      if (input.validity.badInput) return { params, wrong: `${label} is no number` };
      if (input.value !== "") params[name] = Number(input.value);
    }
    if (effort.value) params.reasoning_effort = effort.value;
    if (!rest.value.trim()) return { params, wrong: null };
    try {
      const more = JSON.parse(rest.value);
      if (typeof more !== "object" || more === null || Array.isArray(more)) throw new SyntaxError("not an object");
      return { params: { ...params, ...more }, wrong: null };
    } catch {
      return { params, wrong: "Other parameters: this is not a JSON object" };
    }
  }

  return {
    element,
    read,
    focus: () => rest.focus(),
    write(params) {
      const more = { ...params };
      for (const { name, input } of numbers) {
        const fits = typeof more[name] === "number";
        input.value = fits ? String(more[name]) : "";
        if (fits) delete more[name];
      }
      effort.value = "";
      if (EFFORTS.includes(String(more.reasoning_effort))) {
        effort.value = String(more.reasoning_effort);
        delete more.reasoning_effort;
      }
      rest.value = Object.keys(more).length ? JSON.stringify(more) : "";
    },
  };
}
