/**
 * Tries the properties of the tests more often than they do: `npm run proofs -- properties --times 50 --only verify,signing`. A property that
 * does not hold is told with its seed and the smallest case, as in the tests.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { wholeNumber } from '../shared/argument-values.ts'
import { isViolatedOnPurpose } from '../shared/parts.ts'

/** Of one test, which takes a second or so in the tests. */
const longestMs = 60 * 60_000

const { values } = parseArgs({
  options: { times: { type: 'string', default: '10' }, only: { type: 'string', default: '' } },
})
const times = wholeNumber('times', values.times)
const only = values.only.split(',')

const cwd = fileURLToPath(new URL('../../', import.meta.url))
const files = globSync('test/**/*.test.ts', { cwd })
  .filter((file) => only.some((part) => file.includes(part)))
  .filter((file) => readFileSync(cwd + file, 'utf8').includes('runs('))
if (files.length === 0)
  throw new RangeError(`Expected \`--only\` to name files of tests, got \`${values.only}\``)

if (isViolatedOnPurpose()) {
  process.stdout.write('VIOLATED is set\n')
  process.exitCode = 1
} else {
  const args = ['node_modules/vitest/vitest.mjs', 'run', `--testTimeout=${longestMs}`, ...files]
  const env = { ...process.env, RUNS: String(times) }
  const child = spawn(process.execPath, args, { cwd, env, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal))
  const [code] = (await once(child, 'exit')) as [number | null]
  process.exitCode = code ?? 1
}
