import type { TransportName } from '../shared/transports.ts'
import type { Fault } from 'deploy-hooks/testing'

/** Deliveries under way at once. */
export const concurrent = 50
/** Of the same fault, before anything is measured. */
export const warmUps = 100

/** What the sending process does. */
export interface Plan {
  readonly transport: TransportName
  readonly url: string
  readonly times: number
  readonly deadlineMs: number
}

/** What the proxy's process is given. */
export interface ProxyPlan {
  readonly fault: Fault
}

/** What the proxy's process tells when it is asked. */
export interface ProxyReport {
  readonly open: number
  readonly requests: number
}

/** How many exchanges came to the same. */
export interface Seen {
  /** `status-200`, `timeout`. */
  readonly reason: string
  /** Absent for an answer. */
  readonly code?: string
  /** False when the transport says that the request cannot have reached the receiver. */
  readonly opened: boolean
  readonly count: number
}

/** What the sending process tells at its end. */
export interface Figures {
  readonly seen: readonly Seen[]
  /** Exchanges that were made, warm-up included. */
  readonly exchanges: number
  /** Errors without a handler, process warnings, and what the dispatcher logs as an error. */
  readonly uncaught: readonly string[]
  readonly growthMb: number
  /** Open when all deliveries are done. */
  readonly idleSockets: number
  /** Open when the dispatcher is closed. */
  readonly socketsLeft: number
  /** From an attempt's start to its end, in milliseconds. */
  readonly medianMs: number
  readonly maxMs: number
  /** All of them, in seconds. */
  readonly seconds: number
}
