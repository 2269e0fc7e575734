// @ts-check
/** Keys, and the few things that one can set. */
import { ask, field } from "./dialog.js";
import { h } from "./dom.js";
import { forget, held } from "./token.js";

const KEYS = [
  ["/", "search"],
  ["↓ ↑", "move between models"],
  ["Enter", "switch the route in view"],
  ["Shift + Enter", "switch with a reason or a time limit"],
  ["← →", "further actions of a row"],
  ["f", "favourite"],
  ["Esc", "back to the search, then clear it"],
  ["?", "this help"],
];

/** @param {import("./prefs.js").Prefs} prefs */
export async function settings(prefs) {
  const keys = h("dl", { class: "keys" });
  for (const [key, text] of KEYS) keys.append(h("dt", {}, h("kbd", {}, key ?? "")), h("dd", {}, text));
  const answer = await ask({
    title: "Keyboard and settings",
    body: [
      keys,
      field(
        "Your name",
        h("input", { name: "actor", maxlength: 80, autocomplete: "off", value: prefs.actor, placeholder: "page" }),
        "Recorded in history when no token names you.",
      ),
      held() &&
        h(
          "button",
          {
            type: "button",
            onclick: (/** @type {Event} */ event) => (forget(), /** @type {Element} */ (event.target).remove()),
          },
          "Clear the token",
        ),
    ],
    yes: "Save",
  });
  if (answer) prefs.call(answer.actor ?? "");
}
