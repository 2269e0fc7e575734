// @ts-check
/** What to do where a model lacks its key: the right act, in words that can be copied. */
import { h } from "./dom.js";
import { prose } from "./problems.js";

const UNSET = /\b([A-Z][A-Z0-9_]{2,}(?:(?:, | and )[A-Z][A-Z0-9_]{2,})*) (?:is|are) not set/;

/** The names of the variables that are not set. @param {string} reason */
export const unsetIn = (reason) => UNSET.exec(reason)?.[1]?.split(/, | and /) ?? [];

/** @param {string[]} names of variables */
export const actFor = (names) =>
  `Put ${names.map((name) => `\`${name}\``).join(" and ")} into .env, then run \`modelctl restart\`.`;

/** The reason, and what to do where a variable is not set. @param {string} reason @returns {(string | Node)[]} */
export function remedy(reason) {
  const names = unsetIn(reason);
  const act = names.length ? actFor(names) : "";
  return [h("span", { class: "why" }, ...prose(reason)), ...(act ? [" ", h("span", {}, ...prose(act))] : [])];
}
