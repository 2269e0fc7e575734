// @ts-check
/** How a model is named: in lists, and in an address that can be shared. */

/** @param {{provider: string, id: string}} model */
export const keyOf = (model) => `${model.provider}/${model.id}`;

/** The address of a model's panel. @param {{provider: string, id: string}} model */
export const linkTo = (model) => `#models/${encodeURIComponent(model.provider)}/${encodeURIComponent(model.id)}`;
