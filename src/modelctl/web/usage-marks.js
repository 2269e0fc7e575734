// @ts-check
/**
 * What happened to the routes meanwhile, from history: people's switches, reloads, guards, budgets.
 *
 * @typedef {import("../clients/model-types.js").Entry} Entry
 * @typedef {"switch" | "reload" | "guard" | "budget"} Kind
 * @typedef {object} Mark
 * @property {Kind} kind
 * @property {number} step in which it lies
 * @property {number} part of the step, 0 to 1
 * @property {string} text
 */
import { clock } from "./time.js";

export const KINDS = /** @type {const} */ ([
  ["switch", "Switch"],
  ["reload", "Reload"],
  ["guard", "Guard"],
  ["budget", "Budget"],
]);

/** @param {Entry} entry @returns {Kind} */
export function kindOf({ action, actor }) {
  if (action === "publish") return "reload";
  return actor === "guard" || actor === "budget" ? actor : "switch";
}

/** "gpt-5-mini 90 %, claude-haiku-4-5 10 %". @param {Record<string, number>} split */
export const sharesOf = (split) =>
  Object.entries(split)
    .map(([name, share]) => `${name} ${Number(share.toFixed(1))} %`)
    .join(", ");

/** Neither moves a route nor changes what it may be. @param {Entry} entry */
const beside = ({ action }) => action === "clear";

/** @param {Entry} entry */
export function textOf(entry) {
  const { action, at, actor, route, before, after, split } = entry;
  const when = clock(at);
  if (action === "publish") return `${when} reload: revision ${after?.slice(0, 8) ?? "none"} published`;
  const dealt = split ? ` (${sharesOf(split)})` : "";
  return `${when} ${route}: ${before ?? "nothing"} → ${after ?? "nothing"}${dealt}, by ${actor}`;
}

/** @param {readonly Entry[]} entries @param {import("./usage-timeline.js").Timeline} timeline @returns {Mark[]} */
export function marksIn(entries, { times, step }) {
  const [start = 0] = times;
  return entries
    .filter((entry) => entry.at >= start && !beside(entry))
    .map((entry) => {
      const place = (entry.at - start) / step;
      const at = Math.min(times.length - 1, Math.floor(place));
      return { kind: kindOf(entry), step: at, part: Math.min(1, place - at), text: textOf(entry) };
    });
}
