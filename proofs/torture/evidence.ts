import type { Receipt } from './ledger.ts'
import type { Interruption, Life } from './life.ts'
import type { StoredDelivery } from './stored.ts'

/** All that is known when every controller has ended: what the checks check. */
export interface Evidence {
  /** By their numbers. */
  readonly lives: ReadonlyMap<number, Life>
  readonly acked: ReadonlySet<string>
  /** By delivery, each in the order of arrival. */
  readonly receipts: ReadonlyMap<string, readonly Receipt[]>
  readonly stored: ReadonlyMap<string, StoredDelivery>
  /** When the store could not be reached. */
  readonly outages: readonly Interruption[]
}

/** What is too long, in milliseconds. */
export interface Limits {
  /** From the start of a process to its first request for what an earlier one left. */
  readonly recoveryMs: number
  /** From a kill to the request by which another process goes on with what was in flight. A lease is 30 s. */
  readonly takeoverMs: number
  /** From an answer to the attempt on the disk. */
  readonly settlingMs: number
  /** By which a process may end after the deadline of its `close()`. */
  readonly marginMs: number
  /** For all that waits to be sent, when no more is dispatched. */
  readonly drainMs: number
}

export const limits: Limits = {
  recoveryMs: 2000,
  takeoverMs: 8000,
  settlingMs: 1000,
  marginMs: 1000,
  drainMs: 20_000,
}
