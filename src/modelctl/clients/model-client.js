// @ts-check
/**
 * The models of a modelctl control plane, kept up to date: `getSnapshot` and `subscribe` fit React's
 * useSyncExternalStore, `select` shows its effect at once and takes it back when the server refuses.
 *
 * @typedef {import("./model-types.js").Snapshot} Snapshot
 * @typedef {import("./model-types.js").Route} Route
 * @typedef {import("./model-types.js").Worker} Worker
 * @typedef {import("./model-types.js").Problem} Problem
 * @typedef {import("./model-types.js").Provider} Provider
 * @typedef {import("./model-types.js").ClientOptions} ClientOptions
 * @typedef {import("./model-types.js").ModelClient} ModelClient
 * @typedef {{revision: string | null, version: number, problems: Problem[], routes: Route[], workers: Worker[],
 *   render: {current: boolean | null}, agreement?: Snapshot["agreement"], source?: Snapshot["source"]}} Status
 */
import { follow } from "./model-events.js";
import { requester } from "./model-request.js";
import { updated } from "./model-updates.js";

export { ModelctlError } from "./model-request.js";

const HIDDEN_MS = 30_000; // a tab nobody sees gives its connection back: a browser has six per server

const MOST_ROUNDS = 3; // of asking again for what changed while asking

/** @type {Snapshot} */
const EMPTY = Object.freeze({
  connection: "idle",
  loaded: false,
  error: null,
  heardAt: null,
  retryAt: null,
  revision: null,
  version: 0,
  renderCurrent: null,
  agreement: null,
  source: null,
  providers: [],
  routes: [],
  workers: [],
  problems: [],
});

/** @param {ClientOptions} [options] @returns {ModelClient} */
export function createModelClient(options = {}) {
  return new Client(options);
}

/** @implements {ModelClient} */
class Client {
  #request;
  #actor;
  /** What the server said. @type {Snapshot} */
  #known = EMPTY;
  /** The same with what was asked for and not yet answered. @type {Snapshot} */
  #shown = EMPTY;
  /** @type {Set<() => void>} */
  #listeners = new Set();
  /** Oldest first; the newest of a route is shown. @type {Partial<Route>[]} */
  #pending = [];
  /** @type {string | null} what is blocked, as it was told last */
  #blocked = null;
  /** @type {import("./model-events.js").Following | null} */
  #following = null;
  /** @type {Promise<Snapshot> | null} */
  #loading = null;
  #stale = false;
  #listTag = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #hiding;

  /** @param {ClientOptions} options */
  constructor(options) {
    this.#request = requester(options);
    this.#actor = options.getActor ?? (() => undefined);
    for (const name of /** @type {const} */ (["getSnapshot", "subscribe", "load", "refresh", "select", "rollback"])) {
      /** @type {any} */ (this)[name] = this[name].bind(this); // so that they can be handed over alone
    }
  }

  getSnapshot() {
    return this.#shown;
  }

