import type { Debounce, DeploymentStatus, Overlap, Rate } from './records.ts'

/** What becomes of a call: values in, a value out. */

/** A deployment of the call's lane that has not ended, as far as it matters. */
export interface OpenDeployment {
  readonly id: string
  readonly status: DeploymentStatus
  readonly firstAt: number
  readonly dueAt: number
}

export interface Asked {
  readonly at: number
  readonly overlap: Overlap
  readonly debounce?: Debounce | undefined
}

export type Decision =
  | { readonly kind: 'start'; readonly dueAt: number }
  | { readonly kind: 'merge'; readonly into: string; readonly dueAt: number }
  | { readonly kind: 'skip' | 'busy'; readonly because: string }
  | { readonly kind: 'queue_full' }

/** Deployments of one lane that wait, with `overlap: 'queue'`. */
const longestQueue = 25

/** @param open of the call's lane, the oldest first */
export function decide(open: readonly OpenDeployment[], { at, overlap, debounce }: Asked): Decision {
  const waiting = open.findLast(({ status }) => status === 'waiting')
  const isQuiet = waiting !== undefined && debounce !== undefined && waiting.dueAt > at
  if (waiting !== undefined && (isQuiet || overlap === 'latest' || overlap === 'cancel'))
    return { kind: 'merge', into: waiting.id, dueAt: dueAtOf(waiting, at, debounce) }
  const [first] = open
  if (first !== undefined && overlap === 'skip') return { kind: 'skip', because: first.id }
  if (first !== undefined && overlap === 'reject') return { kind: 'busy', because: first.id }
  if (open.filter(({ status }) => status === 'waiting').length >= longestQueue) return { kind: 'queue_full' }
  return {
    kind: 'start',
    dueAt: debounce === undefined ? at : at + Math.min(debounce.quietMs, debounce.maxWaitMs),
  }
}

/** What waits for the end of another is due as before; what waits for quiet waits on. */
function dueAtOf({ firstAt, dueAt }: OpenDeployment, at: number, debounce: Debounce | undefined): number {
  if (debounce === undefined || dueAt <= at) return dueAt
  return Math.min(firstAt + debounce.maxWaitMs, Math.max(dueAt, at + debounce.quietMs))
}

/** Which of a lane may start now; `takes` are those whose place it takes. */
export function next<
  Open extends OpenDeployment & { readonly overlap: Overlap; readonly leasedUntil: number },
>(open: readonly Open[], now: number): { readonly start: Open; readonly takes: readonly Open[] } | undefined {
  // Whoever was at it has died, or stands still.
  const left = open.find(({ status, leasedUntil }) => status === 'starting' && leasedUntil <= now)
  if (left !== undefined) return { start: left, takes: [] }
  const start = open.find(({ status, dueAt }) => status === 'waiting' && dueAt <= now)
  const under = open.filter(({ status }) => status === 'starting' || status === 'running')
  if (start === undefined || under.some(({ status }) => status === 'starting')) return undefined
  if (under.length === 0) return { start, takes: [] }
  return start.overlap === 'cancel' ? { start, takes: under } : undefined
}

const windowMs = 60_000

/** @param recent times of the calls that counted, the oldest first */
export function rateOf(recent: readonly number[], now: number, perMinute: number): Rate {
  const inWindow = recent.filter((at) => at > now - windowMs && at <= now)
  const oldest = inWindow[0]
  return {
    left: Math.max(0, perMinute - inWindow.length),
    moreInMs: oldest === undefined ? 0 : oldest + windowMs - now,
  }
}

/** With one more, and without those that no minute holds any more. */
export function counted(recent: readonly number[], now: number, perMinute: number): readonly number[] {
  return [...recent.filter((at) => at > now - windowMs && at <= now), now].slice(-perMinute)
}
