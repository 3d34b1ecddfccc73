import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createDispatcher, memoryStore, type DispatcherOptions } from '../../src/index.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import { temporaryFolder } from '../stores/temporary.ts'
import { answer, fakeTransport, type FakeTransport } from './fake-transport.ts'
import { newLog, release, secret, type Log } from './started.ts'

const url = 'http://one.example/deploy?token=planted'

function start(
  transport: FakeTransport,
  options: Partial<DispatcherOptions> = {},
): { readonly dispatcher: ReturnType<typeof createDispatcher>; readonly log: Log } {
  const log = newLog()
  const dispatcher = createDispatcher({
    hooks: [{ url, id: 'one' }],
    secret,
    transport,
    logger: log,
    random: () => 0.5,
    ...options,
  })
  onTestFinished(() => dispatcher.close({ deadlineMs: 0 }))
  return { dispatcher, log }
}

function linesOf({ lines }: Log, start: string): readonly Record<string, unknown>[] {
  return lines
    .filter((line) => line.startsWith(start))
    .map((line) => JSON.parse(line.slice(line.lastIndexOf(' {') + 1)) as Record<string, unknown>)
}

describe('a dead delivery', () => {
  it('is logged with all that an operator asks first, and no secret', async () => {
    const transport = fakeTransport(() => answer(422, undefined, '\n  unknown suite planted\nmore'))
    const { dispatcher, log } = start(transport, {
      hooks: [{ url, id: 'one', after: 'failed' }],
      retry: { refusedAttempts: 1 },
    })
    const facts = { ...release, environment: 'staging', stage: 'failed' as const }
    const [delivery] = await (await dispatcher.dispatch(facts)).settled()
    expect(linesOf(log, 'A delivery is dead')).toEqual([
      {
        app: 'web',
        version: 'v4',
        environment: 'staging',
        stage: 'failed',
        hookId: 'one',
        url: 'http://one.example/deploy',
        target: 'deis',
        deliveryId: delivery?.id,
        attempts: 1,
        reason: 'status-422',
        verdict: 'refused',
        status: 422,
        said: 'unknown suite [masked]',
      },
    ])
  })
})

describe('a receiver that is down', () => {
  it('is logged when that begins, once, and when it is well again', async () => {
    let status = 503
    let ahead = 0
    const transport = fakeTransport(() => answer(status, undefined, ''))
    const { dispatcher, log } = start(transport, {
      now: () => Date.now() + ahead,
      retry: { delaysMs: [1] },
      breaker: false,
    })
    const dispatch = async (version: number): Promise<void> => {
      ahead += 10
      await (await dispatcher.dispatch({ ...release, version })).settled()
    }
    await dispatch(1)
    await dispatch(2)
    const down = linesOf(log, 'A receiver is down')
    expect(down).toEqual([
      { hookId: 'one', url: 'http://one.example/deploy', target: 'deis', reason: 'status-503', status: 503 },
    ])
    status = 204
    await dispatch(3)
    expect(linesOf(log, 'A receiver that was down')).toMatchObject([{ hookId: 'one' }])
    await dispatch(4)
    expect(linesOf(log, 'A receiver that was down')).toHaveLength(1)
  })

  it('is none that only refuses a release', async () => {
    const transport = fakeTransport(() => answer(422))
    const { dispatcher, log } = start(transport, { retry: { refusedAttempts: 1 } })
    await (await dispatcher.dispatch(release)).settled()
    expect(linesOf(log, 'A receiver is down')).toEqual([])
  })

  it('is told of once a minute when it comes and goes', async () => {
    let status = 204
    let ahead = 0
    const transport = fakeTransport(() => answer(status, undefined, ''))
    const { dispatcher, log } = start(transport, {
      now: () => Date.now() + ahead,
      retry: { delaysMs: [1] },
      breaker: false,
    })
    for (let version = 1; version <= 20; version += 1) {
      status = version % 2 === 0 ? 204 : 500
      ahead += 7000
      await (await dispatcher.dispatch({ ...release, version })).settled()
    }
    expect(linesOf(log, 'A receiver is down')).toHaveLength(2)
    expect(linesOf(log, 'A receiver that was down')).toHaveLength(2)
  })
})

