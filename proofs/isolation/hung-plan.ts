import type { TransportName } from '../shared/transports.ts'

/** What a process does whose requests hang. */
export interface HungPlan {
  readonly transport: TransportName
  /** Where each hook's receiver is. */
  readonly urls: readonly string[]
  /** Of a healthy receiver that is no hook. */
  readonly spareUrl: string
  readonly perHook: number
  readonly deadlineMs: number
}

/** Given when all requests hang. */
export interface HungOrder {
  readonly kind: 'measure'
}

interface HungFigures {
  /** Attempts that ended as such. */
  readonly timeouts: number
  /** Of the memory in use, from before the first of the requests to when all hang. */
  readonly growthMb: number
  /** From the deadline to the end of an attempt, in milliseconds. */
  readonly lateMedian: number
  readonly lateMax: number
  /** Open when all attempts have ended, while the dispatcher is not closed. */
  readonly socketsLeft: number
}

export type HungNews = 'dispatched' | HungFigures
