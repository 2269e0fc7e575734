// @ts-check
/** The answer of one model as it comes, with its times and its cost. */
import { Answer } from "./answer.js";
import { copyButton } from "./copy.js";
import { h, pill, say, sr } from "./dom.js";

/**
 * @typedef {{ms: number, usd: number | null}} Figures of an answer that is whole
 * @typedef {import("./kept-answers.js").Result} Result
 *
 * @typedef {object} Acts what can be done with an answer
 * @property {() => void} stop
 * @property {(result: Omit<Result, "prompt">) => void} [keep]
 * @property {() => void} [use] take the model for a route
 */

/** @param {number | null | undefined} ms */
const time = (ms) =>
  ms == null ? "" : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;

/** @param {number} usd */
const money = (usd) => (usd === 0 ? "$0" : usd < 0.01 ? `$${Number(usd.toPrecision(2)).toFixed(8).replace(/0+$/, "")}` : `$${usd.toFixed(4)}`); // prettier-ignore

const SOURCES = /** @type {Record<string, string>} */ ({
  litellm: "as LiteLLM reports it",
  "listed price": "by the listed price",
});

export class Column {
  #answer;
  #thoughts;
  #thought;
  #state = pill("", "waiting");
  #wins = h("span", { class: "wins" });
  #wrong = h("p", { class: "wrong" });
  #stop;
  /** Shown once there is an answer. @type {HTMLElement[]} */
  #after;
  #facts = h("dl", { class: "numbers" });
  #over = false;
  /** What came since the last frame. */
  #pending = { text: "", reasoning: "" };
  #frame = 0;
  /** @type {Figures | null} */
  figures = null;

  /** @param {string} name @param {string} title @param {Acts} acts */
  constructor(name, title, { stop, keep, use }) {
    this.name = name;
    this.#answer = new Answer(`Answer of ${title}`);
    this.#thought = new Answer(`Reasoning of ${title}`);
    this.#thoughts = h("details", { hidden: true }, h("summary", {}, "Reasoning"), this.#thought.element);
    this.#stop = h("button", { type: "button", class: "small", onclick: stop, "aria-label": `Stop ${title}` }, "Stop");
    const again = h("button", { type: "button", class: "small", onclick: use }, "Use it…", sr(` ${title}`));
    this.#after = [
      copyButton(() => this.#answer.text, `the answer of ${title}`),
      ...(keep ? [this.#keeper(title, keep)] : []),
      ...(use ? [again] : []),
    ];
    for (const one of this.#after) one.hidden = true;
    this.element = h(
      "article",
      { class: "card-box", "aria-label": title, "data-model": name },
      h("div", { class: "titled" }, h("h2", {}, title), h("span", { class: "together" }, this.#wins, this.#state)),
      this.#thoughts,
      h("div", { class: "stack" }, this.#answer.element, this.#wrong),
      this.#facts,
      h("div", { class: "act" }, this.#stop, ...this.#after),
    );
  }

  get text() {
    return this.#answer.text;
  }

  /** @param {string} title @param {NonNullable<Acts["keep"]>} keep */
  #keeper(title, keep) {
    const label = h("span", {}, "Keep");
    const button = h("button", { type: "button", class: "small" }, label, sr(` the answer of ${title}`));
    button.addEventListener("click", () => {
      keep({ model: this.name, text: this.text, numbers: this.#numbers });
      say(label, "Kept");
      button.disabled = true;
    });
    return button;
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
      say(this.#wrong, line.message);
      this.#answer.element.hidden = !this.text && !this.#pending.text;
      this.#end("bad", line.status === 408 ? "timed out" : "failed");
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

  /** What it did best of all. @param {string[]} words */
  won(words) {
    this.#wins.replaceChildren(...words.map((word) => pill("good", word)));
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
    this.#answer.append(this.#pending.text);
    this.#thought.append(this.#pending.reasoning);
    if (this.#pending.reasoning) this.#thoughts.hidden = false;
    this.#pending = { text: "", reasoning: "" };
  }

  /** @param {any} line */
  #done({ ttft_ms, total_ms, tokens, cost, finish_reason, answered }) {
    const cut = finish_reason === "length";
    this.#end(cut ? "warn" : "good", cut ? "cut off at the token limit" : "done");
    this.figures = { ms: total_ms, usd: cost.usd };
    if (!this.text) this.#answer.element.append(h("i", {}, "The answer is empty."));
    this.#number("First token", time(ttft_ms));
    this.#number("Total", time(total_ms));
    this.#number("Tokens", tokens.input == null ? "unknown" : `${tokens.input} in, ${tokens.output} out`);
    this.#number("Cost", cost.usd == null ? "unknown" : money(cost.usd), SOURCES[cost.source]);
    if (answered) this.#number("Answered by", answered);
    return `${this.name} answered in ${time(total_ms)}`;
  }

  /** @param {string} tone @param {string} text */
  #end(tone, text) {
    this.#flush();
    this.#answer.end();
    this.#thought.end();
    this.#over = true;
    this.#state.className = `pill ${tone}`;
    say(this.#state, text);
    if (document.activeElement === this.#stop) this.#answer.element.focus();
    this.#stop.hidden = true;
    for (const one of this.#after) one.hidden = !this.text;
  }

  /** @param {string} name @param {string} value @param {string} [note] */
  #number(name, value, note) {
    if (value)
      this.#facts.append(h("div", {}, h("dt", {}, name), h("dd", {}, value, note && h("small", {}, ` ${note}`))));
  }
}

/** Marks which of the whole answers was the fastest, and which the cheapest. @param {Iterable<Column>} columns */
export function judge(columns) {
  const whole = [...columns].filter((one) => one.figures);
  if (whole.length < 2) return;
  const fastest = least(whole, (one) => one.figures?.ms);
  const cheapest = least(whole, (one) => one.figures?.usd);
  for (const one of whole) one.won([one === fastest && "fastest", one === cheapest && "cheapest"].filter((word) => word !== false)); // prettier-ignore
}

/** The one with the least; null where two have that, or some have no number. @param {Column[]} columns @param {(one: Column) => number | null | undefined} of */
function least(columns, of) {
  const numbers = columns.map((column) => of(column) ?? NaN);
  const lowest = Math.min(...numbers);
  return numbers.filter((number) => number === lowest).length === 1 ? columns[numbers.indexOf(lowest)] : null;
}
