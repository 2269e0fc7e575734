// @ts-check
/** What was asked of the models, how it went and what it cost, as the workers counted it: charts, marks, a table. */
import { Chart } from "./chart.js";
import { Cursor } from "./chart-cursor.js";
import { h } from "./dom.js";
import { historyKey } from "./routes-of.js";
import { failed } from "./outcome.js";
import { BeforeAfter } from "./usage-before-after.js";
import { usage } from "./usage-figures.js";
import { Legend } from "./usage-legend.js";
import { marksIn } from "./usage-marks.js";
import { UsageTable } from "./usage-table.js";
import { compared, METRICS, Palette, RANGES, timeline } from "./usage-timeline.js";

/**
 * @typedef {import("./usage-figures.js").Answer} Answer
 * @typedef {import("./usage-figures.js").Group} Group
 * @typedef {import("./usage-timeline.js").Range} Range
 * @typedef {{totals: Answer, steps: Answer, whole: Answer, before: Answer}} Read
 */

const AGAIN_MS = 10_000;
const MOST_ENTRIES = 300; // of history
const GROUPS = [["model", "By model"], ["provider", "By provider"], ["route", "By route"], ["deployment", "By deployment"], ["tag", "By tag"]]; // prettier-ignore
const SHAPES = [["stacked", "Stacked"], ["lines", "Side by side"]]; // prettier-ignore

/** @param {HTMLElement} panel @param {import("./app.js").Page} page */
export function mount(panel, page) {
  const section = new Usage(page);
  panel.append(section.head, section.charts, section.beforeAfter.element, section.table.element, section.table.empty, section.table.notes); // prettier-ignore
  setInterval(() => {
    if (!panel.hidden && !document.hidden && page.client.getSnapshot().connection === "live") void section.load(true);
  }, AGAIN_MS);
  return { show: () => section.show() };
}

class Usage {
  table = new UsageTable();
  beforeAfter = new BeforeAfter();
  #palette = new Palette();
  #cursor = new Cursor();
  #legend = new Legend(() => this.#draw());
  #list = METRICS.map((metric) => new Chart(metric, this.#cursor));
  charts = h("div", { class: "stack", hidden: true }, this.#legend.element, h("div", { class: "charts" }, ...this.#list.map((chart) => chart.element))); // prettier-ignore
  #range = choice("Time", Object.entries(RANGES).map(([id, { title }]) => [id, title]), "24h", () => void this.load()); // prettier-ignore
  #group = choice("Group", GROUPS, "model", () => void this.load());
  #shape = choice("Shape", SHAPES, "stacked", () => this.#draw());
  #asked = 0;
  #known = "";
  #wanted = ""; // what is being read
  /** @type {Read | null} */
  #read = null;
  /** @type {import("../clients/model-types.js").Entry[]} */
  #entries = [];

  /** @param {import("./app.js").Page} page */
  constructor(page) {
    this.page = page;
    const controls = h("div", { class: "together" }, this.#group, this.#range, this.#shape);
    this.head = h("div", { class: "titled" }, h("h1", {}, "Usage"), controls);
  }

  /** Comes again with every change of what is selected or published, which is a mark. */
  show() {
    const snapshot = this.page.client.getSnapshot();
    if (this.#asked && (!snapshot.loaded || historyKey(snapshot) === this.#wanted)) return;
    void this.load(this.#asked > 0);
  }

  /** @param {boolean} [quietly] what failed is tried again anyhow */
  async load(quietly = false) {
    const asked = ++this.#asked;
    const known = (this.#wanted = historyKey(this.page.client.getSnapshot()));
    try {
      const [read, entries] = await Promise.all([
        this.#ask(),
        known === this.#known ? this.#entries : this.page.client.history({ route: "*", limit: MOST_ENTRIES }),
      ]);
      if (asked !== this.#asked) return;
      [this.#read, this.#entries, this.#known] = [read, entries, known];
      this.#draw();
      await this.beforeAfter.show(this.#meanwhile(), RANGES[this.#of].around);
    } catch (error) {
      if (asked === this.#asked) this.#wanted = "";
      if (!quietly) failed(error, "Usage could not be loaded");
    }
  }

  get #of() {
    return /** @type {Range} */ (this.#range.value);
  }

  /** @returns {Promise<Read>} */
  async #ask() {
    const [from, group_by] = [this.#range.value, this.#group.value];
    const { step } = RANGES[this.#of];
    const [totals, steps, whole] = await Promise.all([
      usage({ group_by, from }),
      usage({ group_by, from, step }),
      usage({ group_by: "", from }),
    ]);
    const [start, end] = [whole.from, whole.to].map((time) => Date.parse(time) / 1000);
    const before = await usage({ group_by: "", from: 2 * (start ?? 0) - (end ?? 0), to: start ?? 0 });
    return { totals, steps, whole, before };
  }

  #meanwhile() {
    const start = Date.parse(this.#read?.steps.from ?? "") / 1000;
    return this.#entries.filter((entry) => entry.at >= start);
  }

  #draw() {
    if (!this.#read) return;
    const { totals, steps, whole, before } = this.#read;
    const group = /** @type {Group} */ (this.#group.value);
    const { title, before: earlier } = RANGES[this.#of];
    const shown = timeline(steps, totals.rows, group, (names) => this.#palette.slots(names));
    const marks = marksIn(this.#entries, shown);
    this.charts.hidden = !totals.rows.length;
    this.#legend.show(shown, marks);
    const about = `by ${group}, ${title.toLowerCase()}`;
    const how = {
      timeline: shown,
      marks,
      stacked: this.#shape.value === "stacked",
      hidden: this.#legend.hidden,
      about,
    };
    for (const chart of this.#list)
      chart.show({ ...how, ...compared(chart.metric, whole.rows[0], before.rows[0], earlier) });
    this.table.show(totals.rows, group, (name) => h("i", { class: `swatch c${this.#palette.slot(name)}`, "aria-hidden": "true" })); // prettier-ignore
  }
}

/** @param {string} label @param {string[][]} options @param {string} value @param {() => void} onchange */
function choice(label, options, value, onchange) {
  const each = options.map(([id, text]) => h("option", { value: id, selected: id === value }, text));
  return h("select", { "aria-label": label, onchange }, ...each);
}