  /** @param {() => void} listener */
  subscribe(listener) {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#begin();
    return () => {
      if (this.#listeners.delete(listener) && !this.#listeners.size) this.#end();
    };
  }

  reconnect() {
    this.#following?.retry();
  }

  /** @param {string | null | undefined} provider @param {string} name a key or a public name */
  find(provider, name) {
    for (const each of this.#known.providers) {
      if (provider && each.id !== provider) continue;
      const found = each.models.find((model) => model.id === name || model.public_name === name);
      if (found) return found;
    }
    return null;
  }

  /** One at a time; what changes meanwhile is asked for again. @returns {Promise<Snapshot>} */
  load() {
    this.#stale = Boolean(this.#loading);
    this.#loading ??= this.#loadAll().finally(() => (this.#loading = null));
    return this.#loading;
  }

  /** @param {{force?: boolean}} [options] */
  async refresh({ force = false } = {}) {
    const answer = await this.#request.post("models/refresh", { force, ...this.#by() });
    await this.load();
    return /** @type {import("./model-types.js").Refreshed} */ (answer);
  }

  /** @param {import("./model-types.js").SelectOptions} wish */
  async select({ modelId, provider, route = "active", reason, seconds, force, pin }) {
    const model = this.find(provider, modelId);
    const hoped = { route, target: model?.public_name ?? modelId, model_id: modelId, provider: provider ?? null };
    const body = { model_id: modelId, provider, route, reason, for: seconds, force, pin, ...this.#by() };
    return this.#hoping({ ...hoped, pending: true }, () => this.#request.post("models/select", body));
  }

  async rollback({ route = "active", reason = /** @type {string | undefined} */ (undefined) } = {}) {
    return this.#hoping({ route, pending: true }, () =>
      this.#request.post("rollback", { route, reason, ...this.#by() }),
    );
  }

  async history({ route = "*", limit = 100 } = {}) {
    const query = new URLSearchParams({ route, limit: String(limit) });
    return /** @type {Promise<import("./model-types.js").Entry[]>} */ (this.#request.get(`history?${query}`));
  }

  // -- inside ----------------------------------------------------------------------------------

  #by() {
    return { actor: this.#actor() || undefined };
  }

  /** @param {Partial<Route>} hoped @param {() => Promise<unknown>} ask */
  async #hoping(hoped, ask) {
    this.#pending = [...this.#pending, hoped];
    this.#show();
    try {
      const answer = /** @type {import("./model-types.js").Switched} */ (await ask());
      const { target, model_id, provider, until } = answer;
      this.#know(
        {
          routes: this.#known.routes.map((one) =>
            one.route === answer.route ? { ...one, target, model_id, provider, until } : one,
          ),
        },
        false,
      );
      void this.load().catch(() => {}); // the rest of it (who, why) also where no stream is open
      return answer;
    } finally {
      this.#pending = this.#pending.filter((one) => one !== hoped);
      this.#show();
    }
  }

  async #loadAll() {
    for (let round = 0; round === 0 || (this.#stale && round < MOST_ROUNDS); round++) {
      this.#stale = false;
      const [status, list] = await Promise.all([
        /** @type {Promise<Status>} */ (this.#request.get("status")),
        this.#request.changed("models/list", this.#listTag),
      ]);
      this.#listTag = list.etag;
      const { revision, version, problems, routes, workers, render, agreement, source } = status;
      this.#know({
        revision,
        version,
        problems,
        routes,
        workers,
        renderCurrent: render.current,
        agreement: agreement ?? null, // an older control plane says nothing of it
        source: source ?? null,
        loaded: true,
        error: null,
        heardAt: Date.now(),
        ...(list.body ? { providers: /** @type {Provider[]} */ (list.body) } : {}),
      });
    }
    return this.#shown;
  }

  /** @param {Partial<Snapshot>} part @param {boolean} [tell] */
  #know(part, tell = true) {
    this.#known = { ...this.#known, ...part };
    if (tell) this.#show();
  }

  #show() {
    const latest = new Map(this.#pending.map((one) => [one.route, one]));
    const routes = latest.size
      ? this.#known.routes.map((one) => (latest.has(one.route) ? { ...one, ...latest.get(one.route) } : one))
      : this.#known.routes;
    this.#shown = Object.freeze({ ...this.#known, routes });
    for (const listener of [...this.#listeners]) listener();
  }

  // -- live ------------------------------------------------------------------------------------

  #begin() {
    this.#know({ connection: "connecting" });
    globalThis.document?.addEventListener("visibilitychange", this.#seen);
    globalThis.addEventListener?.("online", this.#online);
    this.#connect();
  }

  #end() {
    globalThis.document?.removeEventListener("visibilitychange", this.#seen);
    globalThis.removeEventListener?.("online", this.#online);
    this.#disconnect();
    this.#know({ connection: "idle", retryAt: null });
  }

  #online = () => this.reconnect();

  #seen = () => {
    clearTimeout(this.#hiding);
    if (document.hidden) this.#hiding = setTimeout(() => this.#disconnect(), HIDDEN_MS);
    else if (!this.#following) this.#connect();
    else this.reconnect();
  };

  #disconnect() {
    clearTimeout(this.#hiding);
    this.#following?.stop();
    this.#following = null;
  }

  #connect() {
    this.#following = follow({
      open: (signal) => this.#request.stream("events", signal),
      onOpen: () => this.#catchUp(),
      onMessages: (messages) => this.#hear(messages),
      onGone: (error, retryAt) =>
        this.#know({ connection: "gone", retryAt, error: error instanceof Error ? error.message : String(error) }),
    });
  }

  #catchUp() {
    void this.load().then(
      () => this.#following && this.#know({ connection: "live", retryAt: null, error: null }),
      (error) => this.#know({ error: String(error.message ?? error) }),
    );
  }

  /** @param {import("./model-events.js").Message[]} messages */
  #hear(messages) {
    const heard = updated(this.#known, this.#blocked, messages);
    this.#blocked = heard.blocked;
    if (this.#loading) this.#stale = true; // its answer may be older than this
    this.#know({ ...heard.part, heardAt: Date.now() });
    if (heard.again || this.#known.connection !== "live") this.#catchUp();
  }
}