describe('a dispatcher over a memory store that is closed', () => {
  const failing = (): FakeTransport => fakeTransport(() => answer(503))

  it('warns of what is lost with the process', async () => {
    const { dispatcher, log } = start(failing())
    await dispatcher.dispatch({ ...release, version: 1 })
    await dispatcher.dispatch({ ...release, version: 2 })
    await dispatcher.close()
    expect(linesOf(log, 'The dispatcher is closed')).toEqual([{ deliveries: 2, hooks: ['one'] }])
  })

  it('says nothing when nothing is left', async () => {
    const { dispatcher, log } = start(fakeTransport(() => answer(204)))
    await dispatcher.dispatch(release)
    await dispatcher.close()
    expect(log.lines).toEqual([])
  })

  it('says nothing of what a durable store keeps', async () => {
    const folder = await temporaryFolder()
    onTestFinished(() => folder[Symbol.asyncDispose]())
    const store = sqliteStore({ path: folder.file('a.db') })
    const { dispatcher, log } = start(failing(), { store })
    await dispatcher.dispatch(release)
    await dispatcher.close()
    await store.close()
    expect(linesOf(log, 'The dispatcher is closed')).toEqual([])
  })
})

describe('a release that no hook wants', () => {
  it('is warned about, once', async () => {
    const { dispatcher, log } = start(
      fakeTransport(() => answer(204)),
      { hooks: [{ url, id: 'one', apps: ['other'] }] },
    )
    for (const version of [1, 2]) await dispatcher.dispatch({ ...release, version })
    expect(log.lines).toHaveLength(1)
    expect(log.lines[0]).toMatch(/no hook wants.*"stage":"released"/u)
  })

  it('is told apart from one of a dispatcher without a hook', async () => {
    const { dispatcher, log } = start(
      fakeTransport(() => answer(204)),
      { hooks: [] },
    )
    await dispatcher.dispatch(release)
    expect(log.lines[0]).toMatch(/there is no hook/u)
  })
})

describe('a process that only looks', () => {
  it('lists, sends nothing, and waits for what another process sends', async () => {
    const folder = await temporaryFolder()
    onTestFinished(() => folder[Symbol.asyncDispose]())
    const path = folder.file('a.db')
    const store = sqliteStore({ path })
    onTestFinished(() => store.close())
    const { dispatcher } = start(
      fakeTransport(() => answer(503)),
      { store, retry: { delaysMs: [3_600_000] } },
    )
    await dispatcher.dispatch(release)
    await expect.poll(() => store.counts()).toMatchObject([{ state: 'waiting', count: 1 }])
    await dispatcher.close()
    const looking = spawn(process.execPath, [
      fileURLToPath(new URL('looking-process.ts', import.meta.url)),
      path,
    ])
    let said = ''
    looking.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
    looking.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    await expect.poll(() => said).toContain('asked')
    const other = start(
      fakeTransport(() => answer(204)),
      { store },
    )
    expect(await once(looking, 'exit')).toEqual([0, null])
    expect(said).toBe('waiting 1\nasked\ndelivered\n')
    await other.dispatcher.close()
  })
})

describe('closing with a durable store', () => {
  it('waits for no pace: what has not begun is left to whoever comes next', async () => {
    const folder = await temporaryFolder()
    onTestFinished(() => folder[Symbol.asyncDispose]())
    const store = sqliteStore({ path: folder.file('a.db') })
    const { dispatcher, log } = start(
      fakeTransport(() => answer(204)),
      { store, hooks: [{ url, id: 'one', pace: { perSecond: 1 / 3600 } }] },
    )
    for (const version of [1, 2, 3]) await dispatcher.dispatch({ ...release, version })
    await dispatcher.close({ deadlineMs: 3_600_000 }) // it would come to that
    expect(log.lines).toEqual([])
    expect(await store.counts()).toEqual(
      expect.arrayContaining([
        { hookId: 'one', state: 'delivered', count: 1 },
        { hookId: 'one', state: 'waiting', count: 2 },
      ]),
    )
    expect(await store.claim({ hooks: new Map([['one', 9]]), now: Date.now(), until: 1 })).toHaveLength(2)
    await store.close()
  })

  it('has a memory store send them first', async () => {
    const store = memoryStore()
    const { dispatcher } = start(
      fakeTransport(() => answer(204)),
      { store, hooks: [{ url, id: 'one', pace: { perSecond: 20 } }] },
    )
    for (const version of [1, 2, 3]) await dispatcher.dispatch({ ...release, version })
    await dispatcher.close()
    expect(await store.counts()).toEqual([{ hookId: 'one', state: 'delivered', count: 3 }])
  })
})
