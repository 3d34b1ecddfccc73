import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = new URL('../', import.meta.url)
const { scripts } = JSON.parse(await readFile(new URL('package.json', root), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>
}

interface Ended {
  /** `null` when a signal ended it. */
  readonly code: number | null
  readonly output: string
}

/** Runs Node in a process of its own, with nothing of this one's environment but what finds programs. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const { PATH = '', HOME = '' } = process.env
  return new Promise((resolve) => {
    const options = { cwd: fileURLToPath(root), env: { PATH, HOME, ...env } }
    const child = execFile(process.execPath, args, options, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, output: stdout + stderr }),
    )
  })
}

/** What `npm run` starts, after the build. */
function commandOf(script: string): readonly string[] {
  return (/ node (.+)$/u.exec(` ${scripts[script] ?? ''}`)?.[1] ?? '').split(' ')
}

describe.concurrent('npm test', { timeout: 120_000 }, () => {
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

describe.concurrent('a proof with a PostgreSQL server of its own', { timeout: 120_000 }, () => {
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

describe.concurrent('every command that proves something', { timeout: 120_000 }, () => {
  const proofs = Object.keys(scripts).filter((script) => /^(?:torture|soak)/u.test(script))

  it('is known', () => {
    expect(proofs).toEqual([
      'soak',
      'torture',
      'torture:files',
      'torture:postgres',
      'torture:disk',
      'torture:commit',
      'torture:upgrade',
      'torture:news',
      'torture:triggers',
    ])
  })

  it.each(proofs)('ends with 1 when it is violated: %s', async (script) => {
    const { code, output } = await run(commandOf(script), { VIOLATED: '1' })
    expect(output).toContain('VIOLATED is set')
    expect(code).toBe(1)
  })
})

describe.concurrent('every command that measures something', { timeout: 120_000 }, () => {
  it.each(['bench', 'isolation'])('ends with 1 when it cannot: %s', async (script) => {
    const { code, output } = await run([...commandOf(script), '--only', 'nothing'])
    expect(output).toContain('RangeError: Expected `--only`')
    expect(code).toBe(1)
  })
})
