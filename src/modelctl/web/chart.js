// @ts-check
/**
 * One figure over time: columns or lines, the marks of what was switched, and its numbers as a table.
 *
 * Its plot is a slider through time for the keyboard and for screen readers: arrow keys move, the value is said.
 *
 * @typedef {import("./usage-timeline.js").Timeline} Timeline
 * @typedef {import("./usage-timeline.js").Metric} Metric
 * @typedef {import("./usage-marks.js").Mark} Mark
 *
 * @typedef {object} Shown
 * @property {Timeline} timeline
 * @property {Mark[]} marks
 * @property {boolean} stacked columns on top of each other rather than a line each
 * @property {Set<string>} hidden lines that are not drawn
 * @property {string} about such as "by model, last 24 hours"
 * @property {string} total the figure over all of it
 * @property {string} change compared with the time before
 * @property {string} changeTitle
 */
import { drawing } from "./chart-drawing.js";
import { stepLabel } from "./chart-scale.js";
import { chartTable } from "./chart-table.js";
import { attr, h, say } from "./dom.js";
import { valuesOf } from "./usage-timeline.js";

const HEIGHT = 168;

export class Chart {
  #total = h("b", { class: "total" });
  #change = h("span", { class: "change" });
  #toggle = h("button", { type: "button", class: "quiet small", onclick: () => this.#turn() }, "Table");
  #canvas = h("div", { class: "canvas", "aria-hidden": "true" });
  #tip = h("div", { class: "tip", "aria-hidden": "true", hidden: true });
  #plot = h("div", { class: "plot", role: "slider", tabindex: 0, "aria-orientation": "horizontal" });
  #table = h("div", { class: "scroll behind", tabindex: 0, role: "region", hidden: true });
  /** @type {Shown | null} */
  #shown = null;
  /** @type {ReturnType<typeof drawing> | null} */
  #drawn = null;
  #width = 0;

