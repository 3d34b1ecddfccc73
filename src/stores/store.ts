import type { Outcome } from '../dispatch/outcome.ts'
import type { Timings } from '../http/transport.ts'
import type { Release } from '../release.ts'

/** One release for one hook. Plain data: ids, times and outcomes, no secret and no URL of a hook. */
export interface Delivery {
  /** Stays the same over all attempts, and is the same for the same dispatch in every process. */
  readonly id: string
  readonly hookId: string
  readonly release: Release
  /** `waiting` for its first or next attempt, or in one; `delivered` and `dead` are final. */
  readonly state: 'waiting' | 'delivered' | 'dead'
  /** Attempts made. */
  readonly attempts: number
  /** Epoch milliseconds. */
  readonly recordedAt: number
  /** Epoch milliseconds of the next attempt; absent once the delivery is final. */
  readonly dueAt?: number
  /** What the last attempt came to; absent before the first. */
  readonly outcome?: Outcome
  /** Epoch milliseconds at which the delivery became final. */
  readonly settledAt?: number
}

/** One HTTP exchange of a delivery. */
export interface Attempt {
  readonly deliveryId: string
  /** From 1. */
  readonly number: number
  /** Epoch milliseconds: from the first connection tried to the answer read. Waiting for a place is not in it. */
  readonly startedAt: number
  readonly endedAt: number
  /** Connections tried: more than 1 when the first ones never opened. */
  readonly connects: number
  /** Phases of the last connection tried. */
  readonly timings: Timings
  /** HTTP status; absent when no answer came. */
  readonly status?: number
  /** The system's code, such as `ECONNREFUSED`; absent when an answer came. */
  readonly code?: string
  /** The start of the answer's body, with secrets masked. */
  readonly excerpt?: string
  readonly outcome: Outcome
}

export interface NewDelivery {
  readonly id: string
  readonly hookId: string
  readonly release: Release
  readonly recordedAt: number
}

export interface Recorded {
  readonly delivery: Delivery
  /** False when a delivery of this id was there before: it stands, unchanged. A fresh one is claimed by the caller. */
  readonly fresh: boolean
}

export interface DeliveryFilter {
  readonly hook?: string | undefined
  readonly app?: string | undefined
  readonly state?: Delivery['state'] | undefined
  /** Recorded at or after this time, epoch milliseconds. */
  readonly since?: number | undefined
}

/** Where deliveries and attempts live. Every method may reject: that is a fault of the store. */
export interface Store {
  /** Records all or none. Resolves when they would survive what the store promises to survive. */
  record(deliveries: readonly NewDelivery[]): Promise<readonly Recorded[]>
  /** Claims due deliveries of these hooks, the longest due of each first: no other claim gives them out. */
  claim(due: {
    readonly hooks: Iterable<string>
    readonly now: number
    readonly limit: number
  }): Promise<readonly Delivery[]>
  /** Hands claimed deliveries back unattempted. */
  release(ids: readonly string[]): Promise<void>
  /** Records an attempt of a claimed delivery and applies its outcome. */
  settle(attempt: Attempt): Promise<Delivery>
  /** Ends a claimed delivery without an attempt. */
  end(id: string, outcome: Outcome & { kind: 'dead' }, now: number): Promise<Delivery>
  /** Earliest due time of an unclaimed delivery of these hooks. */
  nextDueAt(hooks: Iterable<string>): Promise<number | undefined>
  /** In the order of `ids`; `undefined` for those not there, or pruned. */
  get(ids: readonly string[]): Promise<readonly (Delivery | undefined)[]>
  /** Oldest first. */
  list(filter: DeliveryFilter): AsyncIterable<Delivery>
  /** Attempts of a delivery, first to last. */
  attempts(deliveryId: string): Promise<readonly Attempt[]>
  /** Remembers that a hook is disabled. */
  disableHook(hookId: string, since: number): Promise<void>
  disabledHooks(): Promise<ReadonlySet<string>>
}
