// @ts-check
/** One prompt to two to four models, side by side. Nothing here changes a route unless "Use it" is chosen. */
import { lines, path, send } from "./api.js";
import { ChosenModels, FEWEST } from "./chosen-models.js";
import { Column, judge } from "./compare-column.js";
import { field } from "./dialog.js";
import { arrange, attr, h, say } from "./dom.js";
import { keptAnswers } from "./kept-answers.js";
import { paramFields } from "./params.js";
import { prose } from "./problems.js";
import { chatRoute } from "./routes-of.js";
import { words } from "./words.js";

/** @typedef {{id: string, abort: AbortController, columns: Map<string, Column>}} Running */

/** @param {HTMLElement} panel @param {import("./app.js").Page} page */
export function mount(panel, page) {
  const made = new Comparison(page);
  panel.append(h("h1", {}, "Compare"), made.form, made.heard, made.columns, made.kept.element);
  return {
    show() {
      const snapshot = page.client.getSnapshot();
      if (snapshot.loaded) made.models.show(snapshot);
    },
  };
}

class Comparison {
  models = new ChosenModels();
  kept = keptAnswers();
  heard = h("p", { class: "sr", role: "status" });
  columns = h("div", { class: "columns-of-answers" });
  #params = paramFields();
  #system = h("textarea", { name: "system", rows: 2, placeholder: "optional" });
  #wrong = h("div", { class: "wrong", role: "alert" });
  #ask = h("button", { type: "submit", class: "primary" }, "Ask");
  #stopAll = h("button", { type: "button", hidden: true, onclick: () => this.#stop() }, "Stop all");
  #prompt = h("textarea", {
    name: "prompt",
    rows: 5,
    placeholder: "The prompt for every model",
    "aria-keyshortcuts": "Control+Enter",
  });
  /** @type {Running | null} */
  #running = null;

  /** @param {import("./app.js").Page} page */
  constructor(page) {
    this.page = page;
    this.form = h(
      "form",
      { class: "card-box", novalidate: true, "aria-label": "Comparison" },
      this.models.element,
      field("Prompt", this.#prompt),
      h(
        "details",
        {},
        h("summary", {}, "Instructions"),
        field("Instructions", this.#system, "Sent first, as the system prompt."),
      ),
      h("details", {}, h("summary", {}, "Parameters"), this.#params.element),
      this.#wrong,
      h("div", { class: "buttons" }, note(), this.#stopAll, this.#ask),
    );
    this.form.addEventListener("submit", (event) => (event.preventDefault(), void this.#run()));
    this.#prompt.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) (event.preventDefault(), void this.#run());
    });
  }

  /** What to send, or why it cannot be sent. @returns {{why: string | null, models: string[], body: unknown}} */
  #question() {
    const models = this.models.names;
    const { params, wrong } = this.#params.read();
    const prompt = this.#prompt.value;
    const system = this.#system.value.trim();
    const messages = [{ role: "system", content: system }, { role: "user", content: prompt }]; // prettier-ignore
    return {
      why: this.#whyNot(models) ?? wrong,
      models,
      body: { models, params, ...(system ? { messages } : { prompt }) },
    };
  }

  /** @param {string[]} models @returns {string | null} */
  #whyNot(models) {
    const twice = models.find((one, at) => models.indexOf(one) !== at);
    if (models.length < FEWEST) return "Choose at least two models";
    if (twice) return `\`${twice}\` is chosen twice`;
    return this.#prompt.value.trim() ? null : "Write a prompt";
  }

  async #run() {
    if (this.#running) return;
    const { why, models, body } = this.#question();
    this.#complain(why ?? "");
    if (why) return;
    const columns = new Map(models.map((name) => [name, this.#column(name)]));
    const running = (this.#running = { id: "", abort: new AbortController(), columns });
    this.#busy(true);
    try {
      await this.#hear(running, body);
    } catch (error) {
      if (!this.#isShown(running) && !running.abort.signal.aborted) this.#complain(words(error));
    } finally {
      this.#end(running);
    }
  }

  /** @param {Running} running @param {unknown} body */
  async #hear(running, body) {
    for await (const line of lines("compare", body, running.abort.signal)) {
      if (!this.#isShown(running)) this.#show(running);
      if (line.event === "compare") running.id = line.id;
      const heading = running.columns.get(line.model)?.take(line);
      if (heading) say(this.heard, heading);
    }
  }

  /** @param {Running} running */
  #end(running) {
    const { aborted } = running.abort.signal;
    if (aborted) this.#show(running); // also before the first line
    for (const each of running.columns.values()) each.over(aborted ? "stopped" : "broken off");
    judge(running.columns.values());
    this.#running = null;
    this.#busy(false);
  }

  /** @param {Running} running */
  #show({ columns }) {
    arrange(this.columns, [...columns.values()].map((one) => one.element)); // prettier-ignore
  }

  /** @param {Running} running */
  #isShown({ columns }) {
    return [...columns.values()].some((one) => one.element.isConnected);
  }

  /** @param {string} name its public name */
  #column(name) {
    const model = this.page.client.find(null, name);
    const route = chatRoute(this.page.client.getSnapshot().routes);
    return new Column(name, model?.name ?? name, {
      stop: () => this.#stop(name),
      keep: (result) => this.kept.keep({ ...result, prompt: this.#prompt.value }),
      use: model && route ? () => void this.page.switcher.ask(model, route) : undefined,
    });
  }

  /** @param {string} [model] without one, all */
  #stop(model) {
    if (!this.#running) return;
    const { id, abort } = this.#running;
    if (!id) return abort.abort();
    send("POST", `compare/${path(id)}/stop`, { model }).catch(() => model ?? abort.abort()); // going away stops it too
  }

  /** @param {boolean} on */
  #busy(on) {
    this.#stopAll.hidden = !on;
    attr(this.#ask, "aria-disabled", on ? "true" : null); // not `disabled`: that would take the focus away
    if (!on && document.activeElement === document.body) this.#ask.focus({ preventScroll: true }); // "Stop all" had it
  }

  /** @param {string} text */
  #complain(text) {
    this.#wrong.replaceChildren(...(text ? [h("p", {}, ...prose(text))] : []));
  }
}

const note = () =>
  h(
    "small",
    { class: "grow" },
    h("span", { class: "by-keys" }, "Ctrl+Enter asks. "),
    "Each request is a real one and may cost money.",
  );
