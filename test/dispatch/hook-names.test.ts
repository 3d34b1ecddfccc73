import { describe, expect, it, onTestFinished } from 'vitest'
import { createDispatcher, memoryStore, type DispatcherOptions, type Store } from '../../src/index.ts'
import { slack } from '../../src/targets/index.ts'
import { open as openPostgres, newSchema } from '../stores/postgres-fixture.ts'
import { open as openSqlite } from '../stores/sqlite-fixture.ts'
import { temporaryFolder } from '../stores/temporary.ts'
import { altered } from '../testing/altered-store.ts'
import { answer, fakeTransport } from './fake-transport.ts'
import { newLog, release, secret, type Log } from './started.ts'

const stores: Readonly<Record<string, () => Promise<Store>>> = {
  memory: async () => memoryStore(),
  SQLite: async () => {
    const folder = await temporaryFolder()
    onTestFinished(() => folder[Symbol.asyncDispose]())
    return openSqlite(folder.file('store.db'))
  },
  Postgres: async () => openPostgres({ schema: newSchema() }),
}

const hooks = [
  'https://one.example:8443/deploy?token=t0k3n',
  { id: 'chat', url: 'https://hooks.slack.com/services/T0/B0/s3cr3t', target: slack() },
]
const names = [
  { hookId: 'chat', shown: 'https://hooks.slack.com/…', target: 'slack', since: 1000 },
  {
    hookId: expect.stringMatching(/^hook_/u),
    shown: 'https://one.example:8443/deploy',
    target: 'deis',
    since: 1000,
  },
]

function start(
  store: Store,
  options: Partial<DispatcherOptions> = {},
): { readonly dispatcher: ReturnType<typeof createDispatcher>; readonly log: Log } {
  const log = newLog()
  const transport = fakeTransport(() => answer(200))
  const dispatcher = createDispatcher({
    hooks,
    secret,
    store,
    transport,
    logger: log,
    now: () => 1000,
    ...options,
  })
  onTestFinished(() => dispatcher.close({ deadlineMs: 0 }))
  return { dispatcher, log }
}

async function namesIn(store: Store): Promise<readonly unknown[]> {
  return (await store.hookNames()).toSorted((one, other) => (one.hookId < other.hookId ? -1 : 1))
}

describe.each(Object.entries(stores))('a worker over a %s store', (_, open) => {
  it('tells it which hooks the ids in it mean: what is shown of their URLs, and their targets', async () => {
    const store = await open()
    const { dispatcher } = start(store)
    await expect.poll(() => namesIn(store), { timeout: 15_000 }).toEqual(names)
    await dispatcher.close()
    const next = start(store, { now: () => 2000 })
    await (await next.dispatcher.dispatch(release)).settled()
    await next.dispatcher.close() // it has named its hooks then
    expect(await namesIn(store)).toEqual(names)
  })
})

describe('which hooks ids mean', () => {
  it('is said by workers alone, from when they are', async () => {
    const store = memoryStore()
    const { dispatcher } = start(store, { workers: false })
    await dispatcher.dispatch(release)
    expect(await namesIn(store)).toEqual([])
    await dispatcher.start()
    await expect.poll(() => namesIn(store)).toEqual(names)
  })

  it('cannot be told: hooks are sent to all the same, and it is logged once', async () => {
    const store = altered(memoryStore(), { nameHooks: () => Promise.reject(new Error('no such table')) })
    const { dispatcher, log } = start(store)
    const deliveries = await (await dispatcher.dispatch(release)).settled()
    expect(deliveries.map(({ state }) => state)).toEqual(['delivered', 'delivered'])
    await dispatcher.close()
    expect(log.lines.filter((line) => line.includes('no such table'))).toHaveLength(1)
  })
})
