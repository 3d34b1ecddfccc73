/**
 * Kills and ends controllers under load, thousands of deliveries long, and compares what they said, what the file says and what
 * the receiver got. `npm run proofs -- torture/sqlite --kills 20 --deliveries 5000 --terms 10 --seed 7` makes a short run.
 */
import { parseArgs } from 'node:util'
import { Chance } from '../../src/testing/store/chance.ts'
import { limits } from './evidence.ts'
import { killNewborns } from './newborns.ts'
import { killOneController } from './one-controller.ts'
import { wholeNumber } from '../shared/argument-values.ts'
import { runParts, say } from '../shared/parts.ts'
import { stealClaims } from './stale-claims.ts'
import { terminate } from './termination.ts'
import { killTwoControllers, runTwoControllers } from './two-controllers.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    deliveries: { type: 'string', default: '50000' },
    terms: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(1 + (Date.now() % 1_000_000)) },
  },
})
const [kills, deliveries, terms, seed] = [
  wholeNumber('kills', values.kills),
  wholeNumber('deliveries', values.deliveries),
  wholeNumber('terms', values.terms),
  wholeNumber('seed', values.seed),
]
const chance = new Chance(seed)
const common = { chance, limits, say }
say(`Seed ${seed}: --seed ${seed} draws the same numbers again`)

const shared = { kills: Math.ceil(kills / 5), deliveries: Math.ceil(deliveries / 10) }
await runParts([
  () => killNewborns({ ...common, kills: Math.ceil(kills / 10) }),
  () => killOneController({ ...common, kills, deliveries }),
  () => killTwoControllers({ ...common, ...shared }),
  () => runTwoControllers({ deliveries: shared.deliveries, limits }),
  () => stealClaims({ deliveries: Math.max(500, shared.deliveries / 5), limits }),
  () => terminate({ ...common, terms }),
])
