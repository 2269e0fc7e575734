// @ts-check
/** Which colour is whose, for all charts; a click takes a line out or brings it back. And what the marks mean. */
import { arrange, attr, h, say, svg } from "./dom.js";
import { SIGNS } from "./chart-drawing.js";
import { KINDS } from "./usage-marks.js";

export class Legend {
  /** @type {Set<string>} */
  hidden = new Set();
  #lines = h("ul", { class: "lines", "aria-label": "Shown in the charts" });
  #marks = h("ul", { class: "signs", "aria-label": "Marks in the charts" });
  element = h("div", { class: "legend" }, this.#lines, this.#marks);
  /** @type {Map<string, {item: HTMLElement, button: HTMLElement, swatch: HTMLElement, name: HTMLElement}>} */
  #made = new Map();

  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
  }

  /** @param {import("./usage-timeline.js").Timeline} timeline @param {import("./usage-marks.js").Mark[]} marks */
  show({ lines }, marks) {
    const items = lines.map(({ name, color }) => {
      const { item, button, swatch } = this.#line(name);
      attr(swatch, "class", `swatch c${color}`);
      attr(button, "aria-pressed", String(!this.hidden.has(name)));
      return item;
    });
    arrange(this.#lines, items);
    const seen = KINDS.filter(([kind]) => marks.some((mark) => mark.kind === kind));
    this.#marks.replaceChildren(...seen.map(([kind, title]) => h("li", {}, sign(kind), title)));
  }

  /** @param {string} name */
  #line(name) {
    const kept = this.#made.get(name);
    if (kept) return kept;
    const [swatch, label] = [h("i", { "aria-hidden": "true" }), h("span", {})];
    say(label, name);
    const button = h("button", { type: "button", class: "chip", onclick: () => this.#turn(name) }, swatch, label);
    const made = { item: h("li", {}, button), button, swatch, name: label };
    this.#made.set(name, made);
    return made;
  }

  /** @param {string} name */
  #turn(name) {
    if (!this.hidden.delete(name)) this.hidden.add(name);
    this.changed();
  }
}

/** @param {import("./usage-marks.js").Kind} kind */
const sign = (kind) =>
  svg("svg", { class: `event ${kind}`, width: 10, height: 10, viewBox: "-5 -5 10 10", "aria-hidden": "true" }, svg("path", { d: `M0 0${SIGNS[kind]}` })); // prettier-ignore
