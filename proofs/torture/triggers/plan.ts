import type { TriggerDialect } from 'deploy-hooks/triggers'
import type { Place } from './place.ts'

/** What a platform's process is started with. It crosses to it as JSON. */
export interface WorkerPlan {
  /** Tells the processes that were started apart: 1, 2, … */
  readonly life: number
  readonly place: Place
  /** Of its server: the process that takes its place has the same one. */
  readonly port: number
  /** The file to which the platform appends what it starts. */
  readonly log: string
}

/** What a process is in the middle of: a step of the store, or a start by the platform. */
export const steps = ['take', 'start', 'starting', 'started', 'notStarted'] as const
export type Step = (typeof steps)[number]

/** Where a trigger is called. */
export interface Target {
  readonly triggerId: string
  readonly dialect: TriggerDialect
  /** Path of the URL, with the token but in Shipmight's dialect. */
  readonly path: string
  readonly token: string
}

/** What a process of callers is started with. */
export interface CallerPlan {
  /** Tells the processes of callers apart. */
  readonly member: number
  readonly seed: number
  /** It calls until so many calls were answered, and until it is told to end. */
  readonly calls: number
  readonly targets: readonly Target[]
  /** Of the processes that may be called. */
  readonly ports: readonly number[]
}

/** A call, and what came of it. Times are epoch milliseconds. */
export interface Call {
  /** The `User-Agent`, by which the store's own record of it is found. */
  readonly agent: string
  /** Index of its target. */
  readonly target: number
  readonly key?: string | undefined
  readonly sentAt: number
  /** Absent when no answer came. */
  readonly status?: number | undefined
  readonly deploymentId?: string | undefined
  readonly callId?: string | undefined
  /** Of a refusal, where the dialect has one. */
  readonly code?: string | undefined
}
