// @ts-check
/** Taking a model out of traffic, and letting it back. */
import { ModelctlError } from "../clients/model-client.js";
import { send } from "./api.js";
import { ask } from "./dialog.js";
import { h } from "./dom.js";
import { reasonField, secondsOf, timeField, wrongTime } from "./limit-fields.js";
import { failed, workersSaid } from "./outcome.js";
import { problemItem, prose } from "./problems.js";
import { absolute } from "./time.js";
import { toast } from "./toast.js";

/** @typedef {import("../clients/model-types.js").Model} Model */
/** @typedef {{block: import("../clients/model-types.js").Block, routes: {route: string, before: string, after: string}[], silent: string[], workers: import("../clients/model-types.js").WorkerAnswer[]}} Answer */
/** @typedef {() => string} Actor */

/** Who blocked it, with the way back; or the way to block it. @param {Model} model @param {Actor} actor */
export function blockAct(model, actor) {
  const { blocked } = model;
  const go = (/** @type {Event} */ event, /** @type {() => unknown} */ act) => {
    /** @type {HTMLElement} */ (event.currentTarget).closest("dialog")?.close();
    void act();
  };
  if (!blocked) {
    const onclick = (/** @type {Event} */ event) => go(event, () => block(model, actor));
    return h("div", { class: "act" }, h("button", { type: "button", class: "small", onclick }, "Block…"));
  }
  const until = blocked.until ? `, until ${absolute(blocked.until)}` : "";
  const onclick = (/** @type {Event} */ event) => go(event, () => unblock(model, actor));
  return h(
    "div",
    { class: "act" },
    h("p", { class: "lack grow" }, `Blocked by ${blocked.actor}${until}.`),
    h("button", { type: "button", class: "small", onclick }, "Unblock"),
  );
}

/** @param {Model} model @param {Actor} actor */
async function block(model, actor) {
  const answer = await ask({
    title: `Block ${model.name}`,
    body: [
      h("p", {}, "It gets no request on any worker: routes go to their fallbacks, requests that name it are refused."),
      reasonField("shown in history and to whoever asks for it"),
      timeField("Let it back after"),
    ],
    yes: "Block",
    tone: "danger",
    check: wrongTime,
  });
  if (answer) await ordered(model, actor, { reason: answer.reason || undefined, for: secondsOf(answer) });
}

/** @param {Model} model @param {Actor} actor @param {{reason?: string, for?: number, force?: boolean}} wish */
async function ordered(model, actor, wish) {
  try {
    const body = { model_id: model.id, provider: model.provider, actor: actor(), ...wish };
    told(await send("POST", "models/block", body), `${model.name} is blocked`);
  } catch (error) {
    if (!(error instanceof ModelctlError && error.canForce)) return failed(error, `${model.name} was not blocked`);
    const body = [
      h("p", {}, ...prose(error.message)),
      h("ul", { class: "problems" }, ...error.problems.map((each) => problemItem({ ...each, hint: null }))),
    ];
    const sure = await ask({ title: `${model.name} was not blocked`, body, yes: "Block all the same", tone: "danger" });
    if (sure) await ordered(model, actor, { ...wish, force: true });
  }
}

/** @param {Model} model @param {Actor} actor */
async function unblock(model, actor) {
  try {
    const body = { model_id: model.public_name, actor: actor() };
    told(await send("POST", "models/unblock", body), `${model.name} takes requests again`);
  } catch (error) {
    failed(error, `${model.name} was not unblocked`);
  }
}

/** @param {Answer} answer @param {string} title */
function told({ routes, silent, workers }, title) {
  const { lines, tone } = workersSaid(workers);
  const turned = routes.map(({ route, before, after }) => `${route}: ${before} → ${after}`);
  const mute = silent.map((name) => `Nobody answers for ${name}.`);
  toast({ title, lines: [...turned, ...mute, ...lines], tone: silent.length ? "warn" : tone });
}
