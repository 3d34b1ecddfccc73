import { createDispatcher } from 'deploy-hooks'
import { sqliteStore } from 'deploy-hooks/sqlite'
import { answersAtOnce } from './answers-at-once.ts'
import { contest, type ContestOptions, type Contestant, type Standing } from '../shared/contest.ts'
import { startReceiver } from './receiver.ts'
import { createReleases } from './releases.ts'
import { createScratchFolder } from '../shared/scratch-folder.ts'
import { inBursts, inTurns, timedBy, type LatencyFigure } from './waits.ts'

export interface DispatchLatencyOptions extends ContestOptions {
  /** Calls of `dispatch()` in a round, when nothing is sent. */
  readonly dispatches: number
  /** Calls of `dispatch()` in a round, when requests are sent or a disk is waited for. */
  readonly sentDispatches: number
  readonly callers: number
}

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
  await using stubbed = createDispatcher({
    hooks,
    secret,
    egress: { allow: ['127.0.0.1'] },
    transport: answersAtOnce,
  })
  await using sending = createDispatcher({ hooks, secret, egress: { allow: ['127.0.0.1'] } })
  await using folder = await createScratchFolder()
  await using store = sqliteStore({ path: folder.file('stubbed.db') })
  await using durable = createDispatcher({
    hooks,
    secret,
    egress: { allow: ['127.0.0.1'] },
    store,
    transport: answersAtOnce,
  })
  await using storeOfSending = sqliteStore({ path: folder.file('sending.db') })
  await using durableSending = createDispatcher({
    hooks,
    secret,
    egress: { allow: ['127.0.0.1'] },
    store: storeOfSending,
  })

  const timed = timedBy(createReleases('measured'))
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
  const durablyAtOnce: Contestant<LatencyFigure> = {
    name: `${callers} at once, SQLite`,
    does: 'as the first, with the SQLite store: the deliveries are on the disk',
    measure: () => inBursts(timed, durable, callers, sentDispatches),
  }
  const durablyOneByOne: Contestant<LatencyFigure> = {
    name: `${callers} in turns, SQLite`,
    does: 'as the second, with the SQLite store',
    measure: () => inTurns(timed, durable, callers, sentDispatches),
  }
  const durablyWithRequests: Contestant<LatencyFigure> = {
    name: `${callers} at once, SQLite, default transport`,
    does: 'as the third, with the SQLite store',
    measure: () => inBursts(timed, durableSending, callers, sentDispatches),
  }
  const inMemory = [atOnce, oneByOne, withRequests]
  const inSqlite = [durablyAtOnce, durablyOneByOne, durablyWithRequests]
  return await contest([...inMemory, ...inSqlite], atOnce, options)
}
