import { createDispatcher } from 'deploy-hooks'
import { sqliteStore } from 'deploy-hooks/sqlite'
import { closedLoop, type ClosedLoopOptions, type ThroughputFigure } from './closed-loop.ts'
import { contest, type ContestOptions, type Contestant, type Standing } from '../shared/contest.ts'
import { deliver } from './delivered.ts'
import { startReceiver } from './receiver.ts'
import { createReleases } from './releases.ts'
import { createScratchFolder } from '../shared/scratch-folder.ts'

/** What each contestant does in a round. */
export interface DurableDeliveryOptions extends ContestOptions, ClosedLoopOptions {}

const secret = 'a secret of the usual length, of 43 characters'

/** How many deliveries a second to a receiver in its own process, when each survives the loss of power and when none does. */
export async function measureDurableDelivery(
  options: DurableDeliveryOptions,
): Promise<readonly Standing<ThroughputFigure>[]> {
  await using receiver = await startReceiver()
  const hooks = [{ url: `${receiver.origin}/hooks/deploy`, concurrency: options.inFlight }]
  await using folder = await createScratchFolder()
  await using store = sqliteStore({ path: folder.file('store.db') })
  await using durable = createDispatcher({ hooks, secret, egress: { allow: ['127.0.0.1'] }, store })
  await using volatile = createDispatcher({ hooks, secret, egress: { allow: ['127.0.0.1'] } })

  const next = createReleases('dispatched')
  const inMemory: Contestant<ThroughputFigure> = {
    name: 'memory store',
    does: 'promises nothing past the process',
    measure: () => closedLoop(options, () => deliver(volatile, next())),
  }
  const inSqlite: Contestant<ThroughputFigure> = {
    name: 'SQLite store',
    does: 'on the disk before `dispatch()` resolves, and before a delivery counts as settled',
    measure: () => closedLoop(options, () => deliver(durable, next())),
  }
  return await contest([inMemory, inSqlite], inMemory, options)
}
