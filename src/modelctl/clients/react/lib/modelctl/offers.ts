import {
  kindOf,
  misfit,
  routeKind,
  type Model,
  type Provider,
  type Route,
  type Snapshot
} from '@/lib/modelctl'

export interface OfferedModel extends Model {
  /** Why this route would not take it; null: it would. */
  disabledReason: string | null
}
export interface OfferedProvider extends Omit<Provider, 'models'> {
  /** What all its models lack that are not retired, such as a key; null where one of them can be used. */
  disabledReason: string | null
  models: OfferedModel[]
}
export interface CurrentModel extends Route {
  /** Null where the route points to a name that no list has, such as one under a wildcard. */
  model_info: Model | null
}

/** What a route could hold: providers with a usable model first, else in the server's order. */
export function offered(
  providers: readonly Provider[],
  route: Route | null
): OfferedProvider[] {
  if (!route) return []
  const kind = routeKind(route)
  const fits = (model: Model) =>
    kindOf(model.mode) === kind && !model.public_name.includes('*')
  const all = providers
    .map((provider) => offer(provider, provider.models.filter(fits), route))
    .filter((provider) => provider.models.length > 0)
  return [...all.filter(isUsable), ...all.filter((one) => !isUsable(one))]
}

function offer(
  provider: Provider,
  models: readonly Model[],
  route: Route
): OfferedProvider {
  const judged = models.map((model) => ({
    ...model,
    disabledReason: misfit(model, route)
  }))
  // Of the server's reasons alone: what a route asks beyond them differs from model to model.
  const reasons = new Set(
    judged
      .filter((one) => one.lifecycle.status !== 'retired')
      .map((one) => (one.available ? null : one.reason))
  )
  const [only = null] = reasons
  const shared = reasons.size === 1 && judged.length > 1 ? only : null
  return { ...provider, disabledReason: shared, models: judged }
}

const isUsable = (provider: OfferedProvider) =>
  provider.models.some((model) => model.disabledReason === null)

/** What the route called `name` points to. */
export function pointed(
  snapshot: Snapshot,
  name: string
): { route: Route | null; currentModel: CurrentModel | null } {
  const route = snapshot.routes.find((one) => one.route === name) ?? null
  if (!route) return { route, currentModel: null }
  // While a choice is pending that named no provider, the route has none yet.
  const models = snapshot.providers
    .filter((one) => !route.provider || one.id === route.provider)
    .flatMap((one) => one.models)
  const found = models.find(
    (model) => model.id === route.model_id || model.public_name === route.target
  )
  return { route, currentModel: { ...route, model_info: found ?? null } }
}

/** Why what is shown may not be so. */
export function trouble(snapshot: Snapshot, route: string): string | null {
  const { connection, loaded, error, routes } = snapshot
  // One steady sentence, however often the connection is tried again.
  if (connection === 'gone' && loaded)
    return 'the control plane does not answer'
  const missing = loaded && !routes.some((one) => one.route === route)
  return error ?? (missing ? `there is no route ${route}` : null)
}

/** Keys are compared, never taken apart: a model's id may hold any character. */
export const keyOf = ({
  provider,
  id
}: {
  provider: string | null
  id: string
}) => `${provider}/${id}`
