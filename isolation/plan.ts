import type { Traffic } from './traffic.ts'
import type { TransportName } from './transports.ts'
import type { Vitals } from './vitals.ts'

/** What a sending process does. */
export interface Plan {
  readonly transport: TransportName
  /** Where each hook's receiver is. */
  readonly urls: readonly string[]
  /** Of a healthy receiver that is no hook. */
  readonly spareUrl: string
  readonly traffic: Traffic
  /** Recorded before the traffic starts. */
  readonly backlog?: { readonly hook: number; readonly deliveries: number } | undefined
}

export interface SenderOrder {
  /** Of the traffic, in epoch milliseconds. */
  readonly startAt: number
}

export type SenderNews = 'ready' | Vitals
