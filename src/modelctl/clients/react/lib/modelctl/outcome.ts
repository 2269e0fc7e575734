import { ModelctlError, type Refreshed, type Switched } from '@/lib/modelctl'

/** How a change went, in the words of a notification. */
export interface Outcome {
  ok: boolean
  message: string
  description?: string
}

export function switched({
  route,
  target,
  model_info,
  workers,
  problems
}: Switched): Outcome {
  const behind = workers.filter((worker) => !worker.acked)
  const reasons = behind.map(
    (worker) => `${worker.id}: ${worker.error ?? 'has not answered'}`
  )
  const lag = `${workers.length - behind.length} of ${workers.length} workers follow. ${reasons.join('; ')}`
  const warnings = problems.map((problem) => problem.message)
  const description = [...warnings, ...(behind.length ? [lag] : [])].join('; ')
  return {
    ok: true,
    message: `${route} is now ${model_info?.name ?? target}`,
    description: description || undefined
  }
}

export function refreshed({ result, problems }: Refreshed): Outcome {
  const description =
    problems.map((problem) => problem.message).join('; ') || undefined
  if (result === 'refused' || result === 'held')
    return { ok: false, message: 'the catalog was not published', description }
  const message =
    result === 'published' ? 'the models are up to date' : 'nothing has changed'
  return { ok: true, message }
}

/** The server's reason stands below `message`. */
export function failed(message: string, error: unknown): Outcome {
  if (!(error instanceof ModelctlError))
    return { ok: false, message, description: String(error) }
  const { hint, problems } = error
  const reasons = [error.message, ...problems.map((one) => one.message)]
  const said = [...new Set(reasons)].join('; ')
  const more = problems.length || !hint ? '' : ` (${hint})`
  return { ok: false, message, description: said + more }
}
