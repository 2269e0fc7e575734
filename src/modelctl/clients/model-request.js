// @ts-check
/**
 * Requests to the control plane: its token, its ETags, its one envelope for errors.
 *
 * @typedef {import("./model-types.js").Problem} Problem
 */

const PATIENCE_MS = 15_000;

/** What the server refused, or `code: "unreachable"` when it did not answer. */
export class ModelctlError extends Error {
  /** @param {number} status @param {{code?: string, message?: string, hint?: string, problems?: Problem[],
   *   conflict?: import("./model-types.js").Conflict}} error */
  constructor(status, error) {
    super(error.message ?? `the server answered ${status}`);
    this.name = "ModelctlError";
    this.status = status;
    this.code = error.code ?? "unknown";
    this.hint = error.hint ?? null;
    this.problems = error.problems ?? [];
    this.conflict = error.conflict ?? null;
  }

  /** Whether the same with `force` (and a reason) would be done. */
  get canForce() {
    return this.code === "refused" && /\bforce\b/.test(this.hint ?? "");
  }
}

const HERE = import.meta.url; // by a name: bundlers read `new URL(…, import.meta.url)` as a file to bundle

/** @param {import("./model-types.js").ClientOptions} options */
export function requester(options) {
  const base = new URL(options.baseUrl ? `${options.baseUrl.replace(/\/+$/, "")}/` : "..", HERE);
  const send =
    options.fetch ?? ((/** @type {RequestInfo | URL} */ url, /** @type {RequestInit} */ init) => fetch(url, init));
  const getToken = options.getToken ?? (() => null);

  /** @param {string} path @param {RequestInit} init @returns {Promise<Response>} */
  async function ask(path, init) {
    let token = await getToken({ refused: false });
    let response = await reach(path, init, token);
    if (response.status === 401) {
      const fresh = await getToken({ refused: true });
      if (fresh) response = await reach(path, init, (token = fresh));
    }
    if (response.ok || response.status === 304) return response;
    const body = await response.json().catch(() => ({}));
    throw new ModelctlError(response.status, body?.error ?? {});
  }

  /** @param {string} path @param {RequestInit} init @param {string | null | undefined} token */
  async function reach(path, init, token) {
    const headers = new Headers(init.headers);
    if (token) headers.set("Authorization", `Bearer ${token}`);
    const signal = init.signal ?? AbortSignal.timeout(PATIENCE_MS);
    try {
      return await send(new URL(path, base), { cache: "no-store", ...init, headers, signal });
    } catch {
      throw new ModelctlError(0, { code: "unreachable", message: "the control plane does not answer" });
    }
  }

  return {
    /** @param {string} path @returns {Promise<unknown>} */
    get: async (path) => (await ask(path, {})).json(),

    /** The body is null when it is still what `etag` stands for. @param {string} path @param {string} etag */
    changed: async (path, etag) => {
      const response = await ask(path, { headers: etag ? { "If-None-Match": etag } : {} });
      const body = /** @type {unknown} */ (response.status === 304 ? null : await response.json());
      return { body, etag: response.headers.get("etag") ?? etag };
    },

    /** @param {string} path @param {unknown} body @returns {Promise<unknown>} */
    post: async (path, body) => {
      const init = { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
      return (await ask(path, init)).json();
    },

    /** Anything else; rejects as the others do. @type {(path: string, init: RequestInit) => Promise<Response>} */
    send: ask,

    /** @param {string} path @param {AbortSignal} signal */
    stream: (path, signal) => ask(path, { signal, headers: { Accept: "text/event-stream" } }),
  };
}
