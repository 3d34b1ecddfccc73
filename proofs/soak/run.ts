/**
 * Meets every fault of the fault proxy over and over, by every transport, and writes RESULTS.md.
 *
 * `npm run proofs -- soak --times 100 --only reset,black-hole --transport undici` makes a short run. Less than everything writes nothing.
 */
import { writeFile } from 'node:fs/promises'
import os from 'node:os'
import { fileURLToPath } from 'node:url'
import { faultNames } from 'deploy-hooks/testing'
import { format, resolveConfig } from 'prettier'
import { machineFacts, versionsOf } from '../shared/machine.ts'
import { transportNames } from '../shared/transports.ts'
import { isViolatedOnPurpose } from '../shared/parts.ts'
import { defaults, parseArguments } from './arguments.ts'
import { casesOf } from './cases.ts'
import { concurrent, warmUps } from './plan.ts'
import { reportOf } from './report.ts'
import { runTrial, type Trial } from './trial.ts'
import { mostGrowthMb, mostLate, wrongsOf } from './verdict.ts'

/** A process that hangs would hang all of it. */
const longestMs = 60 * 60_000
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))
setTimeout(giveUp, longestMs).unref()

const { times, only, transports } = parseArguments()
const machine = machineFacts()
const startedAt = performance.now()
const trials: Trial[] = []
const wrongs: string[] = isViolatedOnPurpose() ? ['VIOLATED is set'] : []
for (const each of wrongs.length === 0 ? casesOf(only) : []) {
  for (const transport of transports) {
    const about = `${each.name}, ${transport}`
    try {
      const trial = await runTrial(each, transport, times)
      trials.push(trial)
      const found = wrongsOf(trial)
      wrongs.push(...found.map((wrong) => `${about}: ${wrong}`))
      say(`${about}: ${found.length === 0 ? 'right' : found.join('; ')}`)
    } catch (error) {
      wrongs.push(`${about}: ${String(error)}`)
      say(`${about}: ${String(error)}`)
    }
  }
}

const minutes = Math.round((performance.now() - startedAt) / 60_000)
const loadAtEnd = (os.loadavg()[0] ?? 0).toFixed(1)
const results = `
# Soak

Written by \`npm run proofs -- soak\`: every fault of \`startFaultProxy\`, ${times.toLocaleString('en')} times each, ${concurrent} at a time, through the dispatcher. One run of
${minutes} minutes.

${machine}, ${loadAtEnd} at the end. ${await versionsOf(['got', 'undici'])}.

Each line is two new processes, one that sends and one that goes wrong. The first ${warmUps} deliveries are not counted. Memory is what is
resident in the sender, after V8's last-resort collection, more than before: right is less than ${mostGrowthMb} MB. Sockets are those of the sender: idle ones when all is
done, for those whose receiver keeps connections, and none left when the dispatcher is closed. An attempt takes
${Math.round(mostLate * 100)} % of its deadline at most. \`unopened\`: the transport says that the request cannot have arrived.

${reportOf(trials)}
${wrongs.length === 0 ? 'All as it should be' : `Not as it should be:\n\n${wrongs.map((wrong) => `- ${wrong}`).join('\n')}`}
`

const file = fileURLToPath(new URL('RESULTS.md', import.meta.url))
const formatted = await format(results, { ...(await resolveConfig(file)), parser: 'markdown' })
process.stdout.write(formatted)
if (isFull()) await writeFile(file, formatted)
process.exitCode = wrongs.length === 0 ? 0 : 1

function isFull(): boolean {
  return (
    !isViolatedOnPurpose() &&
    times >= defaults.times &&
    faultNames.every((name) => only.includes(name)) &&
    transportNames.every((name) => transports.includes(name))
  )
}

/** Progress goes to stderr: the report alone is on stdout. */
function say(progress: string): void {
  const elapsed = Math.round((performance.now() - startedAt) / 1000)
  process.stderr.write(`${String(elapsed).padStart(5)} s  ${progress}\n`)
}

function giveUp(): void {
  process.stdout.write('It took over an hour\n')
  process.exit(1)
}
