// @ts-check
/** The numbers behind a chart: a row for each step in which something happened, a column for each line. */
import { stepLabel } from "./chart-scale.js";
import { h } from "./dom.js";
import { valuesOf } from "./usage-timeline.js";

/** @param {import("./usage-timeline.js").Metric} metric @param {import("./usage-timeline.js").Line[]} lines @param {import("./usage-timeline.js").Timeline} timeline */
export function chartTable(metric, lines, { times, step, end }) {
  const columns = lines.map((line) => ({ line, values: valuesOf(line, metric) }));
  const rows = times.flatMap((at, place) => {
    if (!columns.some(({ line }) => line.rows[place])) return [];
    const cells = columns.map(({ line, values }) =>
      h("td", { class: "num" }, line.rows[place] ? metric.text(values[place] ?? null) : "–"),
    );
    return [h("tr", {}, h("th", { scope: "row" }, stepLabel(at, step, end)), ...cells)];
  });
  const heads = ["Time", ...lines.map(({ name }) => name)].map((name, at) => h("th", { scope: "col", class: at ? "num" : "" }, name)); // prettier-ignore
  const none = h("tr", {}, h("td", { colspan: heads.length }, "No requests in this period."));
  return h("table", {}, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...(rows.length ? rows.reverse() : [none]))); // prettier-ignore
}
