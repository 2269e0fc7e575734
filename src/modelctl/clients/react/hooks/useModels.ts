'use client'

import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore
} from 'react'

import {
  offered,
  pointed,
  trouble,
  type CurrentModel,
  type OfferedProvider
} from '@/lib/modelctl/offers'
import {
  failed,
  refreshed,
  switched,
  type Outcome
} from '@/lib/modelctl/outcome'
import { DEFAULT_URL, serverAt, type GetToken } from '@/lib/modelctl/servers'

export type {
  CurrentModel,
  OfferedModel,
  OfferedProvider
} from '@/lib/modelctl/offers'

/** Sonner's `toast` fits, and so does anything with these two. */
export interface Toast {
  success(message: string, more?: { description?: string }): unknown
  error(message: string, more?: { description?: string }): unknown
}

export interface ModelsOptions {
  /** Where the control plane is. */
  baseUrl?: string
  route?: string
  /** Asked before each request; only changes need a token, and only where the server has one. */
  getToken?: GetToken
  /** Shows how a change went. Without one, failures are in `error`. */
  toast?: Toast
}

export interface Models {
  /** What the route could hold; empty until it is known. */
  modelProviders: OfferedProvider[]
  /** With `pending` while the server has not answered. */
  currentModel: CurrentModel | null
  isModelsLoading: boolean
  /** Why what is shown may be old, else (without a toast) why the last change was not made. */
  error: string | null
  /** Shown at once, taken back when refused. True once the server has done it; never rejects. */
  selectModel(modelId: string, providerId?: string | null): Promise<boolean>
  /** Has the server read its catalog again. True unless it found a fault there; never rejects. */
  refresh(): Promise<boolean>
}

/** The models of a route, live while anyone uses them. All users of one server share its one connection. */
export function useModels({
  baseUrl = DEFAULT_URL,
  route = 'active',
  getToken,
  toast
}: ModelsOptions = {}): Models {
  const { client, tokens, atFirst } = serverAt(baseUrl)
  useEffect(() => {
    if (!getToken) return
    tokens.add(getToken)
    return () => void tokens.delete(getToken)
  }, [tokens, getToken])
  const snapshot = useSyncExternalStore(
    client.subscribe,
    client.getSnapshot,
    atFirst
  )
  const now = useMemo(() => pointed(snapshot, route), [snapshot, route])
  const modelProviders = useMemo(
    () => offered(snapshot.providers, now.route),
    [snapshot.providers, now.route]
  )

  const { failure, attempt } = useAttempts(toast)
  const selectModel = useCallback(
    (modelId: string, providerId?: string | null) =>
      attempt('Failed to switch model', async () =>
        switched(await client.select({ modelId, provider: providerId, route }))
      ),
    [attempt, client, route]
  )
  const refresh = useCallback(
    () =>
      attempt('Failed to refresh the models', async () =>
        refreshed(await client.refresh())
      ),
    [attempt, client]
  )

  const error = trouble(snapshot, route) ?? failure
  return {
    modelProviders,
    currentModel: now.currentModel,
    isModelsLoading: !snapshot.loaded && !error,
    error,
    selectModel,
    refresh
  }
}

export default useModels

/** Runs a change and shows how it went: in the toast, else in `failure`. */
function useAttempts(toast: Toast | undefined) {
  const [failure, setFailure] = useState<string | null>(null)
  const latest = useRef(toast)
  useEffect(() => void (latest.current = toast))
  const attempt = useCallback(
    async (failing: string, act: () => Promise<Outcome>) => {
      setFailure(null)
      const outcome = await act().catch((error) => failed(failing, error))
      const { ok, message, description } = outcome
      if (latest.current)
        latest.current[ok ? 'success' : 'error'](message, { description })
      else if (!ok)
        setFailure([message, description].filter(Boolean).join(': '))
      return ok
    },
    []
  )
  return { failure, attempt }
}
