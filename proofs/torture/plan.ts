/** What a controller is started with. It crosses to its process as JSON. */
export interface Plan {
  /** Tells the processes that were started apart: 1, 2, … */
  readonly life: number
  /** The SQLite file; or where the PostgreSQL database is, when there is a schema. */
  readonly store: string
  /** Of a PostgreSQL database. */
  readonly schema?: string | undefined
  /** The file to which it appends what was acknowledged. */
  readonly acks: string
  /** The receiver's origin. */
  readonly receiver: string
  /** Whose releases these are; every fourth is one that all controllers dispatch. */
  readonly app: string
  /**
   * Numbers of releases that an earlier controller may have begun to dispatch. None that it had acknowledged: to dispatch one
   * again would hide that it was lost.
   */
  readonly again: readonly number[]
  /** Number of the first release after those. */
  readonly first: number
  readonly releases: number
  /** How long each of the {@link callers} rests after a dispatch. */
  readonly pauseMs: number
  /** By how much its clock is ahead. */
  readonly aheadMs: number
  /** Whether to end when nothing waits in the store any more. */
  readonly drain: boolean
  /** `deadlineMs` of its `close()`, after SIGTERM. */
  readonly closeMs: number
}

/** What it tells whoever started it: its dispatcher is created; its first release is acknowledged; all of them are. */
export type News = 'opened' | 'working' | 'dispatched'

/** What the receiver is told: to answer at once from now on; to end. */
export type Order = 'hurry' | 'finish'

export const hookNames = ['smoke', 'chat', 'audit', 'cdn', 'metrics'] as const

/** Dispatches in progress at once. */
export const callers = 8

/** Releases that are not delivered everywhere yet, at which it waits before it dispatches more. */
export const mostUnsettled = 200

/** The header that tells which process sent a request, and when it began to, in epoch milliseconds. Of all that is sent it alone may differ when it is sent again. */
export const lifeHeader = 'x-torture-life'
