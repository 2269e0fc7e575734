// @ts-check
/**
 * Pointing a route elsewhere, from a click to what every worker did.
 *
 * @typedef {import("../clients/model-types.js").Model} Model
 * @typedef {import("../clients/model-types.js").Switched} Switched
 * @typedef {import("../clients/model-types.js").SelectOptions} SelectOptions
 */
import { ModelctlError } from "../clients/model-client.js";
import { ask, field } from "./dialog.js";
import { h } from "./dom.js";
import { facts } from "./facts.js";
import { problemItem, prose } from "./problems.js";
import { toast } from "./toast.js";

/** Seconds, and what people call them. */
const LIMITS = /** @type {const} */ ([
  ["", "until further notice"],
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

  /** After asking for a reason and a time limit. @param {Model} model @param {string} route */
  async ask(model, route) {
    const other = h("input", {
      name: "other",
      inputmode: "decimal",
      placeholder: "minutes",
      "aria-label": "Minutes",
      hidden: true,
    });
    const limit = h(
      "select",
      { name: "limit", "aria-label": "For how long" },
      ...LIMITS.map(([value, text]) => h("option", { value }, text)),
    );
    limit.addEventListener("change", () => (other.hidden = limit.value !== "other"));
    const answer = await ask({
      title: `Switch ${route} to ${model.name}`,
      body: [
        facts(model),
        field(
          "Reason",
          h("input", {
            name: "reason",
            maxlength: 500,
            autocomplete: "off",
            placeholder: "shown in history",
            autofocus: true,
          }),
        ),
        field("For", h("span", { class: "together" }, limit, other)),
        h(
          "label",
          { class: "check" },
          h("input", { type: "checkbox", name: "pin" }),
          h("span", {}, "Keep it when a reviewed change moves the route's default (pin)"),
        ),
      ],
      yes: "Switch",
      check: ({ limit, other }) => (limit === "other" && !(Number(other) > 0) ? "Say for how many minutes" : null),
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
      this.#done(answer, answer.model_info?.name ?? answer.target, "Back: ");
    } catch (error) {
      failed(error, `${route} was not rolled back`);
    }
  }

  /** @param {Switched} answer @param {string} name @param {string} [head] */
  #done(answer, name, head = "") {
    const { lines, tone } = workersSaid(answer.workers);
    const undo = head ? {} : { action: "Undo", onAction: () => void this.back(answer.route) };
    toast({ title: `${head}${answer.route} → ${name}`, lines, tone, ...undo });
  }

  /** @param {unknown} error @param {Model} model @param {SelectOptions} wish */
  async #refused(error, model, wish) {
    const title = `${wish.route} stays as it is`;
    if (!(error instanceof ModelctlError) || !error.problems.length) return failed(error, title);
    const body = [
      h("p", {}, ...prose(error.message)),
      h("ul", { class: "problems" }, ...error.problems.map(problemItem)),
    ];
    if (!error.canForce) return void (await ask({ title, body }));
    const reason = h("input", { name: "reason", maxlength: 500, autocomplete: "off", value: wish.reason ?? "" });
    const answer = await ask({
      title,
      body: [
        ...body,
        field("Reason to do it all the same", reason, "Forcing is recorded in history with your reason."),
      ],
      yes: "Force",
      tone: "danger",
      check: ({ reason }) => (reason ? null : "Say why: it is written into history"),
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
      yes: "Go on",
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
        shape.test(name ?? "") && !name?.includes("*") ? null : `It must look like ${model.public_name}`,
    });
    return answer?.name;
  }
}

/** @param {{provider: string, id: string}} model */
export const keyOf = (model) => `${model.provider}/${model.id}`;

/** @param {import("../clients/model-types.js").WorkerAnswer[]} workers @returns {{tone: "good" | "warn", lines: string[]}} */
function workersSaid(workers) {
  const late = workers.filter((one) => !one.acked);
  const done = workers.length - late.length;
  if (!workers.length) return { tone: "warn", lines: ["No LiteLLM worker runs; it counts as soon as one does."] };
  const count = `${done} of ${workers.length} ${workers.length === 1 ? "worker runs" : "workers run"} it`;
  const each = workers.length <= 4 ? workers.filter((one) => one.acked).map((one) => one.id) : [];
  const head = each.length ? `${count}: ${each.join(", ")}` : count;
  return {
    tone: late.length ? "warn" : "good",
    lines: [head, ...late.map((one) => `${one.id}: ${one.error ?? "has not answered"}`)],
  };
}

/** @param {unknown} error @param {string} title */
export function failed(error, title) {
  const lines = error instanceof ModelctlError ? [error.message, error.hint ?? ""].filter(Boolean) : [String(error)];
  toast({ title, lines, tone: "bad" });
}
