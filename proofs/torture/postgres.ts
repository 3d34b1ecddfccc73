/**
 * Kills, ends and stops workers that share a PostgreSQL server, and restarts the server, under load; and compares what the workers said,
 * what the tables say and what the receiver got. `npm run proofs -- torture/postgres --kills 14 --restarts 2 --deliveries 3000 --seed 7` makes a
 * short run; a whole one takes a quarter of an hour. As root it makes a user `postgres`, since the server does not run as root.
 */
import { parseArgs } from 'node:util'
import { Chance } from '../../src/testing/store/chance.ts'
import { limits as strict, type Limits } from './evidence.ts'
import { wholeNumber } from '../shared/argument-values.ts'
import { runParts, say } from '../shared/parts.ts'
import { stopWorkers, terminateWorkers } from './postgres/endings.ts'
import { killWorkers } from './postgres/kills.ts'
import { TorturedServer } from './postgres/server.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    restarts: { type: 'string', default: '10' },
    deliveries: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(1 + (Date.now() % 1_000_000)) },
  },
})
const [kills, restarts, deliveries, seed] = [
  wholeNumber('kills', values.kills),
  wholeNumber('restarts', values.restarts),
  wholeNumber('deliveries', values.deliveries),
  wholeNumber('seed', values.seed),
]
/** A killed worker's lanes are taken over when its last heartbeat is 10 s old. */
const limits: Limits = { ...strict, recoveryMs: 15_000, drainMs: 60_000 }
say(`Seed ${seed}: --seed ${seed} draws the same numbers again`)
await using server = await TorturedServer.start()
const common = { server, chance: new Chance(seed), limits, say }
await runParts([
  () => stopWorkers({ ...common, times: Math.ceil(kills / 34) }),
  () => terminateWorkers({ ...common, times: Math.ceil(kills / 20) }),
  () => killWorkers({ ...common, kills, restarts, deliveries }),
])
