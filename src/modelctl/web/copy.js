// @ts-check
/** Text onto the clipboard, also where a browser forbids the modern way (plain http, not localhost). */
import { h, say, sr } from "./dom.js";

const SAID_MS = 1600;

/** @param {string} text @returns {Promise<boolean>} */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return old(text);
  }
}

/** @param {string} text */
function old(text) {
  const area = h("textarea", { class: "sr", "aria-hidden": "true", tabindex: -1 });
  const before = document.activeElement;
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return done;
}

/** @param {() => string} text @param {string} what names it for those who do not see where it stands @param {string} [word] */
export function copyButton(text, what, word = "Copy") {
  const label = h("span", { "aria-live": "polite" }, word);
  const button = h("button", { type: "button", class: "small" }, label, sr(` ${what}`));
  button.addEventListener("click", async () => {
    say(label, (await copy(text())) ? "Copied" : "Not copied");
    setTimeout(() => say(label, word), SAID_MS);
  });
  return button;
}
