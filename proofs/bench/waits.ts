import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Dispatch, Dispatcher, ReleaseInput } from 'deploy-hooks'
import { quantile } from '../shared/statistics.ts'

/** Microseconds. */
export type LatencyFigure = 'p50' | 'p99'

/** One call of `dispatch()`, whose wait is added to `waits`. */
export type Timed = (dispatcher: Dispatcher, waits: number[]) => Promise<Dispatch>

export function timedBy(next: () => ReleaseInput): Timed {
  return async (dispatcher, waits) => {
    const release = next()
    const calledAt = performance.now()
    const dispatch = await dispatcher.dispatch(release)
    waits.push((performance.now() - calledAt) * 1000)
    return dispatch
  }
}

/** All callers call in one turn of the event loop, and again when all deliveries are settled. */
export async function inBursts(
  timed: Timed,
  dispatcher: Dispatcher,
  callers: number,
  dispatches: number,
): Promise<Record<LatencyFigure, number>> {
  const waits: number[] = []
  while (waits.length < dispatches) {
    const burst = await Promise.all(Array.from({ length: callers }, () => timed(dispatcher, waits)))
    await Promise.all(burst.map(({ settled }) => settled()))
  }
  return figuresOf(waits)
}

/** Each calls in a turn of the event loop of its own, and again in the next. */
export async function inTurns(
  timed: Timed,
  dispatcher: Dispatcher,
  callers: number,
  dispatches: number,
): Promise<Record<LatencyFigure, number>> {
  const waits: number[] = []
  const caller = async (): Promise<void> => {
    let last: Dispatch | undefined
    while (waits.length < dispatches) {
      last = await timed(dispatcher, waits)
      await nextTurn()
    }
    await last?.settled()
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return figuresOf(waits)
}

export function figuresOf(waits: readonly number[]): Record<LatencyFigure, number> {
  return { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) }
}
