/** The types of index.js: with them a project needs neither `allowJs` nor the modules' own JSDoc. */
import type {
  ClientOptions,
  Model,
  ModelClient,
  Problem,
  Route
} from './model-types'

export * from './model-types'

export declare function createModelClient(options?: ClientOptions): ModelClient

/** What the server refused; `code: "unreachable"` when it did not answer. */
export declare class ModelctlError extends Error {
  constructor(
    status: number,
    error: {
      code?: string
      message?: string
      hint?: string
      problems?: Problem[]
    }
  )
  status: number
  code: string
  hint: string | null
  problems: Problem[]
  /** Whether the same with `force` (and a reason) would be done. */
  get canForce(): boolean
}

/** chat, responses and completion are one kind; an unknown mode counts as chat. */
export declare function kindOf(mode: string | null | undefined): string
export declare function routeKind(route: Route): string
/** Why the server would refuse this model for this route; null: it would take it. */
export declare function misfit(model: Model, route: Route): string | null

export type Capability =
  | 'vision'
  | 'reasoning'
  | 'streaming'
  | 'tools'
  | 'audio'
  | 'json'
/** Capability -> the API's field and a word for people, in the order in which they are shown. */
export declare const CAPABILITIES: Readonly<
  Record<Capability, readonly [keyof Model, string]>
>
export declare function has(model: Model, name: Capability): boolean
/** 400000 -> "400k"; "" where unknown. */
export declare function tokens(count: number | null | undefined): string
/** USD per 1M tokens; "" where unknown. */
export declare function price(usd: number | null | undefined): string
/** "retires 2026-12-11; use gpt-5.5-mini"; "" where no end is known. */
export declare function retirement(model: Pick<Model, 'lifecycle'>): string
/** A provider's picture, or letters on its colour. */
export declare function mark(of: {
  id?: string
  name: string
  icon?: string | null
  color?: string | null
}): { image: string } | { text: string; color: string; ink: string }
