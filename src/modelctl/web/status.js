// @ts-check
/** What is published, what each worker runs of it, and what the last edit got wrong. */
import { duration } from "../clients/model-facts.js";
import { arrange, h, pill } from "./dom.js";
import { count, problemItem, prose } from "./problems.js";

/** @typedef {import("../clients/model-types.js").Worker} Worker */
/** @typedef {import("../clients/model-types.js").Snapshot} Snapshot */

const LOOK_EVERY_MS = 3000; // ages are no event

/** @param {HTMLElement} panel @param {import("./app.js").Page} page */
export function mount(panel, page) {
  const summary = h("dl", { class: "summary" });
  const problems = h("ul", { class: "problems" });
  const fine = h("p", { class: "quiet-line" });
  const body = h("tbody");
  const none = h(
    "p",
    { class: "quiet-line", hidden: true },
    "No LiteLLM worker has reported in the last 10 s. ",
    h("code", {}, "modelctl up"),
    " runs them.",
  );
  const titles = ["Worker", "Runs", "State", "Applied in", "Heard", "Variables unset", "Restart needed for"];
  const table = h(
    "table",
    {},
    h("thead", {}, h("tr", {}, ...titles.map((title) => h("th", { scope: "col" }, title)))),
    body,
  );
  panel.append(
    h("h1", {}, "Status"),
    summary,
    h("h2", {}, "Problems of the last edit"),
    fine,
    problems,
    h("h2", {}, "Workers"),
    none,
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Workers" }, table),
  );
  setInterval(() => {
    if (!panel.hidden && !document.hidden && page.client.getSnapshot().connection === "live")
      void page.client.load().catch(() => {});
  }, LOOK_EVERY_MS);
  let said = "";
  /** @type {Map<string, {element: HTMLElement, text: string}>} */
  const rows = new Map();

  return {
    show() {
      const snapshot = page.client.getSnapshot();
      const text = JSON.stringify([
        snapshot.revision,
        snapshot.version,
        snapshot.renderCurrent,
        snapshot.problems,
        snapshot.workers.map((one) => [one.acked, one.revision]),
      ]);
      if (text !== said) {
        said = text;
        summary.replaceChildren(...summaryOf(snapshot));
        problems.replaceChildren(...snapshot.problems.map(problemItem));
        const { errors, warnings } = count(snapshot.problems);
        fine.textContent = !snapshot.problems.length
          ? "None."
          : errors
            ? "The last good revision stays live until the errors are gone."
            : warnings
              ? `${warnings} ${warnings === 1 ? "warning" : "warnings"}; published all the same.`
              : "Only remarks; published.";
      }
      table.hidden = !snapshot.workers.length;
      none.hidden = !snapshot.loaded || snapshot.workers.length > 0;
      arrange(
        body,
        snapshot.workers.map((worker) => {
          const now = JSON.stringify([worker, snapshot.revision, snapshot.version]);
          const kept = rows.get(worker.id);
          if (kept?.text === now) return kept.element;
          const element = kept?.element ?? h("tr");
          element.replaceChildren(...cells(worker, snapshot));
          rows.set(worker.id, { element, text: now });
          return element;
        }),
      );
    },
  };
}

/** @param {Snapshot} snapshot */
function summaryOf({ revision, version, renderCurrent, workers }) {
  const running = workers.filter((worker) => worker.revision === revision && !worker.error).length;
  /** @type {[string, string | Node][]} */
  const rows = [
    ["Revision", h("code", { title: revision ?? "" }, revision?.slice(0, 8) ?? "none")],
    ["Version", String(version)],
    [
      "Workers on it",
      workers.length ? pill(running === workers.length ? "good" : "warn", `${running} of ${workers.length}`) : "none",
    ],
    [
      "litellm_config.yaml",
      renderCurrent === null
        ? "unknown"
        : renderCurrent
          ? pill("good", "current")
          : h("span", {}, pill("warn", "behind"), h("small", {}, " run "), h("code", {}, "modelctl render")),
    ],
  ];
  return rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)));
}

/** @param {Worker} worker @param {Snapshot} snapshot */
function cells(worker, { revision, version }) {
  const behind = Math.max(0, version - worker.version);
  const state = worker.error
    ? pill("bad", "refused it")
    : behind || worker.revision !== revision
      ? pill("warn", behind ? `${behind} behind` : "behind")
      : pill("good", "up to date");
  const list = (/** @type {string[]} */ names) =>
    names.length ? h("ul", {}, ...names.map((name) => h("li", {}, h("code", {}, name)))) : "–";
  return [
    h(
      "th",
      { scope: "row" },
      worker.id,
      h("small", {}, `${worker.host}, pid ${worker.pid}${worker.litellm ? `, LiteLLM ${worker.litellm}` : ""}`),
      worker.litellm_remark && h("p", { class: "fine" }, worker.litellm_remark),
    ),
    h("td", {}, h("code", { title: worker.revision ?? "" }, worker.revision?.slice(0, 8) ?? "nothing")),
    h(
      "td",
      {},
      state,
      worker.error && h("p", { class: "nack" }, ...prose(worker.error)),
      worker.left_out?.length ? h("p", { class: "nack" }, ...prose(`without ${worker.left_out.join(", ")}`)) : false,
    ),
    h(
      "td",
      { class: "num" },
      worker.took_ms == null
        ? "–"
        : `${worker.took_ms < 10 ? worker.took_ms.toFixed(1) : Math.round(worker.took_ms)} ms`,
    ),
    h("td", { class: "num" }, worker.age_s == null ? "now" : `${duration(worker.age_s)} ago`),
    h("td", {}, list(worker.unset)),
    h("td", {}, list(worker.restart_needed)),
  ];
}
