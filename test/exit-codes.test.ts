import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { namesOf, proofs } from '../proofs/catalogue.ts'

const root = new URL('../', import.meta.url)

interface Ended {
  /** `null` when a signal ended it. */
  readonly code: number | null
  readonly output: string
}

/** Runs Node in a process of its own, with nothing of this one's environment but what finds programs. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env
  return new Promise((resolve) => {
    const options = { cwd: fileURLToPath(root), env: { PATH, HOME, NODE_COMPILE_CACHE, ...env } }
    const child = execFile(process.execPath, args, options, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, output: stdout + stderr }),
    )
  })
}

describe.concurrent('npm test', () => {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/exit-codes/vitest.config.ts']

  it('ends with 1 when a test fails', async () => {
    const { code, output } = await run(vitest, { VIOLATED: '1' })
    expect(output).toMatch(/1 failed/u)
    expect(code).toBe(1)
  })

  it('ends with 0 when none does', async () => {
    const { code, output } = await run(vitest)
    expect(output).toMatch(/1 passed/u)
    expect(code).toBe(0)
  })
})

describe.concurrent('a proof with a PostgreSQL server of its own', () => {
  it.each([
    ['well', 0, 'Nothing was lost.'],
    ['violated', 1, 'VIOLATION: one: It is\n'],
    ['throws', 1, 'Error: A part that throws'],
    ['unsettled', 13, 'Nothing was lost.'],
  ])('that is %s ends with %i', async (what, expected, said) => {
    const { code, output } = await run(['test/exit-codes/proof-process.ts', what])
    expect(output).toContain(said)
    expect(code).toBe(expected)
  })
})

describe.concurrent('`npm run proofs`', () => {
  const measuring = new Set(['bench', 'isolation', 'structure', 'moves', 'simulation', 'network'])
  const proving = namesOf([]).filter((name) => !measuring.has(name))

  it('knows what it can run', () => {
    expect(proving).toEqual(['soak', 'properties', ...namesOf(['torture'])])
    expect(namesOf(['torture'])).toHaveLength(8)
    expect(() => namesOf(['bench', 'tortur'])).toThrow('got `tortur`')
  })

  it.each(proving)('ends with 1 when it is violated: %s', async (name) => {
    const { code, output } = await run([`proofs/${proofs[name]?.script}`], { VIOLATED: '1' })
    expect(output).toContain('VIOLATED is set')
    expect(code).toBe(1)
  })

  it.each(['bench', 'isolation', 'network'])('ends with 1 when it cannot: %s', async (name) => {
    const { code, output } = await run(['proofs/run.ts', name, '--only', 'nothing'])
    expect(output).toContain('RangeError: Expected `--only`')
    expect(code).toBe(1)
  })

  it('runs the others too when one fails, and tells how each ended', async () => {
    const { code, output } = await run(['proofs/run.ts', 'torture/news', 'torture/triggers', '--quick'], {
      VIOLATED: '1',
    })
    expect(output).toMatch(/torture\/news ended with 1 after \d+ s\ntorture\/triggers ended with 1/u)
    expect(code).toBe(1)
  })

  it('takes options for one proof alone', async () => {
    const { code, output } = await run(['proofs/run.ts', 'torture', '--kills', '2'])
    expect(output).toContain('Expected one proof for `--kills 2`')
    expect(code).toBe(1)
  })
})
