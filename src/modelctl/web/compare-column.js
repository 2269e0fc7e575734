// @ts-check
/** The answer of one model as it comes, with its times and its cost; and answers that were kept. */
import { copyButton } from "./copy.js";
import { h, pill, say, sr } from "./dom.js";

/**
 * @typedef {object} Result
 * @property {string} model
 * @property {string} text
 * @property {string} numbers
 * @property {string} prompt
 */

const KEPT = "modelctl.kept";
const MOST_KEPT = 30;

/** @param {number | null | undefined} ms */
const time = (ms) =>
  ms == null ? "" : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;

/** @param {number} usd */
const money = (usd) => (usd === 0 ? "$0" : usd < 0.01 ? `$${Number(usd.toPrecision(2)).toFixed(8).replace(/0+$/, "")}` : `$${usd.toFixed(4)}`); // prettier-ignore

export class Column {
  #text = document.createTextNode("");
  #thought = document.createTextNode("");
  #thoughts;
  #state = pill("", "waiting");
  #body;
  #stop;
  #keep;
  #copy;
  #facts = h("dl", { class: "numbers" });
  #over = false;
  #keepable = true;
  /** What came since the last frame. */
  #pending = { text: "", reasoning: "" };
  #frame = 0;

  /** @param {string} name @param {string} title @param {() => void} onStop @param {((result: Omit<Result, "prompt">) => void) | null} onKeep null: answers cannot be kept here */
  constructor(name, title, onStop, onKeep) {
    this.name = name;
    this.#body = h(
      "div",
      { class: "answer", tabindex: 0, role: "region", "aria-label": `Answer of ${title}` },
      this.#text,
    );
    this.#thoughts = h(
      "details",
      { hidden: true },
      h("summary", {}, "Reasoning"),
      h("div", { class: "answer" }, this.#thought),
    );
    this.#stop = h(
      "button",
      { type: "button", class: "small", onclick: onStop, "aria-label": `Stop ${title}` },
      "Stop",
    );
    this.#copy = copyButton(() => this.#text.data, `the answer of ${title}`);
    const label = h("span", {}, "Keep");
    this.#keep = h("button", { type: "button", class: "small", hidden: true }, label, sr(` the answer of ${title}`));
    this.#keepable = onKeep !== null;
    this.#copy.hidden = true; // until there is an answer
    this.#keep.addEventListener("click", () => {
      onKeep?.({ model: name, text: this.#text.data, numbers: this.#numbers });
      say(label, "Kept");
      this.#keep.disabled = true;
    });
    this.element = h(
      "article",
      { class: "card-box", "aria-label": title, "data-model": name },
      h("div", { class: "titled" }, h("h2", {}, title), this.#state),
      this.#thoughts,
      this.#body,
      this.#facts,
      h("div", { class: "act" }, this.#stop, this.#copy, this.#keep),
    );
  }

  get text() {
    return this.#text.data;
  }

  get #numbers() {
    return [...this.#facts.children]
      .map((row) => [...row.children].map((one) => one.textContent).join(" "))
      .join(" · ");
  }

  /** Returns what is worth saying aloud. @param {any} line of the server's stream @returns {string | null} */
  take(line) {
    if (line.event === "delta") return this.#say(line);
    if (line.event === "error") {
      this.#flush();
      this.#body.after(h("p", { class: "wrong" }, line.message));
      this.#end("bad", line.status === 408 ? "too long" : "failed");
      return `${this.name} failed: ${line.message}`;
    }
    if (line.event === "stopped") {
      this.#end("warn", "stopped");
      this.#number("Stopped after", time(line.total_ms));
      return `${this.name} stopped`;
    }
    return line.event === "done" ? this.#done(line) : null;
  }

  /** The stream has ended; whoever has not said how ended so. @param {string} how */
  over(how) {
    if (!this.#over) this.#end("warn", how);
  }

  /** @param {{text?: string, reasoning?: string}} line */
  #say({ text = "", reasoning = "" }) {
    this.#pending.text += text;
    this.#pending.reasoning += reasoning;
    say(this.#state, text ? "answering" : "thinking");
    this.#frame ||= requestAnimationFrame(() => this.#flush());
    return null;
  }

  #flush() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const low = this.#body.scrollHeight - this.#body.scrollTop - this.#body.clientHeight < 40;
    this.#text.appendData(this.#pending.text);
    this.#thought.appendData(this.#pending.reasoning);
    if (this.#pending.reasoning) this.#thoughts.hidden = false;
    this.#pending = { text: "", reasoning: "" };
    if (low) this.#body.scrollTop = this.#body.scrollHeight; // unless someone reads further up
  }

  /** @param {any} line */
  #done({ ttft_ms, total_ms, tokens, cost, finish_reason, answered }) {
    const cut = finish_reason === "length";
    this.#end(cut ? "warn" : "good", cut ? "cut off at the most tokens" : "done");
    if (!this.#text.data) this.#body.append(h("i", {}, "It said nothing."));
    this.#number("First token", time(ttft_ms));
    this.#number("Total", time(total_ms));
    this.#number("Tokens", tokens.input == null ? "unknown" : `${tokens.input} in, ${tokens.output} out`);
    const by = { litellm: "as LiteLLM says", "listed price": "by the listed price" }[
      /** @type {string} */ (cost.source)
    ];
    this.#number("Cost", cost.usd == null ? "unknown" : money(cost.usd), by);
    if (answered) this.#number("Answered by", answered);
    return `${this.name} answered in ${time(total_ms)}`;
  }

  /** @param {string} tone @param {string} text */
  #end(tone, text) {
    this.#flush();
    this.#over = true;
    this.#state.className = `pill ${tone}`;
    say(this.#state, text);
    if (document.activeElement === this.#stop) this.#body.focus();
    this.#stop.hidden = true;
    this.#copy.hidden = !this.#text.data;
    this.#keep.hidden = !this.#text.data || !this.#keepable;
  }

  /** @param {string} name @param {string} value @param {string} [note] */
  #number(name, value, note) {
    if (value)
      this.#facts.append(h("div", {}, h("dt", {}, name), h("dd", {}, value, note && h("small", {}, ` ${note}`))));
  }
}

/** Answers kept in this browser until they are taken away. */
export function keepable() {
  const list = h("ul", { class: "kept" });
  const element = h(
    "section",
    { class: "kept-answers", "aria-label": "Kept answers" },
    h("h2", {}, "Kept in this browser"),
    list,
  );
  /** @type {Result[]} */
  let results = read();
  draw();

  function draw() {
    element.hidden = !results.length;
    list.replaceChildren(...results.map(item));
  }

  /** @param {Result[]} wanted */
  function put(wanted) {
    results = wanted.slice(0, MOST_KEPT);
    try {
      localStorage.setItem(KEPT, JSON.stringify(results));
    } catch {
      // full or forbidden: kept as long as the page is
    }
    draw();
  }

  /** @param {Result} result */
  function item(result) {
    const { model, text, numbers, prompt } = result;
    return h(
      "li",
      { class: "card-box" },
      h("div", { class: "titled" }, h("h3", {}, model), h("small", {}, numbers)),
      h("p", { class: "quiet-line asked" }, prompt),
      h("div", { class: "answer", tabindex: 0, role: "region", "aria-label": `Kept answer of ${model}` }, text),
      h(
        "div",
        { class: "act" },
        copyButton(() => text, `the kept answer of ${model}`),
        h(
          "button",
          {
            type: "button",
            class: "small",
            "aria-label": `Remove the kept answer of ${model}`,
            onclick: () => put(results.filter((one) => one !== result)),
          },
          "Remove",
        ),
      ),
    );
  }

  return { element, keep: (/** @type {Result} */ result) => put([result, ...results]) };
}

/** @returns {Result[]} */
function read() {
  try {
    const found = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    const whole = (/** @type {any} */ one) =>
      ["model", "text", "numbers", "prompt"].every((key) => typeof one?.[key] === "string");
    return Array.isArray(found) ? found.filter(whole) : [];
  } catch {
    return []; // forbidden, or written by something else
  }
}
