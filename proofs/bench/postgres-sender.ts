import type { TransportName } from '../shared/transports.ts'

/** What a process does that dispatches, sends, or both. Hook `i` wants the releases of `app-i`. */
export interface SenderPlan {
  /** Absent: the memory store. */
  readonly database?: { readonly connectionString: string; readonly schema: string } | undefined
  readonly transport: TransportName
  /** Whether it sends what is recorded. */
  readonly workers: boolean
  /** Where each hook's receiver is. */
  readonly urls: readonly string[]
  /** Requests at once to each. */
  readonly concurrency: number
}

/** Dispatches for these hooks, which take turns. */
export type SenderOrder =
  | { readonly kind: 'settle'; readonly hooks: readonly number[]; readonly releases: number }
  /** Records for one hook, and waits for nothing. */
  | { readonly kind: 'leave'; readonly hook: number; readonly releases: number }
  | {
      readonly kind: 'dispatch'
      readonly hooks: readonly number[]
      readonly perSecond: number
      readonly seconds: number
    }

/** One release: its version, epoch milliseconds at which `dispatch()` was called, and milliseconds until it resolved. */
export type Called = readonly [version: number, at: number, waitMs: number]

export type SenderNews = 'ready' | 'done' | readonly Called[]
