// @ts-check
/** A model's answer as it comes: whole blocks as markdown, the one that is being written as plain text. */
import { h } from "./dom.js";
import { lastBlock, markdown } from "./markdown.js";

const LOW_PX = 40; // this near its end, the view follows the text

export class Answer {
  /** All of it, as it was written. */
  text = "";
  #tail = document.createTextNode("");
  #done = h("div", { class: "written-out" });

  /** @param {string} label */
  constructor(label) {
    this.element = h(
      "div",
      { class: "answer", tabindex: 0, role: "region", "aria-label": label },
      this.#done,
      this.#tail,
    );
  }

  /** @param {string} text */
  append(text) {
    if (!text) return;
    const { element } = this;
    const low = element.scrollHeight - element.scrollTop - element.clientHeight < LOW_PX;
    this.text += text;
    const open = this.#tail.data + text;
    const at = lastBlock(open);
    if (at) this.#done.append(...markdown(open.slice(0, at)));
    this.#tail.data = open.slice(at);
    if (low) element.scrollTop = element.scrollHeight; // unless someone reads further up
  }

  /** There is no more to come. */
  end() {
    this.#done.append(...markdown(this.#tail.data));
    this.#tail.data = "";
  }
}

/** One that is known as a whole. @param {string} label @param {string} text */
export function answerOf(label, text) {
  const made = new Answer(label);
  made.append(text);
  made.end();
  return made.element;
}
