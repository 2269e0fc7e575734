// @ts-check
/** Where values and times lie in a chart, and the paths through them. Pure; all lengths are pixels. */

/**
 * @typedef {object} Scale
 * @property {number[]} ticks values with a line across
 * @property {(value: number) => number} y
 * @property {(step: number) => number} x the left edge of a step; halves are allowed
 * @property {number} wide of a step
 */

const STEEPS = [1, 2, 2.5, 5, 10];
const FLOORS = [0.99, 0.98, 0.9, 0.8, 0.6, 0]; // where an axis of rates may begin

/** @typedef {{left: number, top: number, width: number, height: number}} Box of the plot, without its labels */

/** @param {number} most @param {boolean} whole no tick between two numbers */
function roundTicks(most, whole) {
  if (!(most > 0)) return [0, 1];
  const rough = most / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const steep = (STEEPS.find((each) => each * power >= rough * 0.999) ?? 10) * power;
  const each = whole ? Math.max(1, Math.ceil(steep)) : steep;
  return Array.from({ length: Math.ceil(most / each - 1e-9) + 1 }, (_, at) => Number((at * each).toPrecision(12)));
}

/** @param {number} least of the rates */
function rateTicks(least) {
  const floor = FLOORS.find((each) => each < least || least === 0) ?? 0;
  return [floor, (1 + floor) / 2, 1];
}

/**
 * @param {(number | null)[]} values all that must fit @param {number} steps @param {Box} box
 * @param {{rate?: boolean, whole?: boolean}} kind @returns {Scale}
 */
export function scaleOf(values, steps, box, { rate = false, whole = false }) {
  const known = values.filter((value) => value !== null);
  const ticks = rate ? rateTicks(Math.min(1, ...known)) : roundTicks(Math.max(0, ...known), whole);
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const wide = box.width / Math.max(1, steps);
  return {
    ticks,
    wide,
    x: (step) => box.left + step * wide,
    y: (value) => box.top + box.height * (1 - (value - low) / (high - low)),
  };
}

/** @param {number} length */
const short = (length) => length.toFixed(1);

/** Through the middles of the steps; what is unknown is a gap, a value between two gaps a dot. @param {(number | null)[]} values @param {Scale} scale @param {number} [first] the step of the first value */
export function linePath(values, { x, y }, first = 0) {
  let path = "";
  values.forEach((value, at) => {
    if (value === null) return;
    const joined = at > 0 && values[at - 1] !== null;
    path += `${joined ? "L" : "M"}${short(x(first + at + 0.5))} ${short(y(value))}`;
    if (!joined && (values[at + 1] ?? null) === null) path += "h0";
  });
  return path;
}

/**
 * A column for each step, on top of what stands there already (`bases`, which grow).
 * @param {(number | null)[]} values @param {number[]} bases @param {Scale} scale
 * @param {(step: number) => boolean} which
 */
export function columnPath(values, bases, { x, y, wide }, which) {
  const gap = wide > 6 ? 1 : wide > 3 ? 0.5 : 0;
  let path = "";
  values.forEach((value, at) => {
    if (!value || !which(at)) return;
    const base = bases[at] ?? 0;
    const [bottom, top] = [y(base), y(base + value)];
    path += `M${short(x(at) + gap)} ${short(bottom)}V${short(top)}h${short(wide - 2 * gap)}V${short(bottom)}z`;
    bases[at] = base + value;
  });
  return path;
}

const DAY_S = 86400;
const NICE_S = [300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600, 43200, 86400, 172800, 432000, 604800];

/** Steps that begin at a round time of the clock, as many as there is room for. @param {number[]} times @param {number} step @param {number} width @returns {number[]} */
export function timeTicks(times, step, width) {
  const [first = 0] = times;
  const offset = step >= DAY_S ? 0 : new Date(first * 1000).getTimezoneOffset() * 60;
  const least = (times.length * step) / Math.max(1, Math.floor(width / 64));
  const each = NICE_S.find((nice) => nice >= least && nice % step === 0) ?? step * Math.ceil(least / step);
  return times.flatMap((at, place) => ((at - offset) % each === 0 ? [place] : []));
}

/** @param {Intl.DateTimeFormatOptions} options */
const format = (options) => new Intl.DateTimeFormat("en", options);
const CLOCK = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const DATE = format({ month: "short", day: "numeric" });
const DATE_UTC = format({ month: "short", day: "numeric", timeZone: "UTC" });
const MOMENT = format({ month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** @param {number} at @param {number} step @param {number} span seconds */
export const timeLabel = (at, step, span) =>
  (step >= DAY_S ? DATE_UTC : span > 2 * DAY_S ? DATE : CLOCK).format(at * 1000);

/** From when to when a step lasts. @param {number} at @param {number} step @param {number} end */
export function stepLabel(at, step, end) {
  if (step >= DAY_S) return `${DATE_UTC.format(at * 1000)} (UTC)`;
  const until = Math.min(at + step, end);
  return `${MOMENT.format(at * 1000)} – ${CLOCK.format(until * 1000)}`;
}
