"use client";

import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";

import {
  createModelClient,
  kindOf,
  misfit,
  ModelctlError,
  routeKind,
  type ClientOptions,
  type Model,
  type ModelClient,
  type Provider,
  type Refreshed,
  type Route,
  type Snapshot,
  type Switched,
} from "@/lib/modelctl";

type GetToken = NonNullable<ClientOptions["getToken"]>;

/** Sonner's `toast` fits, and so does anything with these two. */
export interface Toast {
  success(message: string, more?: { description?: string }): unknown;
  error(message: string, more?: { description?: string }): unknown;
}

export interface ModelsOptions {
  /** Where the control plane is. */
  baseUrl?: string;
  route?: string;
  /** Asked before each request; only changes need a token, and only where the server has one. */
  getToken?: GetToken;
  /** Told how a change went. Without one, failures are in `error`. */
  toast?: Toast;
}

export interface OfferedModel extends Model {
  /** Why this route would not take it; null: it would. */
  disabledReason: string | null;
}
export interface OfferedProvider extends Omit<Provider, "models"> {
  models: OfferedModel[];
}
export interface CurrentModel extends Route {
  /** Null where the route points to a name that no list has, such as one under a wildcard. */
  model_info: Model | null;
}

export interface Models {
  /** What the route could hold; empty until it is known. */
  modelProviders: OfferedProvider[];
  /** With `pending` while the server has not answered. */
  currentModel: CurrentModel | null;
  isModelsLoading: boolean;
  /** Why what is shown may be old, else (without a toast) why the last change was not made. */
  error: string | null;
  /** Shown at once, taken back when refused. True once the server has done it; never rejects. */
  selectModel(modelId: string, providerId?: string | null): Promise<boolean>;
  /** Has the server read its catalog again. True unless it found a fault there; never rejects. */
  refresh(): Promise<boolean>;
}

const DEFAULT_URL = "http://localhost:7777";

/** The models of a route, live while anyone uses them. All users of one server share its one connection. */
export function useModels({ baseUrl = DEFAULT_URL, route = "active", getToken, toast }: ModelsOptions = {}): Models {
  const { client, tokens, atFirst } = serverAt(baseUrl);
  useEffect(() => {
    if (!getToken) return;
    tokens.add(getToken);
    return () => void tokens.delete(getToken);
  }, [tokens, getToken]);
  const snapshot = useSyncExternalStore(client.subscribe, client.getSnapshot, atFirst);

  const pointing = snapshot.routes.find((one) => one.route === route) ?? null;
  const modelProviders = useMemo(() => offered(snapshot.providers, pointing), [snapshot.providers, pointing]);
  const currentModel = useMemo(() => current(snapshot.providers, pointing), [snapshot.providers, pointing]);

  const [failure, setFailure] = useState<string | null>(null);
  const teller = useRef(toast);
  useEffect(() => void (teller.current = toast));
  const attempt = useCallback(async (act: () => Promise<Told>) => {
    setFailure(null);
    const told = await act().catch(apology);
    if (teller.current) teller.current[told.ok ? "success" : "error"](told.message, { description: told.description });
    else if (!told.ok) setFailure([told.message, told.description].filter(Boolean).join(": "));
    return told.ok;
  }, []);
  const selectModel = useCallback(
    (modelId: string, providerId?: string | null) =>
      attempt(async () => switched(await client.select({ modelId, provider: providerId, route }))),
    [attempt, client, route],
  );
  const refresh = useCallback(() => attempt(async () => refreshed(await client.refresh())), [attempt, client]);

  const error = trouble(snapshot, route) ?? failure;
  return { modelProviders, currentModel, isModelsLoading: !snapshot.loaded && !error, error, selectModel, refresh };
}

export default useModels;

// -- one client per server ---------------------------------------------------------------------

interface Server {
  client: ModelClient;
  /** Of the components on the page; the one that came last is asked. */
  tokens: Set<GetToken>;
  /** Nothing is known yet: what a server renders, and the first render in a browser must repeat. */
  atFirst: () => Snapshot;
}
const servers = new Map<string, Server>();

function serverAt(baseUrl: string): Server {
  const address = baseUrl.trim().replace(/\/+$/, "");
  let server = servers.get(address);
  if (!server) servers.set(address, (server = connect(address)));
  return server;
}

function connect(baseUrl: string): Server {
  const tokens = new Set<GetToken>();
  const getToken: GetToken = (state) => Array.from(tokens).pop()?.(state);
  // An address still being typed is no reason to throw while rendering: nothing answers there, and that is said.
  const client = isAddress(baseUrl)
    ? createModelClient({ baseUrl, getToken })
    : createModelClient({ fetch: () => Promise.reject(new TypeError(`not an address: ${baseUrl}`)) });
  const empty = client.getSnapshot();
  return { client, tokens, atFirst: () => empty };
}

function isAddress(text: string): boolean {
  try {
    return /^https?:$/.test(new URL(text).protocol);
  } catch {
    return false;
  }
}

// -- what is shown -----------------------------------------------------------------------------

/** Why what is shown may not be so. */
function trouble({ connection, loaded, error, routes }: Snapshot, route: string): string | null {
  if (connection === "gone" && loaded) return "the control plane does not answer"; // steady, however often it is tried
  return error ?? (loaded && !routes.some((one) => one.route === route) ? `there is no route ${route}` : null);
}

function offered(providers: readonly Provider[], route: Route | null): OfferedProvider[] {
  if (!route) return [];
  const kind = routeKind(route);
  const fits = (model: Model) => kindOf(model.mode) === kind && !model.public_name.includes("*");
  const judged = (model: Model) => ({ ...model, disabledReason: misfit(model, route) });
  return providers
    .map((provider) => ({ ...provider, models: provider.models.filter(fits).map(judged) }))
    .filter((provider) => provider.models.length > 0);
}

function current(providers: readonly Provider[], route: Route | null): CurrentModel | null {
  if (!route) return null;
  // While a choice is pending that named no provider, the route has none yet.
  const models = providers.filter((one) => !route.provider || one.id === route.provider).flatMap((one) => one.models);
  const found = models.find((model) => model.id === route.model_id || model.public_name === route.target);
  return { ...route, model_info: found ?? null };
}

// -- what is told ------------------------------------------------------------------------------

interface Told {
  ok: boolean;
  message: string;
  description?: string;
}

function switched({ route, target, model_info, workers }: Switched): Told {
  const behind = workers.filter((worker) => !worker.acked);
  const reasons = behind.map((worker) => `${worker.id}: ${worker.error ?? "has not answered"}`).join("; ");
  const description = behind.length
    ? `${workers.length - behind.length} of ${workers.length} workers follow. ${reasons}`
    : undefined;
  return { ok: true, message: `${route} is now ${model_info?.name ?? target}`, description };
}

function refreshed({ result, problems }: Refreshed): Told {
  const description = problems.map((problem) => problem.message).join("; ") || undefined;
  if (result === "refused" || result === "held")
    return { ok: false, message: "the catalog was not published", description };
  return { ok: true, message: result === "published" ? "the models are up to date" : "nothing has changed" };
}

function apology(error: unknown): Told {
  if (!(error instanceof ModelctlError)) return { ok: false, message: String(error) };
  const reasons = error.problems.map((problem) => problem.message).filter((reason) => reason !== error.message);
  return { ok: false, message: error.message, description: reasons.join("; ") || error.hint || undefined };
}
