/**
 * Runs proofs, each in a process of its own, and ends with 1 when one of them does not end with 0.
 *
 *   npm run proofs                                           all of them, whole: hours
 *   npm run proofs -- --quick                                all of them, a minute or so each
 *   npm run proofs -- torture bench --quick                  some, or all of a folder
 *   npm run proofs -- torture/postgres --kills 24 --seed 7   one, with options of its own
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { namesOf, proofs, type Proof } from './catalogue.ts'

const args = process.argv.slice(2)
const firstOption = args.findIndex((arg) => arg.startsWith('-'))
const names = namesOf(firstOption === -1 ? args : args.slice(0, firstOption))
const given = firstOption === -1 ? [] : args.slice(firstOption)
const isQuick = given.includes('--quick')
const options = given.filter((option) => option !== '--quick')
if (options.length > 0 && names.length > 1) {
  throw new RangeError(`Expected one proof for \`${options.join(' ')}\`, got ${names.join(', ')}`)
}

let running: ChildProcess | undefined
let isStopped = false
process.on('SIGINT', stop).on('SIGTERM', stop)

const endings: string[] = []
for (const name of names) {
  if (isStopped) break
  const { script, quick } = proofs[name] as Proof
  if (names.length > 1) process.stdout.write(`\n# ${name}\n\n`)
  const startedAt = performance.now()
  const ending = await run(script, [...((isQuick ? quick?.split(' ') : undefined) ?? []), ...options])
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  endings.push(`${name} ended with ${ending} after ${seconds} s`)
  if (ending !== 0) process.exitCode = 1
}
if (names.length > 1) process.stdout.write(`\n${endings.join('\n')}\n`)

/** @returns its exit code, or the signal that ended it */
async function run(script: string, withOptions: readonly string[]): Promise<number | string> {
  const path = fileURLToPath(new URL(script, import.meta.url))
  running = spawn(process.execPath, [path, ...withOptions], { stdio: 'inherit' })
  const [code, signal] = (await once(running, 'exit')) as [number | null, NodeJS.Signals]
  return code ?? signal
}

/** What runs ends as it does by itself, and nothing more is started. */
function stop(signal: NodeJS.Signals): void {
  isStopped = true
  process.exitCode = 1
  running?.kill(signal)
}
