import type { Verdict } from 'deploy-hooks'
import { day, minute } from './durations.ts'
import type { Observations } from './observations.ts'
import { Platform, type PlatformOptions } from './platform.ts'

/** What an outage came to, for the releases made meanwhile. */
export interface Figures {
  readonly releases: number
  /** While it was down, connections that never opened among them. */
  readonly requests: number
  /** While it was down: what the schedule counts. A refused connection is tried several times in one. */
  readonly attempts: number
  /** Requests while it was down. */
  readonly mostInAMinute: number
  readonly breaker: { readonly opened: number; readonly probes: number; readonly longestMs: number }
  /** From the start of the outage. */
  readonly warnedAfterMs: readonly number[]
  readonly disabledAfterMs: number | undefined
  readonly dead: Readonly<Partial<Record<Verdict, number>>>
  readonly delivered: number
  /** From the receiver's return to the first request that it took, and to the last for a release made while it was down. */
  readonly firstAfterMs: number | undefined
  readonly lastAfterMs: number | undefined
}

/** Longer than the longest delay. */
const longestWaitMs = 2 * day

/** Simulates an outage until all that was released meanwhile has arrived or is dead. */
export async function figuresOf(options: PlatformOptions): Promise<Figures> {
  await using platform = new Platform(options)
  const { backAt, seen } = platform
  await platform.advanceTo(backAt)
  const { missed } = platform
  await platform.advanceTo(backAt + longestWaitMs, () => missed.every(({ id }) => seen.isFinal(id)))
  return readFigures(platform)
}

function readFigures({ downAt, backAt, missed, seen, receiver }: Platform): Figures {
  const isWhileDown = (at: number): boolean => at >= downAt && at < backAt
  const requests = receiver.requests.filter(isWhileDown)
  const took = [...seen.delivered.values()].filter((at) => at >= backAt)
  const arrived = missed.flatMap(({ id }) => seen.delivered.get(id) ?? [])
  const disabledAt = seen.disabled[0]?.at
  return {
    releases: missed.length,
    requests: requests.length,
    attempts: seen.attempts.filter(isWhileDown).length,
    mostInAMinute: mostWithin(requests, minute),
    breaker: breakerOf(seen),
    warnedAfterMs: seen.failing.map(({ at }) => at - downAt),
    disabledAfterMs: disabledAt === undefined ? undefined : disabledAt - downAt,
    dead: countsOf(missed.flatMap(({ id }) => seen.dead.get(id) ?? [])),
    delivered: arrived.length,
    firstAfterMs: took.length === 0 ? undefined : Math.min(...took) - backAt,
    lastAfterMs: arrived.length === 0 ? undefined : Math.max(...arrived) - backAt,
  }
}

function breakerOf({ breaker }: Observations): Figures['breaker'] {
  const open = breaker.filter(({ state }) => state === 'open')
  const isFirst = (index: number): boolean => (breaker[index - 1]?.state ?? 'closed') === 'closed'
  return {
    opened: breaker.filter(({ state }, index) => state === 'open' && isFirst(index)).length,
    probes: breaker.filter(({ state }) => state === 'half-open').length,
    longestMs: Math.max(0, ...open.map(({ at, until = at }) => until - at)),
  }
}

function countsOf(verdicts: readonly Verdict[]): Figures['dead'] {
  const counts: Partial<Record<Verdict, number>> = {}
  for (const verdict of verdicts) counts[verdict] = (counts[verdict] ?? 0) + 1
  return counts
}

/** Most of these times, which are in order, that lie within so many milliseconds. */
export function mostWithin(times: readonly number[], ms: number): number {
  let most = 0
  let first = 0
  for (const [index, at] of times.entries()) {
    while ((times[first] ?? at) <= at - ms) first += 1
    most = Math.max(most, index - first + 1)
  }
  return most
}
