// @ts-check
/** The fields for a reason and for how long something holds. */
import { field } from "./dialog.js";
import { h } from "./dom.js";

/** Seconds, and what people call them. */
const LIMITS = /** @type {const} */ ([
  ["", "no limit"],
  ["900", "15 minutes"],
  ["3600", "1 hour"],
  ["7200", "2 hours"],
  ["14400", "4 hours"],
  ["28800", "8 hours"],
  ["86400", "1 day"],
  ["604800", "1 week"],
  ["other", "other…"],
]);

/** @param {string} placeholder */
export const reasonField = (placeholder) =>
  field("Reason", h("input", { name: "reason", maxlength: 500, autocomplete: "off", placeholder, autofocus: true }));

/** @param {string} label */
export function timeField(label) {
  const other = h("input", {
    name: "other",
    inputmode: "decimal",
    placeholder: "minutes",
    "aria-label": "Minutes",
    hidden: true,
  });
  const options = LIMITS.map(([value, text]) => h("option", { value }, text));
  const limit = h("select", { name: "limit", "aria-label": "Time limit" }, ...options);
  limit.addEventListener("change", () => (other.hidden = limit.value !== "other"));
  return field(label, h("span", { class: "together" }, limit, other));
}

/** Why the time will not do. @param {Record<string, string>} values */
export const wrongTime = ({ limit, other }) =>
  limit === "other" && !(Number(other) > 0) ? "For how many minutes?" : null;

/** Undefined without a limit. @param {Record<string, string>} values */
export const secondsOf = ({ limit, other }) => (limit === "other" ? Number(other) * 60 : Number(limit)) || undefined;
