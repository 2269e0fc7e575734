// @ts-check
/** One model in the list: made once from a prototype, then only what differs is written. */
import { CAPABILITIES, CAPABILITY_NAMES, has, price, retirement, tokens } from "../clients/model-facts.js";
import { attr, h, kept, one, say } from "./dom.js";
import { paint } from "./facts.js";
import { sparkline } from "./model-usage.js";

/**
 * @typedef {import("../clients/model-types.js").Model} Model
 * @typedef {object} Shown
 * @property {string[]} routes those that point to it, the one in view first
 * @property {boolean} current the route in view points to it
 * @property {boolean} pending
 * @property {string | null} misfit why the route in view would refuse it
 * @property {string | null} saidAbove the reason that its provider's heading gives
 * @property {boolean} offered it is of the kind that the route in view holds
 * @property {boolean} favourite
 * @property {import("./model-usage.js").Used | null} used null where nothing was counted
 */

const PROTOTYPE = h(
  "li",
  { class: "row" },
  h("button", { type: "button", class: "quiet icon star", "data-do": "star", tabindex: -1, "aria-pressed": "false" }),
  h(
    "div",
    { class: "what" },
    h("span", { class: "mark small", "aria-hidden": "true", hidden: true }),
    h("button", { type: "button", class: "pick", "data-do": "pick", tabindex: -1 }),
    h("span", { class: "on" }),
    h("code", { class: "id" }),
    h("p", { class: "note" }),
  ),
  h(
    "span",
    { class: "caps", role: "img" },
    ...CAPABILITY_NAMES.map((name) => h("i", { class: `cap i-${name}`, title: CAPABILITIES[name][1] })),
  ),
  h("span", { class: "num context", "aria-hidden": "true" }),
  h("span", { class: "num in", "aria-hidden": "true" }),
  h("span", { class: "num out", "aria-hidden": "true" }),
  h("span", { class: "use", "aria-hidden": "true" }),
  h("span", { class: "sr told" }),
  h("button", { type: "button", class: "quiet icon more i-more", "data-do": "more", tabindex: -1 }),
);

export class Row {
  element = /** @type {HTMLLIElement} */ (PROTOTYPE.cloneNode(true));
  #part = parts(this.element);
  #said = "";
  #shown = "";
  #facts = "";
  #used = "";

