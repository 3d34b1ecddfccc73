/**
 * Measures what bad receivers do to healthy ones, and writes RESULTS.md.
 *
 * `npm run proofs -- isolation --rounds 1 --seconds 3 --only hang,backlog --transport undici` makes a short run. Less than everything
 * writes nothing.
 */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { machineFacts, versionsOf } from '../shared/machine.ts'
import { defaults, parseArguments, sectionNames } from './arguments.ts'
import type { BadBehaviour } from './bad-receivers.ts'
import { section as answers } from './sections/answers.ts'
import { section as backlog } from './sections/backlog.ts'
import { section as badReceivers } from './sections/bad-receivers.ts'
import { section as explanations } from './sections/explanations.ts'
import { section as hung } from './sections/hung.ts'
import { section as leases } from './sections/leases.ts'
import { section as names } from './sections/names.ts'
import { section as tenant } from './sections/tenant.ts'
import { hasTransport, transportNames } from '../shared/transports.ts'

const longestBacklogSeconds = 5

const { rounds, seconds, only, transport, pairs, seed } = parseArguments()
const machine = machineFacts()
const startedAt = performance.now()
const behaviours = (['hang', 'refuse', 'fail'] satisfies BadBehaviour[]).filter((name) => only.includes(name))
const existing = transportNames.filter(hasTransport)
if (!existing.includes(transport)) throw new RangeError(`This build has no \`${transport}\` transport`)
const hanging = transport === defaults.transport ? existing : [transport]

const common = { rounds, transport, say }
const texts: string[] = []
if (behaviours.length > 0) texts.push(await badReceivers({ ...common, seconds, behaviours }))
if (only.includes('backlog'))
  texts.push(await backlog({ ...common, seconds: Math.min(seconds, longestBacklogSeconds) }))
if (only.includes('hung')) texts.push(await hung({ ...common, transports: hanging }))
if (only.includes('names')) texts.push(await names(common))
if (only.includes('leases')) texts.push(await leases(common))
if (only.includes('answers')) texts.push(await answers({ pairs, seed, say }))
if (only.includes('tenant')) texts.push(await tenant(common))
if (only.includes('explain')) texts.push(await explanations(common))

const minutes = Math.round((performance.now() - startedAt) / 60_000)
const results = `
# Isolation

Written by \`npm run proofs -- isolation\`. **Only the ratios count**: the figures beside them hold for one machine at one hour.

${machine}. ${await versionsOf(['got', 'undici'])}. Transport: ${transport}; the store is the one in memory.

One run of ${minutes} minutes, ${rounds} rounds. The lines of a table take turns, forwards in one round and backwards in the next, each in two
new processes: one sends, one receives. A figure is the median over the rounds. A ratio is the median of the ratios within each round to
the first line, so that what slows a whole round down cancels out. Releases come whether or not earlier ones are done, and
a delivery's time counts from the moment its release was scheduled for.

${texts.join('\n')}
`

const file = fileURLToPath(new URL('RESULTS.md', import.meta.url))
const formatted = await format(results, { ...(await resolveConfig(file)), parser: 'markdown' })
process.stdout.write(formatted)
if (isFull()) await writeFile(file, formatted)

function isFull(): boolean {
  const everything =
    sectionNames.every((name) => only.includes(name)) && hanging.length === transportNames.length
  return everything && rounds >= defaults.rounds && seconds >= defaults.seconds && pairs >= defaults.pairs
}

/** Progress goes to stderr: the report alone is on stdout. */
function say(progress: string): void {
  const elapsed = Math.round((performance.now() - startedAt) / 1000)
  process.stderr.write(`${String(elapsed).padStart(5)} s  ${progress}\n`)
}
