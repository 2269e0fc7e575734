import type { Model } from '@/lib/modelctl'
import {
  offered,
  pointed,
  type CurrentModel,
  type OfferedProvider
} from '@/lib/modelctl/offers'
import { DEFAULT_URL, serverAt, type GetToken } from '@/lib/modelctl/servers'

/** What a zustand store gets from `modelsSlice`. */
export interface ModelsSlice {
  modelProviders: OfferedProvider[]
  currentModel: CurrentModel | null
  isModelsLoading: boolean
  /** Switches the route. False where the server refused; the store then shows the old model again. */
  setCurrentModel(model: Choice | null): Promise<boolean>
}
export type Choice = Pick<Model, 'id' | 'provider'> | CurrentModel

export interface SliceOptions {
  baseUrl?: string
  route?: string
  getToken?: GetToken
}

/**
 * `create<Store & ModelsSlice>()((set, get) => ({ ...modelsSlice(set), ... }))`: the store then follows the
 * control plane for as long as the page is open. On a server it stays empty.
 */
export function modelsSlice(
  set: (part: Partial<ModelsSlice>) => void,
  { baseUrl = DEFAULT_URL, route = 'active', getToken }: SliceOptions = {}
): ModelsSlice {
  const { client, tokens } = serverAt(baseUrl)
  if (getToken) tokens.add(getToken)
  const show = () => {
    const snapshot = client.getSnapshot()
    const now = pointed(snapshot, route)
    set({
      modelProviders: offered(snapshot.providers, now.route),
      currentModel: now.currentModel,
      isModelsLoading: !snapshot.loaded && !snapshot.error
    })
  }
  // Later, since zustand has no state to change while it makes its first one.
  if (typeof window !== 'undefined')
    queueMicrotask(() => {
      client.subscribe(show)
      show()
    })
  return {
    modelProviders: [],
    currentModel: null,
    isModelsLoading: true,
    setCurrentModel: async (model) => {
      if (!model) return false
      const chosen = named(model)
      const now = pointed(client.getSnapshot(), route).currentModel
      if (now?.model_id === chosen.modelId && now.provider === chosen.provider)
        return true
      return client.select({ ...chosen, route }).then(
        () => true,
        () => false
      )
    }
  }
}

const named = (model: Choice) =>
  'model_id' in model
    ? { modelId: model.model_id, provider: model.provider }
    : { modelId: model.id, provider: model.provider }
