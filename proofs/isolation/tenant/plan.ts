import type { Traffic } from '../../shared/traffic.ts'
import type { Vitals } from '../../shared/vitals.ts'

export type StorePlan =
  | { readonly kind: 'memory' }
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly connectionString: string; readonly schema: string }

export interface TenantHook {
  readonly url: string
  /** Whether its target reads all of an answer, and tells it as an error. */
  readonly reads: boolean
  /** None: as the healthy one. */
  readonly secrets: readonly string[]
}

/** What a process does that has the hooks of a healthy tenant, one, and of another tenant. */
export interface SenderPlan {
  readonly store: StorePlan
  /** Whether it also dispatches; otherwise it is a worker alone. */
  readonly dispatches: boolean
  readonly healthyUrl: string
  /** Of a healthy receiver that is no hook. */
  readonly spareUrl: string
  readonly hooks: readonly TenantHook[]
  /** Of the healthy hook. */
  readonly traffic: Traffic
  /** Of the others. */
  readonly otherTraffic: Traffic
}

/** The plan comes first, and then when the traffic starts, in epoch milliseconds. */
export type SenderOrder = SenderPlan | { readonly startAt: number }

export type SenderNews = 'ready' | SenderReport

export interface SenderReport extends Vitals {
  /** Of the other tenant's hooks, while it was measured. */
  readonly answers: number
}

/** How a receiver answers, by the number in its path. */
export interface AnswersPlan {
  readonly answers: readonly { readonly status: number; readonly body: string }[]
}
