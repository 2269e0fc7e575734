// @ts-check
/**
 * Pointing a route elsewhere, from a click to what every worker did.
 *
 * @typedef {import("../clients/model-types.js").Model} Model
 * @typedef {import("../clients/model-types.js").Switched} Switched
 * @typedef {import("../clients/model-types.js").SelectOptions} SelectOptions
 */
import { ModelctlError } from "../clients/model-client.js";
import { kindOf, routeKind } from "../clients/model-facts.js";
import { ask, field } from "./dialog.js";
import { h } from "./dom.js";
import { keyOf } from "./links.js";
import { panel } from "./model-panel.js";
import { problemItem, prose } from "./problems.js";
import { actFor, unsetIn } from "./remedy.js";
import { toast } from "./toast.js";

/** Seconds, and what people call them. */
const LIMITS = /** @type {const} */ ([
  ["", "no limit"],
  ["900", "15 minutes"],
  ["3600", "1 hour"],
  ["7200", "2 hours"],
  ["14400", "4 hours"],
  ["28800", "8 hours"],
  ["86400", "1 day"],
  ["604800", "1 week"],
  ["other", "other…"],
]);

export class Switcher {
  /** @param {import("../clients/model-types.js").ModelClient} client @param {import("./prefs.js").Prefs} prefs */
  constructor(client, prefs) {
    this.client = client;
    this.prefs = prefs;
  }

  /** At once. @param {Model} model @param {string} route @param {Partial<SelectOptions>} [more] */
  async to(model, route, more = {}) {
    const modelId = model.public_name.includes("*") ? await this.#spell(model) : model.id;
    if (!modelId) return;
    const wish = { modelId, provider: model.provider, route, ...more };
    try {
      const answer = await this.client.select(wish);
      this.prefs.used(keyOf(model));
      this.#done(answer, answer.model_info?.name ?? answer.target);
    } catch (error) {
      await this.#refused(error, model, wish);
    }
  }

  /** The panel of a model, with a reason and a time limit where it can be switched to. @param {Model} model @param {string} route */
  async ask(model, route) {
    const { routes } = this.client.getSnapshot();
    const pointing = routes.find((one) => one.route === route);
    const current = pointing ? this.client.find(pointing.provider, pointing.target) : null;
    const offered = pointing && routeKind(pointing) === kindOf(model.mode);
    const title = offered ? model.name : `${model.name} cannot be used for ${route}`;
    const same = current && keyOf(current) === keyOf(model);
    const body = panel(model, current, route);
    if (!offered) return void (await ask({ title, body, wide: true }));
    const answer = await ask({
      title,
      body: [...body, ...limits()],
      wide: true,
      yes: same ? "Set reason and limit" : `Switch ${route} to it`,
      check: ({ limit, other }) => (limit === "other" && !(Number(other) > 0) ? "For how many minutes?" : null),
    });
    if (!answer) return;
    const seconds = answer.limit === "other" ? Number(answer.other) * 60 : Number(answer.limit);
    await this.to(model, route, {
      reason: answer.reason || undefined,
      seconds: seconds || undefined,
      pin: Boolean(answer.pin),
    });
  }

  /** @param {string} route */
  async back(route) {
    try {
      const answer = await this.client.rollback({ route });
      this.#done(answer, answer.model_info?.name ?? answer.target, "Rolled back: ");
    } catch (error) {
      failed(error, `${route} was not rolled back`);
    }
  }

