import { setImmediate as nextTurn } from 'node:timers/promises'
import { createDispatcher, type Dispatch, type Dispatcher, type Transport } from 'deploy-hooks'
import { contest, type ContestOptions, type Contestant, type Standing } from './contest.ts'
import { startReceiver } from './receiver.ts'
import { createReleases } from './releases.ts'
import { quantile } from './statistics.ts'

export interface DispatchLatencyOptions extends ContestOptions {
  /** Calls of `dispatch()` in a round, when nothing is sent. */
  readonly dispatches: number
  /** Calls of `dispatch()` in a round, when requests are sent. */
  readonly sentDispatches: number
  readonly callers: number
}

/** Microseconds. */
export type LatencyFigure = 'p50' | 'p99'

const secret = 'a secret of the usual length, of 43 characters'

/**
 * How long a deploy waits for `dispatch()`, from the call to its resolution.
 *
 * One thread does the work of all callers. So when 50 call at once, each one's wait holds the work of those before it: that
 * is the worst case, and the one that counts. When each comes in a turn of its own, as requests from sockets do, the wait is
 * the own work of one call.
 */
export async function measureDispatchLatency(
  options: DispatchLatencyOptions,
): Promise<readonly Standing<LatencyFigure>[]> {
  const { callers, dispatches, sentDispatches } = options
  await using receiver = await startReceiver()
  const hooks = [{ url: `${receiver.origin}/hooks/deploy`, concurrency: 64 }]
  await using stubbed = createDispatcher({ hooks, secret, transport: answersAtOnce })
  await using sending = createDispatcher({ hooks, secret })

  const next = createReleases('measured')
  const timed: Timed = async (dispatcher, waits) => {
    const release = next()
    const calledAt = performance.now()
    const dispatch = await dispatcher.dispatch(release)
    waits.push((performance.now() - calledAt) * 1000)
    return dispatch
  }

  const atOnce: Contestant<LatencyFigure> = {
    name: `${callers} at once`,
    does: 'all call in one turn of the event loop, and again when all deliveries are settled; nothing is sent',
    measure: () => inBursts(timed, stubbed, callers, dispatches),
  }
  const oneByOne: Contestant<LatencyFigure> = {
    name: `${callers} in turns`,
    does: 'each calls in a turn of the event loop of its own, and again in the next; nothing is sent',
    measure: () => inTurns(timed, stubbed, callers, dispatches),
  }
  const withRequests: Contestant<LatencyFigure> = {
    name: `${callers} at once, default transport`,
    does: 'as the first, with requests to a receiver in its own process',
    measure: () => inBursts(timed, sending, callers, sentDispatches),
  }
  return await contest([atOnce, oneByOne, withRequests], atOnce, options)
}

const answer = {
  kind: 'answer',
  status: 200,
  retryAfter: undefined,
  body: Buffer.from('ok'),
  timings: { totalMs: 0 },
} as const

const answersAtOnce: Transport = {
  send: () => Promise.resolve(answer),
  close: () => {},
}

/** One call, whose wait is added to `waits`. */
type Timed = (dispatcher: Dispatcher, waits: number[]) => Promise<Dispatch>

async function inBursts(
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

async function inTurns(
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

function figuresOf(waits: readonly number[]): Record<LatencyFigure, number> {
  return { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) }
}
