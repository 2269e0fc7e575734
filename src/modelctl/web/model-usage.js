// @ts-check
/**
 * What was counted of each model in the last 24 hours, for the picker's rows, and a small picture of it.
 *
 * @typedef {object} Used
 * @property {string} text how many requests
 * @property {string} success
 * @property {string} p95
 * @property {number[]} spark requests of each hour, the newest last
 * @property {string} said for those who hear it
 */
import { svg } from "./dom.js";
import { count, seconds, share, uncounted, usage } from "./usage-figures.js";

/** @typedef {import("./usage-figures.js").Row} Row */

const AGAIN_MS = 60_000;
const STEP_S = 3600;
const STEPS = 24;
const [WIDTH, HEIGHT] = [72, 22];

export class ModelUsage {
  /** By public name; those of which nothing is known are not in it. @type {Map<string, Used>} */
  models = new Map();
  #text = "";
  #asked = -Infinity;

  /** Read again where that was a minute ago; whether anything is other than before. @returns {Promise<boolean>} */
  async refresh() {
    if (performance.now() - this.#asked < AGAIN_MS) return false;
    this.#asked = performance.now();
    const [day, hours] = await Promise.all([
      usage({ group_by: "model", from: "24h" }),
      usage({ group_by: "model", from: "24h", step: STEP_S }),
    ]);
    const by = Map.groupBy(hours.rows, (row) => row.model ?? "");
    const end = Math.floor(Date.parse(hours.to) / 1000 / STEP_S) * STEP_S;
    this.models = new Map(day.rows.map((row) => [row.model ?? "", usedOf(row, by.get(row.model ?? "") ?? [], end)]));
    const text = JSON.stringify([...this.models]);
    const changed = text !== this.#text;
    this.#text = text;
    return changed;
  }
}

/** @param {Row} row @param {Row[]} hours @param {number} end when the present hour began @returns {Used} */
function usedOf(row, hours, end) {
  if (uncounted(row)) return { text: "not counted", success: "", p95: "", spark: [], said: "requests not counted" };
  const spark = Array.from({ length: STEPS }, () => 0);
  for (const hour of hours) {
    const place = STEPS - 1 - (end - Date.parse(hour.at ?? "") / 1000) / STEP_S;
    if (place in spark) spark[place] = hour.requests;
  }
  const [text, success, p95] = [count(row.requests), share(row.success_rate), seconds(row.latency?.p95)];
  const said = `${text} requests in the last 24 hours, success ${success}, 95 % within ${p95}`;
  return { text, success, p95, spark, said };
}

/** Columns, as high as the busiest hour of this model. @param {number[]} values */
export function sparkline(values) {
  const most = Math.max(1, ...values);
  const wide = WIDTH / Math.max(1, values.length);
  const path = values.map((value, at) => {
    const height = value ? Math.max(1, (value / most) * HEIGHT) : 0;
    return value ? `M${(at * wide).toFixed(1)} ${HEIGHT}v-${height.toFixed(1)}h${(wide - 0.6).toFixed(1)}v${height.toFixed(1)}z` : ""; // prettier-ignore
  });
  return svg("svg", { width: WIDTH, height: HEIGHT, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, focusable: "false" }, svg("path", { d: path.join("") })); // prettier-ignore
}
