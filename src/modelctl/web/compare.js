// @ts-check
/** One prompt to two to four models, side by side. Nothing here changes a route. */
import { lines, path, send } from "./api.js";
import { Column, keepable } from "./compare-column.js";
import { field } from "./dialog.js";
import { arrange, attr, h, say } from "./dom.js";
import { choices, fill } from "./model-options.js";
import { paramFields } from "./params.js";
import { ModelctlError } from "../clients/model-request.js";
import { prose } from "./problems.js";

const FEWEST = 2;
const MOST = 4;

/** @param {Map<string, Column>} columns */
const elements = (columns) => [...columns.values()].map((one) => one.element);

/** @param {HTMLElement} panel @param {import("./app.js").Page} page */
export function mount(panel, page) {
  const chosen = h("div", { class: "chosen" });
  const more = h("button", { type: "button", onclick: () => (pick("").focus(), count()) }, "Add a model");
  const prompt = h("textarea", {
    name: "prompt",
    rows: 5,
    placeholder: "What every model is asked",
    "aria-keyshortcuts": "Control+Enter",
  });
  const params = paramFields();
  const wrong = h("div", { class: "wrong", role: "alert" });
  const heard = h("p", { class: "sr", role: "status" });
  const ask = h("button", { type: "submit", class: "primary" }, "Ask");
  const stopAll = h("button", { type: "button", hidden: true, onclick: () => stop() }, "Stop all");
  const columns = h("div", { class: "columns-of-answers" });
  const kept = keepable();
  const form = h(
    "form",
    { class: "card-box", novalidate: true, "aria-label": "Comparison" },
    h("fieldset", {}, h("legend", {}, "Models"), chosen, more),
    field("Prompt", prompt),
    h("details", {}, h("summary", {}, "Parameters"), params.element),
    wrong,
    h(
      "div",
      { class: "buttons" },
      h(
        "small",
        { class: "grow" },
        h("span", { class: "by-keys" }, "Ctrl+Enter asks. "),
        "Each request is a real one and may cost money.",
      ),
      stopAll,
      ask,
    ),
  );
  panel.append(h("h1", {}, "Compare"), form, heard, columns, kept.element);
  /** @type {import("../clients/model-types.js").Snapshot["providers"]} */
  let listed = [];
  /** @type {{id: string, abort: AbortController, columns: Map<string, Column>} | null} */
  let running = null;

  const selects = () => /** @type {HTMLSelectElement[]} */ ([...chosen.querySelectorAll("select")]);

  /** One more model to choose. @param {string} value */
  function pick(value) {
    const select = h("select", {});
    const row = h("div", { class: "together" });
    const remove = h("button", { type: "button", class: "quiet icon i-close" });
    remove.addEventListener("click", () => (row.remove(), count(), more.focus()));
    row.append(select, remove);
    fill(select, listed, value);
    chosen.append(row);
    return select;
  }

  function count() {
    selects().forEach((select, at) => {
      select.setAttribute("aria-label", `Model ${at + 1}`);
      const remove = /** @type {HTMLButtonElement} */ (select.nextElementSibling);
      remove.setAttribute("aria-label", `Take model ${at + 1} away`);
      remove.hidden = selects().length <= FEWEST;
    });
    more.hidden = selects().length >= MOST;
  }

  /** What a route runs, and one to set it against. */
  function first() {
    const { routes, providers } = page.client.getSnapshot();
    const names = choices(providers).flatMap(({ models }) => models.filter((one) => one.available).map((one) => one.public_name)); // prettier-ignore
    const now = routes.map((one) => one.target).find((name) => names.includes(name)) ?? names[0] ?? "";
    pick(now);
    pick(names.find((name) => name !== now) ?? "");
    count();
  }

  function question() {
    const models = selects().map((one) => one.value).filter(Boolean); // prettier-ignore
    const { params: said, wrong: why } = params.read();
    const twice = models.find((one, at) => models.indexOf(one) !== at);
    if (models.length < FEWEST) return { why: "Choose at least two models" };
    if (twice) return { why: `\`${twice}\` stands there twice` };
    if (!prompt.value.trim()) return { why: "Write a prompt" };
    return { why, models, body: { models, prompt: prompt.value, params: said } };
  }

  /** @param {string} text */
  const complain = (text) => wrong.replaceChildren(...(text ? [h("p", {}, ...prose(text))] : []));

  async function run() {
    if (running) return;
    const { why, models = [], body } = question();
    complain(why ?? "");
    if (why) return;
    const mine = { id: "", abort: new AbortController(), columns: new Map(models.map((name) => [name, column(name)])) };
    running = mine;
    busy(true);
    let begun = false;
    try {
      for await (const line of lines("compare", body, mine.abort.signal)) {
        if (!begun) arrange(columns, elements(mine.columns));
        begun = true;
        if (line.event === "compare") mine.id = line.id;
        const heading = mine.columns.get(line.model)?.take(line);
        if (heading) say(heard, heading);
      }
    } catch (error) {
      if (!begun && !mine.abort.signal.aborted) complain(error instanceof ModelctlError ? [error.message, error.hint].filter(Boolean).join(". ") : String(error)); // prettier-ignore
    } finally {
      if (mine.abort.signal.aborted) arrange(columns, elements(mine.columns)); // also before the first line
      for (const each of mine.columns.values()) each.over(mine.abort.signal.aborted ? "stopped" : "broken off");
      running = null;
      busy(false);
    }
  }

  /** @param {string} name its public name */
  function column(name) {
    const model = page.client.find(null, name);
    return new Column(name, model?.name ?? name, () => stop(name), (result) => kept.keep({ ...result, prompt: prompt.value })); // prettier-ignore
  }

  /** @param {string} [model] without one, all */
  function stop(model) {
    if (!running) return;
    const { id, abort } = running;
    if (!id) return abort.abort();
    send("POST", `compare/${path(id)}/stop`, { model }).catch(() => model ?? abort.abort()); // going away stops it too
  }

  /** @param {boolean} on */
  function busy(on) {
    stopAll.hidden = !on;
    attr(ask, "aria-disabled", on ? "true" : null); // not `disabled`: that would take the focus away
    if (!on && document.activeElement === document.body) ask.focus({ preventScroll: true }); // "Stop all" had it
  }

  form.addEventListener("submit", (event) => (event.preventDefault(), void run()));
  prompt.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) (event.preventDefault(), void run());
  });

  return {
    show() {
      const { loaded, providers } = page.client.getSnapshot();
      if (!loaded || providers === listed) return;
      listed = providers;
      if (!selects().length) first();
      else for (const select of selects()) fill(select, providers);
    },
  };
}
