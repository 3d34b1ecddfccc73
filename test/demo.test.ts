import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { differences } from '../examples/demo/expectation.ts'
import { releaseOfCheckout } from '../examples/demo/release-of-checkout.ts'
import { table } from '../examples/demo/table.ts'
import type { Delivery } from '../src/index.ts'
import { createVerifier } from '../src/verify/index.ts'
import { startExample } from './example-process.ts'

describe('npm run demo', () => {
  let code: number | null
  let output: string
  let lines: readonly string[]

  beforeAll(async () => {
    await using demo = startExample('demo/run.ts')
    code = await demo.exited
    output = demo.output
    lines = output.split('\n')
  })

  it('ends with 0, having said that all came as expected', () => {
    expect(output).toMatch(/^As expected: /mu)
    expect(code).toBe(0)
  })

  it('releases this checkout', async () => {
    const { app, version } = await releaseOfCheckout(join(import.meta.dirname, '..'))

    expect(output).toContain(`released ${app} ${version} to 4 hooks`)
    expect(output).toMatch(/good +│ verified: deploy-hooks /u)
    expect(output).toMatch(/flaky +│ verified: deploy-hooks /u)
  })

  it('ends with a table of what became of each hook', () => {
    const rows = lines.slice(lines.findIndex((line) => line.startsWith('hook ')))

    expect(rows.map((row) => row.split(/ {2,}/u)).slice(0, 6)).toEqual([
      ['hook', 'attempts', 'outcome', 'reason', 'time'],
      Array.from({ length: 5 }, () => expect.stringMatching(/^─+$/u)),
      ['good', '1', 'delivered', 'status-204', expect.stringMatching(/^\d+\.\d\d s$/u)],
      ['flaky', '3', 'delivered', 'status-204', expect.stringMatching(/^[2-9]\.\d\d s$/u)],
      ['wrong-secret', '3', 'dead (refused)', 'status-401', expect.stringMatching(/ s$/u)],
      ['down', '4', 'dead (exhausted)', 'unreachable (ECONNREFUSED, 3 times)', expect.stringMatching(/ s$/u)],
    ])
  })

  it('shows the waiting as it happens', () => {
    expect(output.match(/flaky +│ answered 503, Retry-After: 1/gu)).toHaveLength(2)
    expect(output).toMatch(/flaky: attempt 1 failed, status-503; next in 1\.\d\d s/u)
    expect(output).toMatch(/down: attempt 3 failed, unreachable \(ECONNREFUSED, 3 times\); next in/u)
    expect(output).toContain('down: dead (exhausted) after 4 attempts, unreachable')
  })

  it('explains the wrong secret in the words of explain()', () => {
    const url = 'http://127.0.0.1/hooks/deploy'
    const headers = { host: '127.0.0.1', authorization: '0'.repeat(64) }
    const { message } = createVerifier({ url, secret: 'another' }).explain({
      url: '/hooks/deploy?app=web&release=v4&release_summary=none&sha=&user=gabrtv',
      headers,
    })
    const [verdict = '', advice = ''] = message.split('\n')
    const said = lines
      .filter((line) => line.includes(' wrong-secret │ '))
      .map((line) => line.split('│ ')[1]?.trim())
      .join(' ')

    expect(said).toContain('refused with 401 signature_mismatch; explain() says:')
    expect(said).toContain(verdict)
    expect(said).toContain(advice)
  })

  it('shows no secret and no signature', () => {
    expect(output).not.toMatch(/[0-9a-f]{32}/iu)
  })

  it('fits 100 columns, without colours for what is no terminal', () => {
    expect(lines.filter((line) => line.length > 100)).toEqual([])
    expect(output).not.toContain('\u{1B}')
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGKILL', null],
  ] as const)('leaves no receiver behind when %s ends it', async (signal, expected) => {
    await using demo = startExample('demo/run.ts')
    const [, port] = await demo.line(/good +http:\/\/127\.0\.0\.1:(\d+)/u)
    const socket = connect(Number(port), '127.0.0.1')
    await once(socket, 'connect')
    const closed = Promise.withResolvers<void>()
    socket.on('error', () => socket.destroy()) // a reset is as good an end, but once() would reject
    socket.once('close', () => closed.resolve())

    demo.kill(signal)

    expect(await demo.exited).toBe(expected)
    await closed.promise
  })
})

