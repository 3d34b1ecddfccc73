import { createDispatcher, type Dispatch, type Dispatcher } from 'deploy-hooks'
import { sqliteStore } from 'deploy-hooks/sqlite'
import { createAgents, createClient } from './client-by-hand.ts'
import { contest, type ContestOptions, type Contestant, type Standing } from '../shared/contest.ts'
import { createDeliveryByHand } from './delivery-by-hand.ts'
import { openLoop, type OpenLoopOptions } from './open-loop.ts'
import { startReceiver } from './receiver.ts'
import { createReleases } from './releases.ts'
import { createScratchFolder } from '../shared/scratch-folder.ts'
import { SqliteByHand } from './sqlite-by-hand.ts'
import { watchStalls } from './stalls.ts'
import { figuresOf, timedBy, type LatencyFigure } from './waits.ts'

/** What each contestant does in a round. */
export interface DurableDispatchOptions extends ContestOptions, OpenLoopOptions {}

export type DurableDispatchFigure = LatencyFigure | 'longestStall'

type Measured = Contestant<DurableDispatchFigure>

const secret = 'a secret of the usual length, of 43 characters'
const manyHooks = 5

/** How long a deploy waits for `dispatch()` until its deliveries are on the disk, while requests are sent. */
export async function measureDurableDispatch(
  options: DurableDispatchOptions,
): Promise<readonly Standing<DurableDispatchFigure>[]> {
  await using receiver = await startReceiver()
  const hooks = Array.from({ length: manyHooks }, (_, hook) => `${receiver.origin}/hooks/${hook}`)
  const [hook = ''] = hooks
  await using folder = await createScratchFolder()
  await using store = sqliteStore({ path: folder.file('one.db') })
  await using storeOfMany = sqliteStore({ path: folder.file('many.db') })
  await using volatile = createDispatcher({ hooks: [hook], secret, egress: { allow: ['127.0.0.1'] } })
  await using durable = createDispatcher({ hooks: [hook], secret, egress: { allow: ['127.0.0.1'] }, store })
  await using durableToMany = createDispatcher({
    hooks,
    secret,
    egress: { allow: ['127.0.0.1'] },
    store: storeOfMany,
  })
  using sqlite = new SqliteByHand(folder.file('by-hand.db'))
  using agents = createAgents()

  const inMemory: Measured = {
    name: 'memory store',
    does: '1 hook, default transport',
    measure: () => dispatching(volatile, options),
  }
  const inSqlite: Measured = {
    name: 'SQLite store',
    does: 'the same; the database has a thread of its own',
    measure: () => dispatching(durable, options),
  }
  const toMany: Measured = {
    name: `SQLite store, ${manyHooks} hooks`,
    does: 'five times the deliveries',
    measure: () => dispatching(durableToMany, options),
  }
  const byHand: Measured = {
    name: 'by hand',
    does: '1 hook; one insert and one update each, inline; got, createHmac, p-queue and p-retry',
    measure: dispatchingByHand(sqlite, agents, hook, options),
  }
  return await contest([inMemory, inSqlite, toMany, byHand], inMemory, options)
}

const next = createReleases('measured')
const timed = timedBy(next)

async function dispatching(
  dispatcher: Dispatcher,
  options: OpenLoopOptions,
): Promise<Record<DurableDispatchFigure, number>> {
  const waits: number[] = []
  const dispatches: Promise<Dispatch>[] = []
  const stop = watchStalls()
  await openLoop(options, () => dispatches.push(timed(dispatcher, waits)))
  const longestStall = stop()
  const dispatched = await Promise.all(dispatches)
  await Promise.all(dispatched.map(({ settled }) => settled()))
  return { ...figuresOf(waits), longestStall }
}

function dispatchingByHand(
  sqlite: SqliteByHand,
  agents: ReturnType<typeof createAgents>,
  hookUrl: string,
  options: OpenLoopOptions,
): () => Promise<Record<DurableDispatchFigure, number>> {
  const client = createClient(agents)
  const send = createDeliveryByHand({
    hookUrl,
    secret,
    concurrency: 64,
    send: async (url, headers) => (await client.post(url, { headers })).statusCode,
  })
  return async () => {
    const waits: number[] = []
    const deliveries: Promise<unknown>[] = []
    const dispatch = async (): Promise<void> => {
      const release = next()
      const calledAt = performance.now()
      const seq = await sqlite.record(1, release)
      waits.push((performance.now() - calledAt) * 1000)
      await send(release)
      await sqlite.settle(seq, 200)
    }
    const stop = watchStalls()
    await openLoop(options, () => deliveries.push(dispatch()))
    const longestStall = stop()
    await Promise.all(deliveries)
    return { ...figuresOf(waits), longestStall }
  }
}