  /** @param {string} key @param {boolean} marked whether it stands apart from its provider */
  constructor(key, marked) {
    this.element.dataset.key = key;
    this.marked = marked;
    this.#part.told.id = `told:${encodeURIComponent(key)}`;
    attr(this.#part.pick, "aria-describedby", this.#part.told.id);
  }

  get pick() {
    return this.#part.pick;
  }

  /** @param {Model} model @param {string} text the model as JSON: what tells whether it changed @param {string} provider */
  model(model, text, provider) {
    if (text === this.#said) return;
    this.#said = text;
    this.#shown = "";
    const { pick, id, mark, caps, context, input, output, star, more } = this.#part;
    say(pick, model.name);
    say(id, model.public_name);
    attr(pick, "aria-label", `${model.name}, ${provider}`);
    if (this.marked)
      ((mark.hidden = false),
        paint(mark, { id: model.provider, name: provider, icon: model.icon, color: model.color }));
    const can = CAPABILITY_NAMES.filter((name) => has(model, name));
    attr(caps, "aria-label", can.map((name) => CAPABILITIES[name][1]).join(", ") || "no known capabilities");
    CAPABILITY_NAMES.forEach((name, at) => caps.children[at]?.classList.toggle("has", can.includes(name)));
    for (const [element, text] of /** @type {[HTMLElement, string][]} */ ([
      [context, tokens(model.context_window)],
      [input, price(model.price.input)],
      [output, price(model.price.output)],
    ])) {
      say(element, text || "–");
      element.classList.toggle("unknown", !text);
    }
    const { input: asked, output: answered } = model.price;
    this.#facts = `context ${tokens(model.context_window) || "unknown"}, input ${price(asked) || "unknown"}, output ${price(answered) || "unknown"}`;
    attr(star, "aria-label", `Favourite: ${model.name}`);
    attr(more, "aria-label", `${model.name}: facts, code, switch with a reason`);
    attr(more, "title", "Facts, code to paste, switch with a reason or a time limit (Shift+Enter)");
  }

  /** @param {Model} model @param {Shown} shown */
  state(model, shown) {
    const text = JSON.stringify(shown);
    if (text === this.#shown) return;
    this.#shown = text;
    const { pick, note, on, star, told } = this.#part;
    const dim = !model.available || Boolean(shown.misfit) || !shown.offered;
    this.element.classList.toggle("current", shown.current);
    this.element.classList.toggle("dim", dim);
    this.element.classList.toggle("pending", shown.pending);
    attr(pick, "aria-current", shown.current && "true");
    attr(pick, "aria-disabled", !shown.offered && "true");
    this.#use(shown.used);
    const used = shown.used ? `, ${shown.used.said}` : "";
    say(
      told,
      `${this.#facts}${used}${dim ? `, not available: ${model.reason ?? shown.misfit ?? "another kind"}` : ""}`,
    );
    attr(star, "aria-pressed", String(shown.favourite));
    star.classList.toggle("i-starred", shown.favourite);
    star.classList.toggle("i-star", !shown.favourite);
    on.replaceChildren(...shown.routes.map((name) => h("span", { class: "pill on" }, name)));
    note.replaceChildren(...noteOf(model, shown));
    attr(note, "title", model.description ?? "");
  }

  /** @param {Shown["used"]} used */
  #use(used) {
    const text = JSON.stringify(used);
    if (text === this.#used) return;
    this.#used = text;
    const { use } = this.#part;
    attr(use, "title", used?.said ?? null);
    use.replaceChildren(...(used ? useOf(used) : []));
  }
}

/** @param {import("./model-usage.js").Used} used */
function useOf({ spark, text, success, p95 }) {
  if (!spark.length) return [h("span", { class: "figures" }, text)];
  const first = h("span", {}, h("b", {}, text), ` · ${success}`);
  return [sparkline(spark), h("span", { class: "figures" }, first, h("span", {}, `p95 ${p95}`))];
}

/**
 * Why it cannot be had, when it ends, what to take in its place, what it is for. Spaces keep the words apart for
 * those who hear them.
 * @param {Model} model @param {Shown} shown
 */
function noteOf(model, shown) {
  const why = shown.offered ? (model.reason ?? shown.misfit) : null;
  const { status, successor } = model.lifecycle;
  const { retires } = model.lifecycle;
  const ending = status === "retired" ? "" : retirement({ lifecycle: { status, retires } }); // the link names the successor
  const parts = [
    why && why !== shown.saidAbove && h("span", { class: "why" }, why),
    ending && h("span", { class: "why" }, ending),
    shown.offered && (why || ending) && successor && successorLink(successor),
    model.description && h("span", {}, model.description),
  ];
  return kept(parts).flatMap((part, at) => (at ? [" ", part] : [part]));
}

/** @param {string} name */
const successorLink = (name) =>
  h("button", { type: "button", class: "link", tabindex: -1, "data-do": "successor", "data-to": name }, `Show ${name}`);

/** @param {HTMLElement} row */
const parts = (row) => ({
  pick: one(row, ".pick"),
  id: one(row, ".id"),
  mark: one(row, ".mark"),
  caps: one(row, ".caps"),
  note: one(row, ".note"),
  on: one(row, ".on"),
  context: one(row, ".context"),
  input: one(row, ".in"),
  output: one(row, ".out"),
  use: one(row, ".use"),
  told: one(row, ".told"),
  star: one(row, ".star"),
  more: one(row, ".more"),
});
