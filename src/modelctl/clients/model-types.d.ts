/** What the control plane answers and what the client keeps of it. Field names are the API's. */

export interface Price {
  input?: number | null
  output?: number | null
  cached_input?: number | null
}
export interface Lifecycle {
  status?: 'active' | 'deprecated' | 'retired'
  /** YYYY-MM-DD, where known. */
  released?: string | null
  retires?: string
  successor?: string
}

/** A model that somebody took out of traffic; times are UTC seconds. */
export interface Block {
  model: string
  actor: string
  since: number
  until: number | null
  reason: string | null
}

export interface Model {
  id: string
  name: string
  provider: string
  public_name: string
  description: string | null
  // <made by scripts/fact_tables.py>
  mode: string | null
  context_window: number | null
  max_output_tokens: number | null
  supports_streaming: boolean | null
  supports_tools: boolean | null
  supports_vision: boolean | null
  supports_audio: boolean | null
  supports_json: boolean | null
  is_reasoning: boolean | null
  // </made>
  /** USD per 1M tokens. */
  price: Price
  tags: string[]
  lifecycle: Lifecycle
  icon: string | null
  color: string | null
  available: boolean
  /** Why it is not available. */
  reason: string | null
  blocked?: Block | null
}

export interface Provider {
  id: string
  name: string
  description: string | null
  icon: string | null
  color: string | null
  models: Model[]
}

export interface Route {
  route: string
  target: string
  default: string
  model_id: string
  provider: string | null
  source: 'git' | 'run-time'
  /** UTC seconds since the epoch; null = until further notice. */
  until: number | null
  /** Where it points once `until` has passed. */
  then?: string | null
  /** Where a roll back leads; null where there is nothing to roll back. */
  rollback_to?: string | null
  since: number | null
  reason: string | null
  actor: string | null
  /** The target that is blocked, where `target` answers for it; where both are the same, nobody answers. */
  instead_of?: string | null
  /** A model that takes the route over in steps, counted from 1, as long as it does no worse than the target. */
  proof?: { new: string; step: number; steps: number[]; share: number } | null
  forced: boolean
  pinned: boolean
  diverged: boolean
  description: string | null
  requires: Record<string, unknown>
  choices: 'any' | string[] | { tags?: string[] }
  fallbacks: string[] | null
  members?: string[]
  /** Further names of the same route. */
  also?: string[]
  /** The target that the route's guard left, where the guard chose. */
  guarded?: string | null
  /** Percent by public name, where requests are dealt to several models. */
  split?: Record<string, number> | null
  guard?: {
    error_rate: number | null
    p95_s: number | null
    window_s: number
    min_requests: number
    then: string
    back: 'auto' | 'hand'
    cool_off_s: number
  } | null
  /** This client asked for `target`; the server has not answered yet. */
  pending?: boolean
}

export interface Worker {
  id: string
  pid: number
  host: string
  revision: string | null
  selection: Record<string, string>
  version: number
  acked: boolean
  error: string | null
  age_s?: number
  took_ms?: number | null
  unset: string[]
  restart_needed: string[]
  /** Deployments of the revision that LiteLLM refuses: the rest of it runs. */
  left_out?: string[]
  /** "running", or why it does not run the newest revision, in one word. */
  state?: string | null
  litellm: string | null
  /** What to know about a LiteLLM that modelctl was not tested with. */
  litellm_remark?: string | null
  /** What stands in the way of counting on it. */
  usage_remark?: string | null
  /** Keys that come from files: `since` when the one that is used was written (seconds since 1970), never a value. */
  keys?: {
    variable: string
    file: string
    since: number | null
    problem: string | null
  }[]
  /** What LiteLLM avoids there after failures, until then (seconds since 1970); null where it does not tell. */
  cooldowns?:
    | {
        model: string
        deployment: string
        why: string
        error: string | null
        status: number | null
        until: number
      }[]
    | null
}

