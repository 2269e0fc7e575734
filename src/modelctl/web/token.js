// @ts-check
/** The token, where the server wants one. Kept for this tab alone, never in a URL. */
import { ask, field } from "./dialog.js";
import { h } from "./dom.js";

const KEY = "modelctl.token";
/** @type {Promise<string | null> | null} */
let asking = null;

/** @param {{refused: boolean}} state @returns {Promise<string | null>} */
export async function getToken({ refused }) {
  if (!refused) return sessionStorage.getItem(KEY);
  asking ??= prompt().finally(() => (asking = null)); // several requests, one question
  return asking;
}

async function prompt() {
  const wrong = sessionStorage.getItem(KEY) ? "The token of this tab was rejected. " : "";
  const answer = await ask({
    title: "This server requires a token",
    body: [
      `${wrong}Changes need the value of MODELCTL_TOKEN. It stays in this tab and is forgotten when you close it.`,
      field("Token", h("input", { name: "token", type: "password", autocomplete: "off", spellcheck: "false" })),
    ],
    yes: "Use it",
    check: ({ token }) => (token ? null : "Enter a token"),
  });
  const token = answer?.token ?? null;
  if (token) sessionStorage.setItem(KEY, token);
  return token;
}

export const forget = () => sessionStorage.removeItem(KEY);
export const held = () => Boolean(sessionStorage.getItem(KEY));