describe('releaseOfCheckout', () => {
  const execute = promisify(execFile)
  let folder: string

  const git = async (...args: readonly string[]): Promise<string> => {
    const identity = ['-c', 'user.name=Ada Lovelace', '-c', 'user.email=ada@example.com']
    const { stdout } = await execute('git', [...identity, ...args], { cwd: folder })
    return stdout.trim()
  }
  const writePackage = (facts: Readonly<Record<string, unknown>> = {}, inside = folder): Promise<void> =>
    writeFile(join(inside, 'package.json'), JSON.stringify({ name: 'web', version: '1.0.0', ...facts }))

  beforeEach(async () => {
    const parent = await realpath(tmpdir()) // git compares real paths
    folder = await mkdtemp(join(parent, 'deploy-hooks-checkout-'))
    vi.stubEnv('GIT_CEILING_DIRECTORIES', parent)
    vi.stubEnv('GIT_CONFIG_GLOBAL', '/dev/null')
    vi.stubEnv('GIT_CONFIG_SYSTEM', '/dev/null')
    vi.stubEnv('GIT_DIR', undefined) // set while a git hook runs these tests
    vi.stubEnv('GIT_INDEX_FILE', undefined)
    await writePackage()
  })

  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true, force: true })
  })

  it('takes commit, author and newest tag from git', async () => {
    await git('init')
    await git('add', 'package.json')
    await git('commit', '-m', 'one')
    await git('tag', 'v1.1.0')
    await git('commit', '--allow-empty', '-m', 'two')
    await git('tag', '-a', 'v1.2.0', '-m', 'annotated')
    await git('commit', '--allow-empty', '-m', 'three')

    expect(await releaseOfCheckout(folder)).toEqual({
      app: 'web',
      version: 'v1.2.0',
      user: 'Ada Lovelace',
      sha: await git('rev-parse', 'HEAD'),
    })
  })

  it('takes the version from package.json in a checkout without tags', async () => {
    await git('init')
    await git('add', 'package.json')
    await git('commit', '-m', 'one')

    expect(await releaseOfCheckout(folder)).toMatchObject({ version: '1.0.0', user: 'Ada Lovelace' })
  })

  it('takes everything from package.json where there is no checkout', async () => {
    await writePackage({ author: 'Grace Hopper <grace@example.com> (https://example.com)' })

    expect(await releaseOfCheckout(folder)).toEqual({ app: 'web', version: '1.0.0', user: 'Grace Hopper' })
  })

  it('calls the user package where package.json names no author', async () => {
    expect(await releaseOfCheckout(folder)).toEqual({ app: 'web', version: '1.0.0', user: 'package' })
  })

  it('takes everything from package.json where there is no git', async () => {
    vi.stubEnv('PATH', folder)

    expect(await releaseOfCheckout(folder)).toEqual({ app: 'web', version: '1.0.0', user: 'package' })
  })

  it('takes nothing from the checkout of somebody else that the package lies in', async () => {
    await git('init')
    await git('commit', '--allow-empty', '-m', 'theirs')
    const inside = join(folder, 'node_modules')
    await mkdir(inside)
    await writePackage({ author: { name: 'Grace Hopper' } }, inside)

    expect(await releaseOfCheckout(inside)).toEqual({ app: 'web', version: '1.0.0', user: 'Grace Hopper' })
  })
})

describe('differences', () => {
  const delivered: Delivery = {
    id: 'dlv_1',
    hookId: 'good',
    release: { app: 'web', version: 'v4', user: 'gabrtv', summary: 'gabrtv deployed v4' },
    state: 'delivered',
    attempts: 1,
    recordedAt: 0,
    outcome: { kind: 'delivered', reason: 'status-204' },
    settledAt: 1,
  }

  it('has nothing to say about what came as expected', () => {
    expect(differences({ good: ['delivered', 'status-204'] }, [delivered])).toEqual([])
  })

  it('says what differs, in a sentence for each hook', () => {
    const expectations = {
      good: ['dead (refused)', 'status-401'],
      down: ['delivered', 'status-204'],
    } as const

    expect(differences(expectations, [delivered])).toEqual([
      'Expected good to be dead (refused), status-401; got delivered, status-204.',
      'Expected down to be delivered, status-204; got no delivery.',
    ])
  })
})

describe('table', () => {
  it('lines columns up under an underlined header', () => {
    const rows = [
      ['hook', 'time'],
      ['good', '0.12 s'],
      ['wrong-secret', ''],
    ]

    expect(table(rows)).toEqual([
      'hook           time',
      '────────────   ──────',
      'good           0.12 s',
      'wrong-secret',
    ])
  })
})
