// @ts-check
/** Changes for whoever calls a route when another model takes over: said before the switch. */
import { CAPABILITIES, CAPABILITY_NAMES, has, price, retirement, tokens } from "../clients/model-facts.js";

/** @typedef {import("../clients/model-types.js").Model} Model */
/** @typedef {{text: string, tone: "good" | "warn" | ""}} Change */

/** @param {Model} next @param {Model} before @returns {Change[]} */
export function against(next, before) {
  const ending = retirement(next);
  return [
    priceChange("Input", before.price.input, next.price.input),
    priceChange("Output", before.price.output, next.price.output),
    sizeChange("Context", before.context_window, next.context_window),
    sizeChange("Longest answer", before.max_output_tokens, next.max_output_tokens),
    ...CAPABILITY_NAMES.map((name) => capability(name, before, next)),
    ending ? { text: `${next.name} ${ending}`, tone: /** @type {const} */ ("warn") } : null,
  ].filter((one) => one !== null);
}

/** @param {string} side @param {number | null | undefined} before @param {number | null | undefined} next @returns {Change | null} */
function priceChange(side, before, next) {
  if (before == null || next == null || before === next) return null;
  const times = before > 0 && next > 0 ? ` (${ratio(next / before)})` : "";
  const text = `${side} price per 1M: ${price(next)} instead of ${price(before)}${times}`;
  return { text, tone: next > before ? "warn" : "good" };
}

/** @param {number} factor */
const ratio = (factor) =>
  factor >= 1 ? `${Number(factor.toPrecision(2))} times as much` : `${Math.max(1, Math.round(factor * 100))} % of it`;

/** @param {string} what @param {number | null} before @param {number | null} next @returns {Change | null} */
function sizeChange(what, before, next) {
  if (!before || !next || before === next) return null;
  return {
    text: `${what}: ${tokens(next)} instead of ${tokens(before)} tokens`,
    tone: next < before ? "warn" : "good",
  };
}

/** @param {import("../clients/model-facts.js").Capability} name @param {Model} before @param {Model} next @returns {Change | null} */
function capability(name, before, next) {
  if (has(before, name) === has(next, name)) return null;
  const word = CAPABILITIES[name][1];
  return has(next, name) ? { text: `Gains ${word}`, tone: "good" } : { text: `Loses ${word}`, tone: "warn" };
}
