/**
 * Kills and ends controllers under load, thousands of deliveries long, and compares what they said, what the file says and what
 * the receiver got. `npm run torture -- --kills 20 --deliveries 5000 --terms 10 --seed 7` makes a short run.
 */
import { parseArgs } from 'node:util'
import { Chance } from '../src/testing/store/chance.ts'
import { limits } from './evidence.ts'
import { killNewborns } from './newborns.ts'
import { killOneController } from './one-controller.ts'
import { tableOf, type Report } from './report.ts'
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
  wholeNumber('kills'),
  wholeNumber('deliveries'),
  wholeNumber('terms'),
  wholeNumber('seed'),
]
/** A controller that hangs would hang all of it. */
const longestMs = 20 * 60_000
const startedAt = performance.now()
const chance = new Chance(seed)
const common = { chance, limits, say }
say(`Seed ${seed}: --seed ${seed} draws the same numbers again`)
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))
setTimeout(giveUp, longestMs).unref()

const shared = { kills: Math.ceil(kills / 5), deliveries: Math.ceil(deliveries / 10) }
const parts: readonly (() => Promise<Report>)[] = [
  () => killNewborns({ ...common, kills: Math.ceil(kills / 10) }),
  () => killOneController({ ...common, kills, deliveries }),
  () => killTwoControllers({ ...common, ...shared }),
  () => runTwoControllers({ deliveries: shared.deliveries, limits }),
  () => stealClaims({ deliveries: Math.max(500, shared.deliveries / 5), limits }),
  () => terminate({ ...common, terms }),
]
const reports: Report[] = []
for (const part of parts) {
  const report = await part()
  reports.push(report)
  say(`${report.title}: done, ${report.violations.length} violations`)
}

process.stdout.write(`\n${tableOf(reports)}\n\n`)
const violations = reports.flatMap(({ title, violations }) => violations.map((text) => `${title}: ${text}`))
for (const violation of violations) process.stdout.write(`VIOLATION: ${violation}\n`)
if (violations.length === 0) process.stdout.write('Nothing was lost.\n')
process.exitCode = violations.length === 0 ? 0 : 1

function say(progress: string): void {
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  process.stdout.write(`${String(seconds).padStart(4)} s  ${progress}\n`)
}

function giveUp(): void {
  process.stdout.write('VIOLATION: It took over 20 minutes\n')
  process.exit(1)
}

function wholeNumber(name: keyof typeof values): number {
  const number = Number(values[name])
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new RangeError(`Expected \`--${name}\` to be a positive integer, got \`${values[name]}\``)
  }
  return number
}
