// @ts-check
/** Whether what is shown is what is: a dot when all is well, a banner when the server is gone. */
import { h, one, say } from "./dom.js";
import { count, prose } from "./problems.js";

/** @typedef {import("../clients/model-types.js").ModelClient} ModelClient */

const CLOCK = new Intl.DateTimeFormat("en", { timeStyle: "medium" });
const QUIET_MS = 400; // shorter gaps are nobody's business
let since = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let later;

/** @param {ModelClient} client */
export function connectionLine(client) {
  const { connection, heardAt, loaded, problems } = client.getSnapshot();
  const gone = connection === "gone";
  since = gone ? since || Date.now() : 0;
  const button = one(document, "#connection");
  button.dataset.state = connection;
  button.title = gone
    ? "The control plane does not answer; click to try now"
    : "Changes made elsewhere appear automatically";
  say(one(button, "span"), gone ? "offline" : connection);
  document.body.classList.toggle("offline", gone);
  clearTimeout(later);
  if (gone && Date.now() - since < QUIET_MS) later = setTimeout(() => connectionLine(client), QUIET_MS);
  else if (gone)
    banner(
      `The control plane does not answer. ${loaded && heardAt ? `What you see is from ${CLOCK.format(heardAt)}. Requests go on where LiteLLM still runs; \`modelctl up\` ends it when it ends itself.` : "No facts known yet."}`,
      () => client.reconnect(),
    );
  else if (problems.some((problem) => problem.rule === "store-down"))
    banner("The store does not answer: nothing can be switched, and what you see may be old. Traffic is not affected.");
  else banner(...news(client.getSnapshot()));
}

/**
 * What everyone must know, whatever section they are in: an edit that is not live, a restart that is needed.
 * @param {import("../clients/model-types.js").Snapshot} snapshot @returns {[string, (() => void)?, string?]}
 */
function news({ problems, workers }) {
  const refused = problems.filter((problem) => problem.rule === "worker-refuses");
  const { errors } = count(problems.filter((problem) => !refused.includes(problem)));
  const show = () => (location.hash = "#status");
  if (errors)
    return [`The last edit is not live: ${errors} ${errors === 1 ? "error" : "errors"} in the catalog.`, show, "Show"];
  if (refused.length) return ["Not every worker runs the newest revision: one refuses it.", show, "Show"];
  const waiting = [...new Set(workers.flatMap((worker) => worker.restart_needed ?? []))];
  if (waiting.length) return [`Restart needed for ${waiting.join(", ")}: run \`modelctl restart\`.`, show, "Show"];
  return [""];
}

/** @param {string} text @param {() => void} [act] @param {string} [word] what its button says */
function banner(text, act, word = "Try now") {
  const element = one(document, "#banner");
  if (element.dataset.text === text) return;
  element.dataset.text = text;
  element.hidden = !text;
  element.replaceChildren(
    ...(text ? [h("span", {}, ...prose(text))] : []),
    ...(text && act ? [h("button", { type: "button", class: "small", onclick: act }, word)] : []),
  );
}
