// @ts-check
/** The figures of `GET /usage`: their shape, and as text. */

/**
 * @typedef {{mean: number, p50: number, p95: number, p99: number}} Spread
 * @typedef {{requests: number, succeeded: number, success_rate: number | null, attempts: number, cached: number,
 *   prompt_tokens: number, completion_tokens: number, cost: number | null, cost_unknown: number, not_counted: number,
 *   latency: Spread | null, first_token: Spread | null}} Figures
 * @typedef {Figures & {at?: string, model?: string, route?: string, provider?: string, deployment?: string, tag?: string}} Row
 * @typedef {{from: string, to: string, step: number | null, rows: Row[]}} Answer
 * @typedef {"model" | "route" | "provider" | "deployment" | "tag"} Group
 */
import { get } from "./api.js";

export const NO_TAG = "no tag"; // was looked for
const COUNT = new Intl.NumberFormat("en");
const CENTS = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** @param {Record<string, string | number>} query @returns {Promise<Answer>} */
export function usage(query) {
  const said = Object.entries(query).map(([name, value]) => [name, String(value)]);
  return /** @type {Promise<any>} */ (get(`/usage?${new URLSearchParams(said)}`));
}

/** @param {number | null | undefined} value */
export const count = (value) => (value == null ? "–" : COUNT.format(value));

/** Never 100 % where something failed. @param {number | null | undefined} rate */
export const share = (rate) =>
  rate == null ? "–" : rate === 1 ? "100 %" : `${Math.min(rate * 100, 99.9).toFixed(1)} %`;

/** @param {number | null | undefined} value */
export const seconds = (value) =>
  value == null ? "–" : value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(value < 10 ? 1 : 0)} s`;

/** @param {number | null | undefined} usd */
export function dollars(usd) {
  if (usd == null) return "unknown";
  return usd && usd < 1 ? `$${usd.toPrecision(2)}` : `$${CENTS.format(usd)}`;
}

/** What is known of it: "over" where some calls have no known price. @param {Figures} row */
export const cost = ({ cost: usd, cost_unknown: unknown }) =>
  usd != null && unknown ? `over ${dollars(usd)}` : dollars(usd);

/** What a row is called. @param {Row} row @param {Group} group */
export const nameOf = (row, group) => row[group] || (group === "tag" ? NO_TAG : "");

/** Requests came, and LiteLLM reported the end of none: nothing is known of them. @param {Figures} row */
export const uncounted = ({ requests, attempts, not_counted: lost }) => !requests && !attempts && lost > 0;
