// @ts-check
/** How a model is named: in lists, and in an address that can be shared. */

/** @param {{provider: string, id: string}} model */
export const keyOf = (model) => `${model.provider}/${model.id}`;

/** The address of a model's panel. @param {{provider: string, id: string}} model */
export const linkTo = (model) => `#models/${encodeURIComponent(model.provider)}/${encodeURIComponent(model.id)}`;

/** The address of the picker with a route in view. @param {string} route */
export const linkToRoute = (route) => `#models/${encodeURIComponent(route)}`;
