import {
  createModelClient,
  type ClientOptions,
  type ModelClient,
  type Snapshot
} from '@/lib/modelctl'

export type GetToken = NonNullable<ClientOptions['getToken']>

export const DEFAULT_URL = 'http://localhost:7777'

/** One client per control plane, shared by all that show it. */
export interface Server {
  client: ModelClient
  /** Of the components on the page; the one that came last is asked. */
  tokens: Set<GetToken>
  /** Nothing is known yet: what a server renders, and the first render in a browser must repeat. */
  atFirst: () => Snapshot
}
const servers = new Map<string, Server>()

export function serverAt(baseUrl: string): Server {
  const address = baseUrl.trim().replace(/\/+$/, '')
  let server = servers.get(address)
  if (!server) servers.set(address, (server = connect(address)))
  return server
}

function connect(baseUrl: string): Server {
  const tokens = new Set<GetToken>()
  const getToken: GetToken = (state) =>
    Array.from(tokens).pop()?.(state) ?? null
  // An address still being typed must not throw while rendering: it shows as a server that does not answer.
  const client = isAddress(baseUrl)
    ? createModelClient({ baseUrl, getToken })
    : createModelClient({
        fetch: () => Promise.reject(new TypeError(`not an address: ${baseUrl}`))
      })
  const empty = client.getSnapshot()
  return { client, tokens, atFirst: () => empty }
}

function isAddress(text: string): boolean {
  try {
    return /^https?:$/.test(new URL(text).protocol)
  } catch {
    return false
  }
}
