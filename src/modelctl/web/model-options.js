// @ts-check
/** A plain select of models, grouped by provider; those that cannot be had now say why. */
import { kindOf } from "../clients/model-facts.js";
import { h } from "./dom.js";

/** @typedef {import("../clients/model-types.js").Provider} Provider */

/** Chat models that take requests under their own name. @param {readonly Provider[]} providers */
export function choices(providers) {
  return providers
    .map(({ name, models }) => ({
      name,
      models: models.filter(
        (one) => kindOf(one.mode) === "chat" && one.lifecycle.status !== "retired" && !one.public_name.includes("*"),
      ),
    }))
    .filter(({ models }) => models.length);
}

/**
 * Fill it anew and keep what was chosen; what is not offered any more stays visible as itself.
 * @param {HTMLSelectElement} select @param {readonly Provider[]} providers @param {string} [value]
 */
export function fill(select, providers, value = select.value) {
  const groups = choices(providers);
  const known = groups.some(({ models }) => models.some((one) => one.public_name === value));
  select.replaceChildren(
    h("option", { value: "" }, "choose a model"),
    ...(value && !known ? [h("option", { value }, `${value} (not offered)`)] : []),
    ...groups.map(({ name, models }) => h("optgroup", { label: name }, ...models.map(option))),
  );
  select.value = value;
}

/** @param {import("../clients/model-types.js").Model} model */
const option = ({ name, public_name, available, reason }) =>
  h(
    "option",
    { value: public_name },
    `${name}${name === public_name ? "" : ` (${public_name})`}${available ? "" : `: ${reason ?? "not available"}`}`,
  );
