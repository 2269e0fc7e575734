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
import { blockAct } from "./block.js";
import { ask, field } from "./dialog.js";
import { reasonField, secondsOf, timeField, wrongTime } from "./limit-fields.js";
import { h } from "./dom.js";
import { keyOf } from "./links.js";
import { panel } from "./model-panel.js";
import { problemItem, prose } from "./problems.js";
import { actFor, unsetIn } from "./remedy.js";
import { failed, workersSaid } from "./outcome.js";
import { toast } from "./toast.js";

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
    const body = [...panel(model, current, route), blockAct(model, () => this.prefs.actor || "page")];
    if (!offered) return void (await ask({ title, body, wide: true }));
    const answer = await ask({
      title,
      body: [...body, ...limits()],
      wide: true,
      yes: same ? "Set reason and limit" : `Switch ${route} to it`,
      check: wrongTime,
    });
    if (!answer) return;
    await this.to(model, route, {
      reason: answer.reason || undefined,
      seconds: secondsOf(answer),
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
const limits = () => [
  reasonField("shown in history"),
  timeField("Switch back after"),
  h(
    "label",
    { class: "check" },
    h("input", { type: "checkbox", name: "pin" }),
    h("span", {}, "Pin: stay on it even if a reviewed change moves the route's default"),
  ),
];

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
