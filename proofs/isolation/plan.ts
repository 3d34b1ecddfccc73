import type { Traffic } from '../shared/traffic.ts'
import type { TransportName } from '../shared/transports.ts'
import type { Vitals } from '../shared/vitals.ts'

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
