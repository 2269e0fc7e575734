// @ts-check
/** What is published, what each worker runs of it, and what the last edit got wrong. */
import { h, pill } from "./dom.js";
import { ExplainRequest } from "./explain-request.js";
import { KeyFiles } from "./key-files.js";
import { count } from "./problems.js";
import { explainable } from "./rule-page.js";
import { absolute } from "./time.js";
import { WorkersTable } from "./workers-table.js";

/** @typedef {import("../clients/model-types.js").Snapshot} Snapshot */

const LOOK_EVERY_MS = 3000; // ages are no event

/** @param {HTMLElement} panel @param {import("./app.js").Page} page */
export function mount(panel, page) {
  const summary = h("dl", { class: "summary" });
  const problems = h("ul", { class: "problems" });
  const verdict = h("p", { class: "quiet-line" });
  const workers = new WorkersTable();
  const keys = new KeyFiles();
  const titled = (/** @type {string} */ text) => h("h2", {}, text);
  panel.append(h("h1", {}, "Status"), summary, titled("Problems of the last build"), verdict, problems);
  panel.append(titled("Workers"), workers.element, keys.element);
  panel.append(titled("Why did a request go there?"), new ExplainRequest().element);
  setInterval(() => {
    if (!panel.hidden && !document.hidden && page.client.getSnapshot().connection === "live")
      void page.client.load().catch(() => {});
  }, LOOK_EVERY_MS);
  let said = "";

  return {
    show() {
      const snapshot = page.client.getSnapshot();
      const { revision, version, renderCurrent, agreement, source, workers: all } = snapshot;
      const acks = all.map((one) => [one.acked, one.revision]);
      const told = [revision, version, renderCurrent, agreement, source?.commit, source?.error];
      const text = JSON.stringify([...told, snapshot.problems, acks]);
      if (text !== said) {
        said = text;
        summary.replaceChildren(...summaryOf(snapshot));
        problems.replaceChildren(...snapshot.problems.map(explainable));
        verdict.textContent = verdictOf(snapshot.problems);
      }
      workers.show(snapshot);
      keys.show(all);
    },
  };
}

/** @param {Snapshot["problems"]} problems */
function verdictOf(problems) {
  const { errors, warnings } = count(problems);
  if (!problems.length) return "None.";
  if (errors) return "The last good revision stays live until the errors are gone.";
  return warnings ? `${warnings} ${warnings === 1 ? "warning" : "warnings"}; published anyway.` : "Published, with remarks only."; // prettier-ignore
}

/** @param {Snapshot} snapshot */
function summaryOf({ revision, version, renderCurrent, agreement, source, workers }) {
  const running = workers.filter((worker) => worker.revision === revision && !worker.error).length;
  const tone = running === workers.length ? "good" : "warn";
  const behind = () => h("span", {}, pill("warn", "behind"), h("small", {}, " run "), h("code", {}, "modelctl render"));
  const rendered = renderCurrent === null ? "unknown" : renderCurrent ? pill("good", "current") : behind();
  /** @type {[string, string | Node][]} */
  const rows = [
    ["Revision", h("code", { title: revision ?? "" }, revision?.slice(0, 8) ?? "none")],
    ["Version", String(version)],
    ["Workers up to date", workers.length ? pill(tone, `${running} of ${workers.length}`) : "none"],
    ["litellm_config.yaml", rendered],
  ];
  if (agreement) rows.unshift(["Catalog, revision, workers", agreed(agreement)]);
  if (source) rows.push([`Branch ${source.branch}`, commit(source)]);
  return rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)));
}

const AGREEMENTS = /** @type {const} */ ({
  "in-sync": ["good", "in sync"],
  pending: ["warn", "pending"],
  diverged: ["bad", "diverged"],
  unknown: ["warn", "unknown"],
});

/** @param {NonNullable<Snapshot["agreement"]>} agreement */
function agreed({ state, since, reason }) {
  const [tone, text] = AGREEMENTS[state];
  return h("span", {}, pill(tone, text), h("small", {}, ` since ${absolute(since)}${reason ? `: ${reason}` : ""}`));
}

/** @param {NonNullable<Snapshot["source"]>} source */
function commit({ commit, author, title }) {
  return h("span", {}, h("code", { title: commit }, commit.slice(0, 10)), h("small", {}, ` ${author}: ${title}`));
}