  /** @param {Metric} metric @param {import("./chart-cursor.js").Cursor} cursor */
  constructor(metric, cursor) {
    this.metric = metric;
    this.cursor = cursor;
    const head = h("figcaption", {}, h("h2", {}, metric.title), this.#total, this.#change, this.#toggle);
    attr(this.#toggle, "aria-pressed", "false");
    attr(this.#toggle, "aria-label", `${metric.title} as a table`);
    this.#plot.append(this.#canvas, this.#tip);
    this.element = h("figure", { class: "chart", "data-metric": metric.id }, head, this.#plot, this.#table);
    new ResizeObserver(([entry]) => this.#resized(entry?.contentRect.width ?? 0)).observe(this.#plot);
    cursor.addEventListener("change", () => this.#point());
    this.#plot.addEventListener("pointermove", (event) => cursor.to(this.#at(event), this));
    this.#plot.addEventListener("pointerdown", (event) => cursor.to(this.#at(event), this));
    this.#plot.addEventListener("pointerleave", () => cursor.away());
    this.#plot.addEventListener("keydown", (event) => this.#key(event));
    this.#plot.addEventListener("focus", () => this.#focused());
    this.#plot.addEventListener("blur", () => cursor.away());
  }

  /** @param {Shown} shown */
  show(shown) {
    this.#shown = shown;
    say(this.#total, shown.total);
    say(this.#change, shown.change);
    attr(this.#change, "title", shown.changeTitle || null);
    attr(this.#plot, "aria-label", `${this.metric.title} ${shown.about}: ${shown.total}`);
    attr(this.#plot, "aria-valuemin", "0");
    attr(this.#plot, "aria-valuemax", String(Math.max(0, shown.timeline.times.length - 1)));
    attr(this.#table, "aria-label", `${this.metric.title} ${shown.about}, as a table`);
    if (!this.#table.hidden) this.#table.replaceChildren(chartTable(this.metric, this.#lines, shown.timeline));
    this.#draw();
  }

  get #lines() {
    const { timeline, hidden } = this.#shown ?? { timeline: { lines: [] }, hidden: new Set() };
    return timeline.lines.filter(({ name }) => !hidden.has(name));
  }

  /** @param {number} width */
  #resized(width) {
    if (Math.round(width) === this.#width) return;
    this.#width = Math.round(width);
    this.#draw();
  }

  #draw() {
    if (!this.#shown || !this.#width) return;
    const { timeline, marks, stacked } = this.#shown;
    const size = { width: this.#width, height: HEIGHT };
    this.#drawn = drawing(this.metric, this.#lines, timeline, { ...size, marks, stacked: stacked && this.metric.adds });
    this.#canvas.replaceChildren(this.#drawn.element);
    this.#point();
  }

  #turn() {
    const table = this.#table.hidden;
    attr(this.#toggle, "aria-pressed", String(table));
    this.#table.hidden = !table;
    this.#plot.hidden = table;
    if (table && this.#shown) this.#table.replaceChildren(chartTable(this.metric, this.#lines, this.#shown.timeline));
  }

  // -- the moment that is looked at ----------------------------------------------------------

  /** @param {PointerEvent} event */
  #at(event) {
    return this.#drawn?.stepAt(event.clientX - this.#plot.getBoundingClientRect().left) ?? 0;
  }

  #focused() {
    if (this.#plot.matches(":focus-visible")) this.cursor.to(this.cursor.at ?? this.#last, this);
  }

  get #last() {
    return Math.max(0, (this.#shown?.timeline.times.length ?? 1) - 1);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const at = this.cursor.at ?? this.#last;
    const far = Math.max(2, Math.round(this.#last / 10));
    /** @type {Record<string, number>} */
    const to = { ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, PageDown: at - far, PageUp: at + far, Home: 0, End: this.#last }; // prettier-ignore
    const found = to[event.key];
    if (found === undefined) return void (event.key === "Escape" && this.cursor.away());
    event.preventDefault();
    this.cursor.to(Math.max(0, Math.min(this.#last, found)), this);
  }

  #point() {
    const { at, of } = this.cursor;
    const shown = this.#shown;
    this.#drawn?.point(at);
    this.#tip.hidden = at === null || of !== this || !shown;
    const place = at ?? this.#last;
    attr(this.#plot, "aria-valuenow", String(place));
    attr(this.#plot, "aria-valuetext", this.#said(place).join("; "));
    if (this.#tip.hidden || at === null || !shown) return;
    this.#tip.replaceChildren(...this.#tipOf(at));
    const left = this.#drawn?.middle(at) ?? 0;
    const right = left > this.#width / 2;
    this.#tip.style.left = right ? "auto" : `${left + 12}px`;
    this.#tip.style.right = right ? `${this.#width - left + 12}px` : "auto";
  }

  /** @param {number} at @returns {{name: string, color: number, text: string}[]} */
  #values(at) {
    return this.#lines.flatMap((line) => {
      const value = valuesOf(line, this.metric)[at] ?? null;
      return value === null || (value === 0 && this.metric.adds) ? [] : [{ name: line.name, color: line.color, text: this.metric.text(value) }]; // prettier-ignore
    });
  }

  /** @param {number} at */
  #sum(at) {
    return this.metric.text(this.#lines.reduce((sum, line) => sum + (valuesOf(line, this.metric)[at] ?? 0), 0));
  }

  /** @param {number} at */
  #said(at) {
    if (!this.#shown) return [];
    const { timeline, marks } = this.#shown;
    const values = this.#values(at).map(({ name, text }) => `${name} ${text}`);
    const happened = marks.filter((mark) => mark.step === at).map((mark) => mark.text);
    const when = stepLabel(timeline.times[at] ?? 0, timeline.step, timeline.end);
    return [when, ...(values.length ? values : ["no requests"]), ...happened];
  }

  /** @param {number} at */
  #tipOf(at) {
    const { timeline, marks } = /** @type {Shown} */ (this.#shown);
    const values = this.#values(at);
    const rows = values.map(({ name, color, text }) =>
      h("li", {}, h("i", { class: `swatch c${color}` }), h("span", {}, name), h("b", {}, text)),
    );
    const happened = marks.filter((mark) => mark.step === at);
    if (this.metric.adds && rows.length > 1) rows.push(h("li", {}, h("i", {}), h("span", {}, "Total"), h("b", {}, this.#sum(at)))); // prettier-ignore
    return [
      h("p", { class: "when" }, stepLabel(timeline.times[at] ?? 0, timeline.step, timeline.end)),
      rows.length ? h("ul", {}, ...rows) : h("p", {}, "no requests"),
      ...happened.map((mark) => h("p", { class: `mark-text ${mark.kind}` }, mark.text)),
    ];
  }
}