  /** @param {Switched} answer @param {string} name @param {string} [head] */
  #done(answer, name, head = "") {
    const { lines, tone: followed } = workersSaid(answer.workers);
    const warnings = answer.problems.map((problem) => problem.message);
    const tone = warnings.length ? "warn" : followed;
    const undo = head ? {} : { action: "Undo", onAction: () => void this.back(answer.route) };
    toast({ title: `${head}${answer.route} → ${name}`, lines: [...warnings, ...lines], tone, ...undo });
  }

  /** @param {unknown} error @param {Model} model @param {SelectOptions} wish */
  async #refused(error, model, wish) {
    const title = `${wish.route} was not switched`;
    if (!(error instanceof ModelctlError) || !error.problems.length) return failed(error, title);
    const answer = await ask({
      title,
      body: refusal(error, wish.reason ?? ""),
      check: ({ reason }) => (reason ? null : "Give a reason: it is written into history"),
    });
    if (answer) await this.to(model, wish.route ?? "active", { ...wish, reason: answer.reason, force: true });
  }

  /** @param {Model} model a wildcard: it stands for any name of its shape */
  async #spell(model) {
    const shape = new RegExp(
      `^${model.public_name
        .split("*")
        .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
        .join(".+")}$`,
    );
    const answer = await ask({
      title: `Which model of ${model.public_name}?`,
      yes: "Continue",
      body: [
        field(
          "Public name",
          h("input", {
            name: "name",
            autocomplete: "off",
            spellcheck: "false",
            value: model.public_name.replace("*", ""),
          }),
        ),
      ],
      check: ({ name }) =>
        shape.test(name ?? "") && !name?.includes("*") ? null : `It must match ${model.public_name}`,
    });
    return answer?.name;
  }
}

/** The fields of a switch that is made with care. */
function limits() {
  const other = h("input", {
    name: "other",
    inputmode: "decimal",
    placeholder: "minutes",
    "aria-label": "Minutes",
    hidden: true,
  });
  const options = LIMITS.map(([value, text]) => h("option", { value }, text));
  const limit = h("select", { name: "limit", "aria-label": "Time limit" }, ...options);
  limit.addEventListener("change", () => (other.hidden = limit.value !== "other"));
  const reason = { name: "reason", maxlength: 500, autocomplete: "off", placeholder: "shown in history" };
  return [
    field("Reason", h("input", { ...reason, autofocus: true })),
    field("Switch back after", h("span", { class: "together" }, limit, other)),
    h(
      "label",
      { class: "check" },
      h("input", { type: "checkbox", name: "pin" }),
      h("span", {}, "Pin: stay on it even if a reviewed change moves the route's default"),
    ),
  ];
}

/** Why not, and what to do; forcing comes last. @param {ModelctlError} error @param {string} before the reason given so far */
function refusal(error, before) {
  const names = [...new Set(error.problems.flatMap((problem) => unsetIn(problem.message)))];
  const reason = h("input", { name: "reason", maxlength: 500, autocomplete: "off", value: before });
  return [
    h("p", {}, ...prose(error.message)),
    h("ul", { class: "problems" }, ...error.problems.map((problem) => problemItem({ ...problem, hint: null }))),
    names.length > 0 && h("p", { class: "remedy" }, ...prose(actFor(names))),
    error.canForce &&
      h(
        "details",
        { class: "force" },
        h("summary", {}, "Switch anyway"),
        field("Reason", reason, "Requests will fail while the problem lasts. The reason is recorded in history."),
        h("button", { type: "submit", class: "danger" }, "Force"),
      ),
  ];
}

/** @param {import("../clients/model-types.js").WorkerAnswer[]} workers @returns {{tone: "good" | "warn", lines: string[]}} */
function workersSaid(workers) {
  const late = workers.filter((worker) => !worker.acked);
  const done = workers.length - late.length;
  if (!workers.length)
    return { tone: "warn", lines: ["No LiteLLM worker is running; the change takes effect when a worker starts."] };
  const count = `${done} of ${workers.length} ${workers.length === 1 ? "worker runs" : "workers run"} it`;
  return {
    tone: late.length ? "warn" : "good",
    lines: [count, ...late.map((one) => `${one.id}: ${one.error ?? "has not answered"}`)],
  };
}

/** @param {unknown} error @param {string} title */
export function failed(error, title) {
  const lines = error instanceof ModelctlError ? [error.message, error.hint ?? ""].filter(Boolean) : [String(error)];
  toast({ title, lines, tone: "bad" });
}
