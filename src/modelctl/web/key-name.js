// @ts-check
/** A key is named by its variable. What looks like the key itself is stopped before it leaves the browser. */

const PREFIX = "os.environ/";
const NAME = /^[A-Z_][A-Z0-9_]{0,79}$/;
const KEY_LIKE = /^(?=.*\d)[A-Z0-9]{16,}$/; // AKIA…: capitals and digits, no word in it

export const KEY_HINT =
  "A variable of the workers' environment. Empty: the provider's. `none`: the server needs no key.";

/** @param {string} text */
export const isVariable = (text) => text === "none" || (NAME.test(text) && !KEY_LIKE.test(text));

/** @param {string} name */
export const reference = (name) => (name === "none" ? name : `${PREFIX}${name}`);

/** @param {string} text */
export const ofReference = (text) => (text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text);
