// @ts-check
/**
 * From rows by time to what charts draw: a line for each of the busiest, one for all further, a value for each step. Pure.
 *
 * @typedef {import("./usage-figures.js").Figures} Figures
 * @typedef {import("./usage-figures.js").Row} Row
 * @typedef {import("./usage-figures.js").Answer} Answer
 *
 * @typedef {object} Line
 * @property {string} name
 * @property {number} color a slot of the palette
 * @property {Figures} total over all of the time
 * @property {(Figures | undefined)[]} rows one for each step; undefined where there was no request
 *
 * @typedef {object} Timeline
 * @property {number[]} times UTC seconds at which the steps begin
 * @property {number} step seconds
 * @property {number} end UTC seconds
 * @property {Line[]} lines the busiest first
 */
import { count, dollars, nameOf, seconds, share, uncounted } from "./usage-figures.js";

/** Seconds of the whole and of a step, and what people call it. */
export const RANGES = /** @type {const} */ ({
  "1h": { step: 60, title: "Last hour", before: "hour before", around: 600 },
  "24h": { step: 1800, title: "Last 24 hours", before: "24 hours before", around: 3600 },
  "7d": { step: 10800, title: "Last 7 days", before: "7 days before", around: 21600 },
  "30d": { step: 86400, title: "Last 30 days", before: "30 days before", around: 86400 },
});
/** @typedef {keyof typeof RANGES} Range */

const MOST_LINES = 6;
export const FURTHER = MOST_LINES; // its slot of the palette

/**
 * @typedef {object} Metric
 * @property {string} id
 * @property {string} title
 * @property {boolean} adds values of several lines add up
 * @property {boolean} [rate] between 0 and 1
 * @property {(row: Figures) => number | null} of null where nothing is known
 * @property {(value: number | null) => string} text
 */

/** @type {Metric[]} */
export const METRICS = [
  { id: "cost", title: "Spend", adds: true, of: (row) => (uncounted(row) ? null : row.cost), text: dollars },
  { id: "requests", title: "Requests", adds: true, of: (row) => (uncounted(row) ? null : row.requests), text: count },
  { id: "success", title: "Success", adds: false, rate: true, of: (row) => row.success_rate, text: share },
  { id: "median", title: "Latency, median", adds: false, of: (row) => row.latency?.p50 ?? null, text: seconds },
  { id: "p95", title: "Latency, 95 % within", adds: false, of: (row) => row.latency?.p95 ?? null, text: seconds },
  { id: "first", title: "First token, median", adds: false, of: (row) => row.first_token?.p50 ?? null, text: seconds },
];

/**
 * @param {Answer} answer with a step @param {Row[]} totals of the same time, the busiest first
 * @param {import("./usage-figures.js").Group} group @param {(names: string[]) => number[]} colors
 * @returns {Timeline}
 */
export function timeline(answer, totals, group, colors) {
  const step = answer.step ?? 60;
  const [start, end] = [answer.from, answer.to].map((time) => Date.parse(time) / 1000);
  const times = [];
  for (let at = start ?? 0; at < (end ?? 0); at += step) times.push(at);
  const named = totals.map((row) => ({ name: nameOf(row, group), total: row }));
  const [chosen, rest] = [named.slice(0, MOST_LINES), named.slice(MOST_LINES)];
  const slots = colors(chosen.map(({ name }) => name));
  const by = Map.groupBy(answer.rows, (row) => nameOf(row, group));
  const places = new Map(times.map((at, place) => [at, place]));
  const lines = chosen.map(({ name, total }, at) => ({
    name,
    total,
    color: slots[at] ?? at,
    rows: placed(by.get(name) ?? [], places),
  }));
  if (rest.length) lines.push(further(rest, by, places));
  return { times, step, end: end ?? 0, lines };
}

/** @param {Row[]} rows @param {Map<number, number>} places */
function placed(rows, places) {
  /** @type {(Figures | undefined)[]} */
  const found = Array.from({ length: places.size });
  for (const row of rows) {
    const place = places.get(Date.parse(row.at ?? "") / 1000);
    if (place !== undefined) found[place] = row;
  }
  return found;
}

/** @param {{name: string, total: Row}[]} rest @param {Map<string, Row[]>} by @param {Map<number, number>} places @returns {Line} */
function further(rest, by, places) {
  const each = rest.map(({ name }) => placed(by.get(name) ?? [], places));
  const rows = Array.from(places, (_, place) =>
    merged(each.map((one) => one[place]).filter((row) => row !== undefined)),
  );
  const name = `${rest.length} further`;
  return { name, color: FURTHER, total: merged(rest.map(({ total }) => total)) ?? /** @type {any} */ ({}), rows };
}

/** Counts add up, percentiles do not. @param {Figures[]} rows @returns {Figures | undefined} */
export function merged(rows) {
  const [first] = rows;
  if (!first) return undefined;
  const sum = (/** @type {(row: Figures) => number} */ of) => rows.reduce((total, row) => total + of(row), 0);
  const requests = sum((row) => row.requests);
  const succeeded = sum((row) => row.succeeded);
  return {
    ...first,
    requests,
    succeeded,
    success_rate: requests ? succeeded / requests : null,
    attempts: sum((row) => row.attempts),
    cost: rows.every((row) => row.cost === null) ? null : sum((row) => row.cost ?? 0),
    cost_unknown: sum((row) => row.cost_unknown),
    not_counted: sum((row) => row.not_counted),
    latency: null,
    first_token: null,
  };
}

/**
 * The values of a line: a step without requests is zero where values add up, and nothing elsewhere.
 * @param {Line} line @param {Metric} metric
 */
export const valuesOf = ({ rows }, { adds, of }) => rows.map((row) => (row ? of(row) : adds ? 0 : null));

/** A palette's slots by name: what is shown keeps its colour while others come and go. */
export class Palette {
  /** @type {Map<string, number>} */
  #slots = new Map();

  /** @param {string[]} names @returns {number[]} */
  slots(names) {
    const kept = new Map([...this.#slots].filter(([name]) => names.includes(name)));
    const free = Array.from({ length: MOST_LINES }, (_, slot) => slot).filter((slot) => ![...kept.values()].includes(slot)); // prettier-ignore
    for (const name of names) if (!kept.has(name)) kept.set(name, free.shift() ?? 0);
    this.#slots = kept;
    return names.map((name) => kept.get(name) ?? 0);
  }

  /** @param {string} name */
  slot(name) {
    return this.#slots.get(name) ?? FURTHER;
  }
}

/**
 * A figure over all of the time, and how it compares with as long a time before.
 * @param {Metric} metric @param {Figures | undefined} now @param {Figures | undefined} then @param {string} earlier
 */
export function compared({ of, text, rate }, now, then, earlier) {
  const [value, was] = [now ? of(now) : null, then ? of(then) : null];
  const total = text(value);
  if (value === null || was === null) return { total, change: "", changeTitle: "" };
  return { total, change: grownBy(was, value, rate), changeTitle: `${text(was)} in the ${earlier}` };
}

/** "▲ 8 %"; rates in points; "" where there was nothing to compare with. @param {number} was @param {number} is @param {boolean} [rate] */
export function grownBy(was, is, rate = false) {
  if (!was && !rate) return "";
  const grown = rate ? (is - was) * 100 : (is / was - 1) * 100;
  if (Math.abs(grown) < (rate ? 0.05 : 0.5)) return "unchanged";
  const size = rate ? `${Math.abs(grown).toFixed(1)} points` : `${Math.round(Math.abs(grown))} %`;
  return `${grown > 0 ? "▲" : "▼"} ${size}`;
}
