/**
 * Migrates a file and a schema of the version before, and goes on with them: what waits is sent once, what was told is a repeat, the former
 * ids of hooks are moved, and no dispatch waits for it. `npm run proofs -- torture/upgrade --deliveries 1000000` takes some minutes.
 */
import { parseArgs } from 'node:util'
import { Chance } from '../../src/testing/store/chance.ts'
import { wholeNumber } from '../shared/argument-values.ts'
import { runParts, say } from '../shared/parts.ts'
import type { Report } from '../shared/report.ts'
import { planOf } from './upgrade/plan.ts'
import { upgradeSchema } from './upgrade/postgres.ts'
import { startReceiver } from './upgrade/receiver.ts'
import { upgradeFile } from './upgrade/sqlite.ts'
import type { Trial } from './upgrade/trial.ts'

export interface UpgradeOptions {
  readonly deliveries: number
  readonly hooks: number
  readonly seed: number
  /** No dispatch may take longer, in milliseconds. */
  readonly longestMs: number
  readonly say: (progress: string) => void
}

export function upgradeOldFile(options: UpgradeOptions): Promise<Report> {
  return upgrade(upgradeFile, options)
}

export function upgradeOldSchema(options: UpgradeOptions): Promise<Report> {
  return upgrade(upgradeSchema, options)
}

async function upgrade(
  by: typeof upgradeFile,
  { deliveries, hooks, seed, longestMs, say }: UpgradeOptions,
): Promise<Report> {
  await using receiver = await startReceiver()
  const plan = planOf({ deliveries, hooks, origin: receiver.origin })
  const trial: Trial = { plan, receiver, longestMs, chance: new Chance(seed) }
  return await by(trial, say)
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      deliveries: { type: 'string', default: '50000' },
      hooks: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
    },
  })
  const [deliveries, hooks, seed] = [
    wholeNumber('deliveries', values.deliveries),
    wholeNumber('hooks', values.hooks),
    wholeNumber('seed', values.seed),
  ]
  const options: UpgradeOptions = { deliveries, hooks, seed, longestMs: 1000, say }
  await runParts([() => upgradeOldFile(options), () => upgradeOldSchema(options)], {
    allIsWell: 'What waited was sent once, and nothing else; no dispatch waited for over a second.',
  })
}
