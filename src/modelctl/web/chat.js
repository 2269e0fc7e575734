// @ts-check
/** A conversation with one model, or with what a route points to. Requests go through the control plane. */
import { lines, path, send } from "./api.js";
import { Column } from "./compare-column.js";
import { field } from "./dialog.js";
import { attr, h } from "./dom.js";
import { choices } from "./model-options.js";
import { prose } from "./problems.js";
import { words } from "./words.js";

/** @typedef {{role: "system" | "user" | "assistant", content: string}} Message */
const ROUTE = "route:";

/** @param {HTMLElement} panel @param {import("./app.js").Page} page */
export function mount(panel, page) {
  const chat = new Chat(page);
  panel.append(h("h1", {}, "Chat"), chat.log, chat.form);
  return { show: () => chat.show() };
}

class Chat {
  /** @type {Message[]} */
  #messages = [];
  /** @type {{id: string, abort: AbortController} | null} */
  #running = null;
  #listed = "";

  /** @param {import("./app.js").Page} page */
  constructor(page) {
    this.page = page;
    this.who = h("select", { name: "who" });
    this.system = h("textarea", { name: "system", rows: 2, placeholder: "optional" });
    this.text = h("textarea", { name: "text", rows: 3, "aria-keyshortcuts": "Control+Enter" });
    this.wrong = h("div", { class: "wrong", role: "alert" });
    this.ask = h("button", { type: "submit", class: "primary" }, "Send");
    this.stop = h("button", { type: "button", hidden: true, onclick: () => this.#stop() }, "Stop");
    this.log = h("ol", { class: "chat", "aria-label": "Conversation" });
    const again = h("button", { type: "button", onclick: () => this.#clear() }, "New chat");
    const note = h("small", { class: "grow" }, "Ctrl+Enter sends. Each message is a real request and may cost money.");
    this.form = h(
      "form",
      { class: "card-box", novalidate: true, "aria-label": "Chat" },
      field("Model or route", this.who),
      h(
        "details",
        {},
        h("summary", {}, "Instructions"),
        field("Instructions", this.system, "Sent first, as the system prompt."),
      ),
      field("Message", this.text),
      this.wrong,
      h("div", { class: "buttons" }, note, again, this.stop, this.ask),
    );
    this.form.addEventListener("submit", (event) => (event.preventDefault(), void this.#send()));
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) (event.preventDefault(), void this.#send());
    });
  }

  show() {
    const { loaded, providers, routes } = this.page.client.getSnapshot();
    const models = choices(providers);
    const named = routes.filter((one) => models.some(({ models }) => models.some((m) => m.public_name === one.target)));
    const text = JSON.stringify([named.map((one) => [one.route, one.target]), models]);
    if (!loaded || text === this.#listed) return;
    this.#listed = text;
    const before = this.who.value;
    this.who.replaceChildren(
      h("optgroup", { label: "Routes" }, ...named.map((one) => routeOption(one, this.page.client))),
      ...models.map(({ name, models }) => h("optgroup", { label: name }, ...models.map(modelOption))),
    );
    if ([...this.who.options].some((one) => one.value === before)) this.who.value = before;
  }

  /** The public name to ask: a route's is that of the model it points to now. */
  get #name() {
    const { value } = this.who;
    if (!value.startsWith(ROUTE)) return value;
    const route = value.slice(ROUTE.length);
    return this.page.client.getSnapshot().routes.find((one) => one.route === route)?.target ?? "";
  }

  async #send() {
    const content = this.text.value.trim();
    this.#complain(content ? "" : "Write a message");
    if (!content || this.#running) return;
    const name = this.#name;
    const messages = [...this.#messages, { role: /** @type {const} */ ("user"), content }];
    const title = this.page.client.find(null, name)?.name ?? name;
    const answer = new Column(name, title, { stop: () => this.#stop() });
    const asked = h("li", { class: "asked-for" }, h("p", {}, content));
    this.log.append(asked, h("li", {}, answer.element));
    answer.element.scrollIntoView({ block: "nearest" });
    this.#busy(true);
    const running = (this.#running = { id: "", abort: new AbortController() });
    try {
      await this.#hear(running, answer, { models: [name], messages: this.#withSystem(messages) });
      if (answer.text && this.#running === running)
        this.#keep([...messages, { role: "assistant", content: answer.text }]);
    } catch (error) {
      if (!running.abort.signal.aborted) this.#complain(words(error));
    } finally {
      answer.over(running.abort.signal.aborted ? "stopped" : "broken off");
      if (this.#running === running) this.#rest();
    }
  }

  /** What the next message goes on from; one that got no answer stays in its field. @param {Message[]} messages */
  #keep(messages) {
    this.#messages = messages;
    this.text.value = "";
  }

  /** @param {{id: string, abort: AbortController}} running @param {Column} answer @param {unknown} body */
  async #hear(running, answer, body) {
    for await (const line of lines("compare", body, running.abort.signal)) {
      if (line.event === "compare") running.id = line.id;
      else if (line.model) answer.take(line);
    }
  }

  /** @param {Message[]} messages @returns {Message[]} */
  #withSystem(messages) {
    const content = this.system.value.trim();
    return content ? [{ role: "system", content }, ...messages] : messages;
  }

  #stop() {
    if (!this.#running) return;
    const { id, abort } = this.#running;
    if (!id) return abort.abort();
    send("POST", `compare/${path(id)}/stop`, {}).catch(() => abort.abort()); // going away stops it too
  }

  #rest() {
    this.#running = null;
    this.#busy(false);
  }

  #clear() {
    this.#stop();
    this.#rest();
    this.#messages = [];
    this.log.replaceChildren();
    this.text.focus();
  }

  /** @param {boolean} on */
  #busy(on) {
    this.stop.hidden = !on;
    attr(this.ask, "aria-disabled", on ? "true" : null);
    if (!on && (document.activeElement === document.body || document.activeElement === this.ask))
      this.text.focus({ preventScroll: true });
  }

  /** @param {string} text */
  #complain(text) {
    this.wrong.replaceChildren(...(text ? [h("p", {}, ...prose(text))] : []));
  }
}

/** @param {import("../clients/model-types.js").Route} route @param {import("../clients/model-types.js").ModelClient} client */
function routeOption({ route, provider, target }, client) {
  return h("option", { value: `${ROUTE}${route}` }, `${route} (now ${client.find(provider, target)?.name ?? target})`);
}

/** @param {import("../clients/model-types.js").Model} model */
const modelOption = ({ name, public_name, available, reason }) =>
  h("option", { value: public_name, disabled: !available }, available ? name : `${name} (${reason})`);
