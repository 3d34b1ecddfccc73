import { expect, it, vi } from 'vitest'
import { createDispatcher, type Dispatcher, type HookOptions, type Store } from '../../src/index.ts'
import { answer, fakeTransport } from '../dispatch/fake-transport.ts'
import { newLog } from '../dispatch/log.ts'
import { open as openPostgres } from '../stores/postgres-fixture.ts'
import { open as openSqlite } from '../stores/sqlite-fixture.ts'
import { postgresSchema, soon, sqliteFile } from './before.ts'
import { secret } from './hooks.ts'

const patience = { timeout: 15_000, interval: 50 }

/** What the version before left, to be opened again and again. */
const before: Readonly<Record<'SQLite' | 'Postgres', () => Promise<() => Store>>> = {
  SQLite: async () => {
    const path = await sqliteFile(4)
    return () => openSqlite(path)
  },
  Postgres: async () => {
    const schema = await postgresSchema(3)
    return () => openPostgres({ schema })
  },
}

const reasons = {
  audit: [false, 'operator'],
  own: [false, 'gone'],
  paused: [true, 'failing'],
  hook_50ade87df89bf417: [false, 'unwanted'],
  hook_997edd7a34646547: [false, 'gone'],
  hook_9c0ac9806dc77f43: [true, 'failing'],
  hook_dc02cfdda3cc5c13: [true, 'answering'],
}

it.each(['SQLite', 'Postgres'] as const)(
  'states of hooks that the version before left in %s are as they were',
  async (kind) => {
    const store = (await before[kind]())()
    const states = new Map((await store.hookStates()).map((state) => [state.hookId, state]))
    expect(states.size).toBe(12)
    for (const [hookId, [enabled, reason]] of Object.entries(reasons)) {
      const state = states.get(hookId)
      expect(state).toStrictEqual({ hookId, enabled, since: state?.since, reason })
    }
    expect(await store.triggers?.list({}, { limit: 9 })).toHaveLength(3)
  },
)

/** Since 2026-01-01T03:26:40Z, and until an hour after. */
const since = 1_767_238_000_000
const until = since + 3_600_000

it.each(['SQLite', 'Postgres'] as const)(
  'which URL a state is of, and what is to be known of lanes, is in %s as the last version left it, and no hook is named yet',
  async (kind) => {
    const store =
      kind === 'SQLite' ? openSqlite(await sqliteFile(5)) : openPostgres({ schema: await postgresSchema(4) })
    const states = new Map((await store.hookStates()).map((state) => [state.hookId, state]))
    const moved = { hookId: 'moved', enabled: true, since, reason: 'another-url', url: '0efa55ad-1d5' }
    expect(states.get('moved')).toStrictEqual(moved)
    expect(states.get('took')).toStrictEqual({ hookId: 'took', enabled: false, since, reason: 'operator' })
    expect(states.get('audit')).toMatchObject({ enabled: false, reason: 'operator' })
    const pausing = { reason: 'failing', url: '73ddbf9d-0b3' }
    const memory = { url: '73ddbf9d-0b3', closedUntil: until } // lanes of Postgres have their own
    expect(states.get('pausing')).toMatchObject(kind === 'SQLite' ? { ...pausing, memory } : pausing)
    expect(states.size).toBe(kind === 'SQLite' ? 19 : 18)
    expect(await store.hookNames()).toEqual([])
  },
)

it.each(['SQLite', 'Postgres'] as const)(
  'a hook that the version before disabled in %s stays so, until it is given another URL',
  async (kind) => {
    const open = await before[kind]()
    const transport = fakeTransport(() => answer(200))
    const first = { id: 'own', url: 'http://own.hooks.example/deploy?token=t0k3n' }
    const second = { ...first, url: 'http://own.hooks.example/deploy?token=another' }
    let version = 100
    const told = async (hook: HookOptions): Promise<string | undefined> => {
      const store = open()
      const dispatcher: Dispatcher = createDispatcher({
        hooks: [hook],
        secret,
        store,
        now: () => soon,
        logger: newLog(),
        transport,
      })
      const dispatch = await dispatcher.dispatch({ app: 'own', version: (version += 1), user: 'gabrtv' })
      const [delivery] = await dispatch.settled()
      await dispatcher.close()
      await store.close()
      return delivery?.state
    }
    expect(await told(first)).toBe('dead')
    expect(await told(first)).toBe('dead')
    expect(await told(second)).toBe('delivered')
    expect(transport.requests).toHaveLength(1)
  },
)

it('a pause, an open breaker and a pace that the version before left in Postgres are kept to', async () => {
  const store = (await before.Postgres())()
  const hooks = [
    { id: 'paused', url: 'http://paused.hooks.example/deploy' },
    { id: 'paced', url: 'http://paced.hooks.example/deploy', pace: { perSecond: 1 / 3600 } },
  ]
  const transport = fakeTransport(() => answer(200))
  const dispatcher = createDispatcher({
    hooks,
    secret,
    store,
    now: () => soon,
    logger: newLog(),
    transport,
  })
  await vi.waitFor(
    () =>
      expect(dispatcher.hooks()).toMatchObject([
        { pausedUntil: soon + 1_800_000, breaker: { state: 'open' } },
        { waiting: 1 },
      ]),
    patience,
  )
  expect(transport.requests).toEqual([])
  await dispatcher.close()
})