export interface Problem {
  rule: string
  message: string
  severity?: 'error' | 'warning' | 'info'
  file?: string
  line?: number
  column?: number
  hint?: string | null
}

/** Two versions of one file; null is no file. `digest` is what to say in If-Match to write over theirs. */
export interface Conflict {
  file: string
  yours: string | null
  theirs: string | null
  digest: string | null
  reason: string | null
}

export interface Entry {
  action: string
  at: number
  actor: string
  route: string | null
  before: string | null
  after: string | null
  reason: string | null
  revision: string | null
  until: number | null
  forced: boolean
  version: number
  /** Percent by public name, where requests were dealt to several models from then on. */
  split?: Record<string, number> | null
}

export interface WorkerAnswer {
  id: string
  acked: boolean
  error: string | null
}

export interface Switched {
  model_id: string
  provider: string | null
  model_info: Model | null
  route: string
  target: string
  previous: string
  version: number
  until: number | null
  problems: Problem[]
  workers: WorkerAnswer[]
}

export interface Refreshed {
  result: 'published' | 'unchanged' | 'refused' | 'held'
  revision: string | null
  version: number
  problems: Problem[]
  workers: WorkerAnswer[]
}

export interface Agreement {
  state: 'in-sync' | 'pending' | 'diverged' | 'unknown'
  /** UTC seconds. */
  since: number
  reason: string | null
}

export interface CatalogSource {
  remote: string
  branch: string
  commit: string
  author: string
  title: string
  committed_at: number
  fetched_at: number | null
  waiting: string | null
  error: string | null
}

/** Never changed in place: a new object each time something changes, so that `===` tells. */
export interface Snapshot {
  /** `gone`: the server does not answer; what is shown was known at `heardAt`. */
  readonly connection: 'idle' | 'connecting' | 'live' | 'gone'
  readonly loaded: boolean
  readonly error: string | null
  /** Milliseconds since the epoch: when the server was last heard, when it is asked again. */
  readonly heardAt: number | null
  readonly retryAt: number | null
  readonly revision: string | null
  readonly version: number
  readonly renderCurrent: boolean | null
  /** Whether catalog, published revision and workers agree. */
  readonly agreement: Agreement | null
  /** The branch that the catalog comes from; null for a folder. */
  readonly source: CatalogSource | null
  readonly providers: readonly Provider[]
  readonly routes: readonly Route[]
  readonly workers: readonly Worker[]
  readonly problems: readonly Problem[]
}

export interface SelectOptions {
  modelId: string
  provider?: string | null
  route?: string
  reason?: string
  /** How long it lasts, in seconds. */
  seconds?: number
  force?: boolean
  pin?: boolean
}

export interface ClientOptions {
  /** Where the control plane is; by default the origin that served this module. */
  baseUrl?: string
  /** Asked before each request. `refused`: the last token was, a fresh one is wanted (return null to give up). */
  getToken?: (state: {
    refused: boolean
  }) => string | null | undefined | Promise<string | null | undefined>
  fetch?: typeof globalThis.fetch
  /** Recorded in history when no token names the caller. */
  getActor?: () => string | null | undefined
}

export interface ModelClient {
  getSnapshot(): Snapshot
  /** Live while anyone is subscribed. Returns the function that ends it. */
  subscribe(listener: () => void): () => void
  /** Ask for everything once, now. Rejects when the server does not answer. */
  load(): Promise<Snapshot>
  /** Have the server read the catalog again, and publish it if it is right. */
  refresh(options?: { force?: boolean }): Promise<Refreshed>
  /** Shown at once, taken back when the server says no. Rejects with a ModelctlError. */
  select(options: SelectOptions): Promise<Switched>
  rollback(options?: { route?: string; reason?: string }): Promise<Switched>
  history(options?: { route?: string; limit?: number }): Promise<Entry[]>
  /** Ask again now rather than when the wait is over. */
  reconnect(): void
  find(provider: string | null | undefined, name: string): Model | null
}
