// A control plane in the place of `fetch`: what the hook asks, and what a test lets it answer.
import { vi } from "vitest";

const MODEL = {
  mode: "chat",
  context_window: 8000,
  supports_tools: true,
  price: {},
  tags: [],
  lifecycle: {},
  available: true,
  reason: null,
};
const model = (id: string, more = {}) => ({
  ...MODEL,
  id,
  name: id.toUpperCase(),
  provider: "acme",
  public_name: id,
  ...more,
});
const route = (name: string, target: string, more = {}) => ({
  route: name,
  target,
  model_id: target,
  provider: "acme",
  requires: {},
  choices: "any",
  ...more,
});

export class Server {
  /** `METHOD path token`, in order. */
  asked: string[] = [];
  /** Event streams that are open now. */
  open = 0;
  streams = 0;
  refusal: { status: number; error: object } | null = null;
  #gate = Promise.resolve();
  #routes = [route("active", "alpha"), route("search", "vectors", { requires: { mode: "embedding" } })];

  constructor() {
    vi.stubGlobal("fetch", (url: URL, init: RequestInit) => this.#answer(url, init));
  }

  /** Holds changes back until the returned function is called. */
  hold(): () => void {
    let release = () => {};
    this.#gate = new Promise((resolve) => (release = resolve));
    return release;
  }

  async #answer(url: URL, init: RequestInit): Promise<Response> {
    init.signal?.throwIfAborted(); // as fetch does
    const path = url.pathname.slice(1);
    const token = new Headers(init.headers).get("authorization")?.replace("Bearer ", "");
    this.asked.push([init.method ?? "GET", path, token].filter(Boolean).join(" "));
    if (path === "events") return this.#stream(init.signal as AbortSignal);
    if (path === "models/list") return Response.json(this.#providers());
    if (path === "models/select") return this.#select(JSON.parse(String(init.body)));
    return Response.json({ revision: "r1", version: 1, problems: [], workers: [], routes: this.#routes, render: {} });
  }

  #providers() {
    const old = model("old", { lifecycle: { status: "retired" } });
    const models = [model("alpha"), model("beta"), old, model("vectors", { mode: "embedding" })];
    return [
      { id: "acme", name: "Acme", models },
      { id: "none", name: "None", models: [] },
    ];
  }

  async #select(body: { model_id: string; route: string }): Promise<Response> {
    await this.#gate;
    if (this.refusal) return Response.json({ error: this.refusal.error }, { status: this.refusal.status });
    this.#routes = this.#routes.map((one) => (one.route === body.route ? route(body.route, body.model_id) : one));
    return Response.json({
      ...route(body.route, body.model_id),
      model_info: model(body.model_id),
      workers: [],
      problems: [],
    });
  }

  #stream(signal: AbortSignal): Response {
    this.open++;
    this.streams++;
    const body = new ReadableStream({
      start: (controller) =>
        signal.addEventListener("abort", () => {
          this.open--;
          controller.error(signal.reason);
        }),
    });
    return new Response(body);
  }
}
