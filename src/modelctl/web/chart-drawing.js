// @ts-check
/** A chart as SVG: axes, columns or lines, marks, and the line at the moment that is looked at. */
import { columnPath, linePath, scaleOf, timeLabel, timeTicks } from "./chart-scale.js";
import { svg } from "./dom.js";
import { valuesOf } from "./usage-timeline.js";

/**
 * @typedef {import("./usage-timeline.js").Timeline} Timeline
 * @typedef {import("./usage-timeline.js").Line} Line
 * @typedef {import("./usage-timeline.js").Metric} Metric
 * @typedef {import("./chart-scale.js").Scale} Scale
 * @typedef {import("./chart-scale.js").Box} Box
 * @typedef {{line: Line, values: (number | null)[]}} Drawn
 */

const ROOM = { left: 56, right: 8, top: 16, bottom: 22 };

/**
 * @param {Metric} metric @param {Line[]} lines @param {Timeline} timeline
 * @param {{width: number, height: number, marks: import("./usage-marks.js").Mark[], stacked: boolean}} how
 */
export function drawing(metric, lines, timeline, { width, height, marks, stacked }) {
  const box = { left: ROOM.left, top: ROOM.top, width: Math.max(10, width - ROOM.left - ROOM.right), height: height - ROOM.top - ROOM.bottom }; // prettier-ignore
  const steps = timeline.times.length;
  const drawn = lines.map((line) => ({ line, values: valuesOf(line, metric) }));
  const scale = scaleOf(stacked ? sums(drawn, steps) : drawn.flatMap(({ values }) => values), steps, box, {
    rate: metric.rate ?? false,
    whole: metric.id === "requests",
  });
  const at = svg("line", { class: "at", y1: box.top, y2: box.top + box.height });
  at.setAttribute("visibility", "hidden");
  const dots = svg("g", { class: "dots" });
  const parts = [...axes(metric, timeline, scale, box), ...marksOf(marks, scale, box), ...(stacked ? columns(drawn, timeline, scale) : curves(drawn, timeline, scale))]; // prettier-ignore
  const element = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, focusable: "false" }, ...parts, at, dots); // prettier-ignore
  return {
    element,
    middle: (/** @type {number} */ step) => scale.x(step + 0.5),
    stepAt: (/** @type {number} */ x) => Math.max(0, Math.min(steps - 1, Math.floor((x - box.left) / scale.wide))),
    /** @param {number | null} step */
    point(step) {
      at.setAttribute("visibility", step === null ? "hidden" : "visible");
      if (step !== null) for (const end of ["x1", "x2"]) at.setAttribute(end, scale.x(step + 0.5).toFixed(1));
      dots.replaceChildren(...(step === null || stacked ? [] : dotsAt(step, drawn, scale)));
    },
  };
}

/** @param {Drawn[]} drawn @param {number} steps */
const sums = (drawn, steps) =>
  Array.from({ length: steps }, (_, step) => drawn.reduce((sum, { values }) => sum + (values[step] ?? 0), 0));

/** @param {Metric} metric @param {Timeline} timeline @param {Scale} scale @param {Box} box */
function axes(metric, { times, step, end }, { ticks, x, y }, box) {
  const across = ticks.flatMap((value, at) => [
    svg("line", { class: at ? "grid" : "ground", x1: box.left, x2: box.left + box.width, y1: y(value), y2: y(value) }),
    svg("text", { class: "y", x: box.left - 8, y: y(value) + 4, "text-anchor": "end" }, tickText(metric, value)),
  ]);
  const span = end - (times[0] ?? 0);
  const below = timeTicks(times, step, box.width).map(
    (place) =>
    svg("text", { class: "x", x: step >= 86400 ? x(place + 0.5) : x(place), y: box.top + box.height + 16, "text-anchor": "middle" }, timeLabel(times[place] ?? 0, step, span)), // prettier-ignore
  );
  return [...across, ...below];
}

/** Shorter than in a table: "$0.50", "1.2k", "95 %". @param {Metric} metric @param {number} value */
function tickText({ id, rate, text }, value) {
  if (value === 0 && !rate) return "0";
  if (rate) return `${Number((value * 100).toFixed(1))} %`;
  if (id === "requests" && value >= 1000) return `${Number((value / 1000).toFixed(1))}k`;
  return text(value).replace(/\.0+( |$)/, "$1");
}

/** What is not over yet is fainter: it will grow. @param {Drawn[]} drawn @param {Timeline} timeline @param {Scale} scale */
function columns(drawn, { times, step, end }, scale) {
  /** @type {number[]} */
  const bases = [];
  const over = (/** @type {number} */ at) => (times[at] ?? 0) + step <= end;
  return drawn.flatMap(({ line, values }) => [
    svg("path", { class: `column c${line.color}`, d: columnPath(values, bases, scale, over) }),
    svg("path", { class: `column unfinished c${line.color}`, d: columnPath(values, bases, scale, (at) => !over(at)) }),
  ]);
}

/** @param {Drawn[]} drawn @param {Timeline} timeline @param {Scale} scale */
function curves(drawn, { times, step, end }, scale) {
  const last = times.length - 1;
  const over = (times[last] ?? 0) + step <= end;
  return drawn.flatMap(({ line, values }) => {
    const whole = over ? values : values.slice(0, -1);
    const open = over || values[last] === null ? [] : values.slice(Math.max(0, last - 1));
    return [
      svg("path", { class: `curve c${line.color}`, d: linePath(whole, scale) }),
      svg("path", { class: `curve unfinished c${line.color}`, d: linePath(open, scale, Math.max(0, last - 1)) }),
    ];
  });
}

/** @param {number} step @param {Drawn[]} drawn @param {Scale} scale */
const dotsAt = (step, drawn, { x, y }) =>
  drawn.flatMap(({ line, values }) => {
    const value = values[step] ?? null;
    return value === null ? [] : [svg("circle", { class: `dot c${line.color}`, cx: x(step + 0.5), cy: y(value), r: 3.5 })]; // prettier-ignore
  });

/** A line for each, a sign on top that tells the kind by its shape too. @param {import("./usage-marks.js").Mark[]} marks @param {Scale} scale @param {Box} box */
function marksOf(marks, { x }, box) {
  return marks.map(({ step, part, kind }) => {
    const at = x(step + part).toFixed(1);
    const line = svg("line", { x1: at, x2: at, y1: box.top - 4, y2: box.top + box.height });
    return svg("g", { class: `event ${kind}` }, line, svg("path", { d: `M${at} ${box.top - 9}${SIGNS[kind]}` }));
  });
}

/** Around a middle. @type {Record<import("./usage-marks.js").Kind, string>} */
export const SIGNS = {
  switch: "m-4 -4h8l-4 8z",
  reload: "m0 -4l4 4l-4 4l-4 -4z",
  guard: "m-3.500 -4h7v4.500l-3.500 3.500l-3.500 -3.500z",
  budget: "m-3.500 -3.500h7v7h-7z",
};
