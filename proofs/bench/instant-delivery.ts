import { createDispatcher } from 'deploy-hooks'
import { sqliteStore } from 'deploy-hooks/sqlite'
import { answersAtOnce } from './answers-at-once.ts'
import { closedLoop, type ThroughputFigure } from './closed-loop.ts'
import { contest, type ContestOptions, type Contestant, type Standing } from '../shared/contest.ts'
import { deliver } from './delivered.ts'
import { createDeliveryByHand } from './delivery-by-hand.ts'
import { createReleases } from './releases.ts'
import { createScratchFolder } from '../shared/scratch-folder.ts'
import { SqliteByHand } from './sqlite-by-hand.ts'

export interface InstantDeliveryOptions extends ContestOptions {
  /** Deliveries of each contestant in a round. */
  readonly deliveries: number
  readonly inFlight: readonly number[]
}

const secret = 'a secret of the usual length, of 43 characters'
const hookUrl = 'https://hooks.example.com/deploy'
const concurrency = 64

/** How many deliveries a second the dispatcher does when the answer is there at once: all its work but the requests. */
export async function measureInstantDelivery({
  deliveries,
  inFlight,
  ...options
}: InstantDeliveryOptions): Promise<readonly Standing<ThroughputFigure>[]> {
  await using folder = await createScratchFolder()
  await using store = sqliteStore({ path: folder.file('store.db') })
  const settings = { hooks: [{ url: hookUrl, concurrency }], secret, transport: answersAtOnce }
  await using durable = createDispatcher({ ...settings, store })
  await using volatile = createDispatcher(settings)
  using sqlite = new SqliteByHand(folder.file('by-hand.db'))
  const send = createDeliveryByHand({ hookUrl, secret, concurrency, send: () => Promise.resolve(200) })
  const next = createReleases('dispatched')
  const deliverByHand = async (): Promise<void> => {
    const release = next()
    const seq = await sqlite.record(1, release)
    await send(release)
    await sqlite.settle(seq, 200)
  }

  const standings: Standing<ThroughputFigure>[] = []
  for (const each of inFlight) {
    const contestant = (
      name: string,
      does: string,
      once: () => Promise<void>,
    ): Contestant<ThroughputFigure> => ({
      name,
      does,
      measure: () => closedLoop({ deliveries, inFlight: each }, once),
    })
    const inMemory = contestant(`${each} in flight`, 'memory store: `dispatch()`, then `settled()`', () =>
      deliver(volatile, next()),
    )
    const inSqlite = contestant('', 'SQLite store: the same', () => deliver(durable, next()))
    const byHand = contestant('', 'by hand, inline', deliverByHand)
    standings.push(...(await contest([inMemory, inSqlite, byHand], inMemory, options)))
  }
  return standings
}
