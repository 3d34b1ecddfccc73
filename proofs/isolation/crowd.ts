import { runInChild } from '../shared/child.ts'

/** What a process does at whose hooks a crowd begins to fail. */
export interface CrowdPlan {
  /** Hooks that fail at their only release. */
  readonly failing: number
  /** Of the healthy hook, one after the other. */
  readonly deliveries: number
  /** What the store takes for what is written at once. */
  readonly writeMs: number
  /** The healthy receiver's time for an answer. */
  readonly answerMs: number
}

export interface CrowdFigures {
  readonly seconds: number
  readonly delivered: number
  /** Requests to the healthy receiver for what it had been sent before. */
  readonly sentTwice: number
  /** Without a renewal of leases. */
  readonly longestGapMs: number
  readonly renewals: number
  /** Calls that tell the store which hooks fail, and what it knows of in the end. */
  readonly stateWrites: number
  readonly states: number
}

export const plan: CrowdPlan = { failing: 3500, deliveries: 14, writeMs: 10, answerMs: 4000 }

/** A crowd of hooks begins to fail at once, in a slow store. */
export function measureCrowd(): Promise<CrowdFigures> {
  return runInChild<CrowdFigures>(new URL('crowd-process.ts', import.meta.url), [JSON.stringify(plan)])
}
