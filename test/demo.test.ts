import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { differences, type Expectations, type Story } from '../examples/demo/expectation.ts'
import { releaseOfCheckout } from '../examples/demo/release-of-checkout.ts'
import type { Kept } from '../examples/demo/store-file.ts'
import { table } from '../examples/demo/table.ts'
import type { Attempt, Delivery } from '../src/index.ts'
import { createVerifier } from '../src/verify/index.ts'
import { startExample, type ExampleProcess } from './example-process.ts'
import { temporaryFolder } from './stores/temporary.ts'

describe('npm run demo', () => {
  let temporary: string
  let code: number | null
  let output: string
  let lines: readonly string[]

  const start = (folder = temporary): ExampleProcess =>
    startExample('demo/run.ts', { env: { TMPDIR: folder } })
  /** The cells of the table that starts with this header. */
  const tableOf = (...header: readonly string[]): readonly (readonly string[])[] => {
    const cells = lines.map((line) => line.split(/ {2,}/u))
    const first = cells.findIndex((row) => row.join() === header.join())
    return cells.slice(first + 2, first + 6)
  }

  beforeAll(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'deploy-hooks-demo-test-'))
    await using demo = start()
    code = await demo.exited // and every process that it started has ended: they share its output
    output = demo.output
    lines = output.split('\n')
  })

  afterAll(() => rm(temporary, { recursive: true, force: true }))

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

  it('kills the dispatcher half-way, and shows what is in the file then', () => {
    const killed = output.indexOf('kill -9')

    expect(output.slice(killed)).toMatch(/^kill -9 \d+: process 1 is gone/u)
    expect(output.slice(0, killed)).not.toContain('process 2')
    expect(output.slice(killed)).not.toContain('process 1    │')
    const left = tableOf('hook', 'delivery', 'state', 'attempts', 'next attempt')
    expect(left.map(([hook, , state]) => [hook, state])).toEqual([
      ['good', 'delivered'],
      ['flaky', 'waiting'],
      ['wrong-secret', 'waiting'],
      ['down', 'waiting'],
    ])
    expect(left[1]?.slice(3)).toEqual(['0', 'at once: was cut off'])
  })

  it('goes round: a hook fires a trigger, and follows the deployment to its end', () => {
    const said = lines.filter((line) => line.includes('trigger      │'))
    expect(said).toHaveLength(3)
    expect(said[1]).toContain('starts a deployment of shop, branch main')
    expect(said[2]).toMatch(/asked for dep_[\da-f]{4}… until it heard: succeeded$/u)
  })

  it('goes on in a second process, with the deliveries that were left and under their ids', () => {
    expect(output).toMatch(/process 2 +│ goes on with flaky, wrong-secret, down/u)
    const [recorded] = output.match(/(?<=process 1 +│ flaky +)dlv_\w+/u) ?? []
    const [, left] = tableOf('hook', 'delivery', 'state', 'attempts', 'next attempt')[1] ?? []
    expect(left).toBe(`${recorded}…`)
    expect(output.match(/(?<=flaky +│ got ).*/gu)).toEqual([
      `${recorded}…, and does not answer`,
      `${recorded}…, answered 503, Retry-After: 2`,
    ])
  })

  it('ends with a table of what became of each hook, and of who did it', () => {
    const rows = tableOf('hook', 'process 1', 'process 2', 'outcome', 'reason', 'time')
    const attempts = rows.map((row) => row.filter((cell) => /^#|^cut off/u.test(cell)))
    const others = rows.map((row) => row.filter((cell) => !/^#|^cut off/u.test(cell)))

    expect(others).toEqual([
      ['good', 'delivered', 'status-204', expect.stringMatching(/^\d+\.\d\d s$/u)],
      ['flaky', 'delivered', 'status-204', expect.stringMatching(/^(?:[2-9]|\d\d+)\.\d\d s$/u)],
      ['wrong-secret', 'dead (refused)', 'status-401', expect.stringMatching(/ s$/u)],
      ['down', 'dead (exhausted)', 'unreachable (ECONNREFUSED, 3 times)', expect.stringMatching(/ s$/u)],
    ])
    expect(attempts.slice(0, 2)).toEqual([['#1'], ['cut off', '#1 #2']])
    expect(attempts.slice(2).map((cells) => cells.join(' '))).toEqual(['#1 #2 #3', '#1 #2 #3 #4'])
    expect(attempts.slice(2).map((cells) => cells.length)).toEqual([2, 2]) // some by each process
  })

  it('shows the waiting as it happens', () => {
    expect(output).toContain('flaky: attempt 1 failed, status-503; next in 2.00 s')
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

  it('leaves no file behind', async () => {
    expect(await readdir(temporary)).toEqual([])
  })

  it.concurrent('ends with 1 and a sentence when the second dispatcher ends too early', async () => {
    await using folder = await temporaryFolder()
    await using demo = start(folder.path)
    const [, pid] = await demo.line(/started process 2, pid (\d+)/u)

    process.kill(Number(pid), 'SIGKILL')

    expect(await demo.exited).toBe(1)
    expect(demo.output).toMatch(
      /Expected process 2 to tell "settled flaky"; it ended before, with SIGKILL\./u,
    )
    expect(demo.output).not.toContain('As expected')
    expect(await readdir(folder.path)).toEqual([])
  })

  it.concurrent.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGKILL', null],
  ] as const)('leaves no process behind when %s ends it', async (signal, expected) => {
    await using folder = await temporaryFolder()
    await using demo = start(folder.path)
    const [, port] = await demo.line(/good +dlv_\w+… http:\/\/127\.0\.0\.1:(\d+)/u)
    const socket = connect(Number(port), '127.0.0.1')
    await once(socket, 'connect')
    const closed = Promise.withResolvers<void>()
    socket.on('error', () => socket.destroy()) // a reset is as good an end, but once() would reject
    socket.once('close', () => closed.resolve())

    demo.kill(signal)

    expect(await demo.exited).toBe(expected) // the dispatcher has ended too: it shares the demo's output
    await closed.promise
    if (signal !== 'SIGKILL') expect(await readdir(folder.path)).toEqual([])
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
  const attempt: Attempt = {
    deliveryId: 'dlv_1',
    number: 1,
    startedAt: 0,
    endedAt: 1,
    connects: 1,
    timings: { totalMs: 1 },
    status: 204,
    outcome: { kind: 'delivered', reason: 'status-204' },
  }
  const one: Kept = { delivery: delivered, attempts: [attempt] }
  const story: Story = { recorded: { good: 'dlv_1' }, left: [one], kept: [one] }
  const expectations: Expectations = { good: ['delivered', 'delivered', 'status-204', 1] }

  it('has nothing to say about what came as expected', () => {
    expect(differences(expectations, story)).toEqual([])
  })

  it('says what differs, in a sentence for each hook', () => {
    const others: Expectations = {
      good: ['waiting', 'dead (refused)', 'status-401', 3],
      down: ['waiting', 'dead (exhausted)', 'unreachable', 4],
    }

    expect(differences(others, story)).toEqual([
      'Expected good to be waiting at the kill, and dead (refused) by attempt 3, status-401, in the end; ' +
        'got delivered at the kill, and delivered by attempt 1, status-204, in the end.',
      'Expected a delivery for down in the file; it is lost.',
    ])
  })

  it.each<readonly [string, Story, string]>([
    [
      'an id that changed',
      { ...story, recorded: { good: 'dlv_2' } },
      'Expected good to keep its id; got dlv_2, dlv_1.',
    ],
    [
      'an attempt that was lost',
      { ...story, kept: [{ delivery: delivered, attempts: [{ ...attempt, number: 2 }] }] },
      'Expected the attempts for good that process 1 recorded to stay; they changed.',
    ],
    ['a delivery too many', { ...story, kept: [one, one] }, 'Expected 1 deliveries; got 2.'],
  ])('notices %s', (_what, changed, sentence) => {
    expect(differences(expectations, changed)).toEqual([sentence])
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
      'hook          time',
      '────────────  ──────',
      'good          0.12 s',
      'wrong-secret',
    ])
  })
})
