/** The types of index.js: with them a project needs neither `allowJs` nor the modules' own JSDoc. */
import type { ClientOptions, Model, ModelClient, Problem, Route } from "./model-types";

export * from "./model-types";

export declare function createModelClient(options?: ClientOptions): ModelClient;

/** What the server refused; `code: "unreachable"` when it did not answer. */
export declare class ModelctlError extends Error {
  constructor(status: number, error: { code?: string; message?: string; hint?: string; problems?: Problem[] });
  status: number;
  code: string;
  hint: string | null;
  problems: Problem[];
  /** Whether the same with `force` (and a reason) would be done. */
  get canForce(): boolean;
}

/** chat, responses and completion are one kind; an unknown mode counts as chat. */
export declare function kindOf(mode: string | null | undefined): string;
export declare function routeKind(route: Route): string;
/** Why the server would refuse this model for this route; null: it would take it. */
export declare function misfit(model: Model, route: Route): string | null;
