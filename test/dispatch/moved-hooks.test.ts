import { hash } from 'node:crypto'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { memoryStore, type Delivery, type NewDelivery, type Store } from '../../src/index.ts'
import { altered } from '../testing/altered-store.ts'
import { answer, fakeTransport, type FakeTransport } from './fake-transport.ts'
import { newLog, start } from './started.ts'
import { stores } from './stores.ts'

const url = 'https://hooks.example.com/deploy?key=481516'
const hooks = [url]
/** What the versions before called the hook. */
const formerId = `hook_${hash('sha256', url, 'hex').slice(0, 16)}`
const release = { app: 'web', version: 'v4', user: 'gabrtv', summary: 'gabrtv deployed v4' }

const ok = (): FakeTransport => fakeTransport(() => answer(204))

/** As the version before has recorded it. */
function former(id: string, facts: Partial<NewDelivery> = {}): NewDelivery {
  return { id, hookId: formerId, release, recordedAt: 1000, dueAt: 1000, ...facts }
}

async function idsOf(deliveries: AsyncIterable<Delivery>): Promise<readonly string[]> {
  const ids: string[] = []
  for await (const { id } of deliveries) ids.push(id)
  return ids
}

async function hookIdsIn(store: Store): Promise<readonly string[]> {
  const { deliveries } = await store.list({}, { limit: 1000 })
  return [...new Set(deliveries.map(({ hookId }) => hookId))]
}

describe.each(Object.entries(stores))('what %s has under the former id of a hook', (_, opening) => {
  it('is sent by its new one, and what became final is found by it', async () => {
    const open = await opening()
    const store = open()
    await store.record([former('dlv_1'), former('dlv_2', { dueAt: undefined })], 1001)
    const [claim] = await store.claim({ hooks: new Map([[formerId, 9]]), now: 2000, until: 3000 })
    await store.end(claim as never, { kind: 'dead', reason: 'status-410', verdict: 'gone' }, 2500)
    const sent = ok()
    const dispatcher = start(sent, { hooks, store: open() })
    const [hook] = dispatcher.hooks()
    await expect.poll(() => sent.requests.length).toBe(1)
    await expect.poll(() => hookIdsIn(store)).toEqual([hook?.id])
    expect(await idsOf(dispatcher.deliveries({ hook: hook?.id }))).toEqual(['dlv_1', 'dlv_2'])
    const { ids } = await dispatcher.replay({ state: 'dead' })
    expect(ids).toHaveLength(1)
  })

  it('is sent when a process of the version before lets go of it later', async () => {
    const open = await opening()
    const store = open()
    await store.record([former('dlv_1', { dueAt: undefined })], Date.now() + 600_000)
    let skipped = 0
    const sent = ok()
    const dispatcher = start(sent, { hooks, store: open(), now: () => Date.now() + skipped })
    await dispatcher.start()
    skipped = 700_000 // its lease has ended, and it is time to look again
    await expect.poll(() => sent.requests.length, { timeout: 25_000 }).toBe(1)
  })

  it('keeps the hook disabled: nothing is sent to it', async () => {
    const open = await opening()
    const store = open()
    await store.setHookStates([{ hookId: formerId, enabled: false, since: 1000, reason: 'gone' }])
    await store.record([former('dlv_1')], 1001)
    const sent = ok()
    const dispatcher = start(sent, { hooks, store: open() })
    await expect
      .poll(async () => (await store.get(['dlv_1']))[0]?.outcome)
      .toMatchObject({ reason: 'hook-disabled' })
    expect(dispatcher.hooks()[0]?.disabled).toEqual({ since: 1000, reason: 'gone' })
    const [hook] = dispatcher.hooks()
    expect((await store.hookStates()).map(({ hookId }) => hookId)).toEqual([hook?.id])
    expect(sent.requests).toEqual([])
  })

  it('stays where a process only records, and is another’s when that was given the id', async () => {
    const open = await opening()
    const store = open()
    await store.record([former('dlv_1', { dueAt: 9e12 })], 1001)
    const recorder = start(ok(), { hooks, store: open(), workers: false })
    await recorder.dispatch({ ...release, version: 'v5' })
    const given = start(ok(), { hooks: [{ url, id: formerId }], store: open() })
    await given.start()
    await given.dispatch({ ...release, version: 'v6' })
    expect((await store.get(['dlv_1']))[0]?.hookId).toBe(formerId)
    expect(await idsOf(given.deliveries({ hook: formerId }))).toHaveLength(2)
  })
})

describe('while hooks are moved', () => {
  const second = 'https://hooks.example.com/second?key=234200'
  const formerSecond = `hook_${hash('sha256', second, 'hex').slice(0, 16)}`

  it('nothing is sent before their states are, however long that takes', async () => {
    const memory = memoryStore()
    await memory.setHookStates([{ hookId: formerId, enabled: false, since: 1000, reason: 'gone' }])
    const gate = Promise.withResolvers<void>()
    const asked: string[] = []
    const store = altered(memory, {
      moveHooks: async (...given) => {
        await gate.promise
        asked.push('moveHooks')
        return memory.moveHooks(...given)
      },
      hookStates: () => {
        asked.push('hookStates')
        return memory.hookStates()
      },
    })
    const sent = ok()
    const dispatcher = start(sent, { hooks, store })
    const dispatched = dispatcher.dispatch(release)
    await new Promise(setImmediate)
    gate.resolve()
    expect(await (await dispatched).settled()).toMatchObject([{ outcome: { reason: 'hook-disabled' } }])
    expect(asked.slice(0, 2)).toEqual(['moveHooks', 'hookStates'])
    expect(sent.requests).toEqual([])
  })

  it('what a worker remembered of a lane goes along, and counts', async () => {
    const open = await stores['Postgres']?.()
    const before = open?.()
    let now = Date.now()
    const common = { breaker: { minimum: 1, openMs: 600_000 }, retry: { delaysMs: [] }, now: () => now }
    const failing = fakeTransport(() => answer(500))
    const old = start(failing, { ...common, hooks: [{ url, id: formerId }], store: before })
    await (await old.dispatch(release)).settled()
    expect(old.hooks()[0]?.breaker?.state).toBe('open')
    await old.close()
    const sent = ok()
    const dispatcher = start(sent, { ...common, hooks, store: open?.() })
    await dispatcher.start()
    await expect.poll(() => dispatcher.hooks()[0]?.breaker?.state).toBe('open')
    now += 1000
    await dispatcher.dispatch({ ...release, version: 'v5' })
    expect(sent.requests).toEqual([])
  })

  it('no beat is waited for: what is moved later is sent when it is', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const store = memoryStore()
    const later = Array.from({ length: 1200 }, (_, index) => former(`dlv_${index}`, { dueAt: 9e12 }))
    await store.record([...later, former('last', { hookId: formerSecond })], 1001)
    const sent = Promise.withResolvers<string>()
    const transport = fakeTransport(({ headers }) => {
      sent.resolve(headers['idempotency-key'] ?? '')
      return answer(204)
    })
    start(transport, { hooks: [url, second], store })
    expect(await sent.promise).toContain('last') // of which vi.waitFor and expect.poll would move the beat on
  })
})

describe('a former id', () => {
  it('is shown to nobody, also while it is in the store', async () => {
    const memory = memoryStore()
    await memory.record([former('dlv_1', { dueAt: 9e12 }), former('dlv_2', { dueAt: undefined })], 9e12)
    await memory.setHookStates([{ hookId: formerId, enabled: true, since: 1, reason: 'failing' }])
    // Nothing can be moved for now.
    const store = altered(memory, { moveHooks: async () => ({ moved: 0 }) })
    const log = newLog()
    const dispatcher = start(ok(), { hooks, store, logger: log })
    const [hook] = dispatcher.hooks()
    const shown: unknown[] = [dispatcher.hooks(), await dispatcher.check(), await dispatcher.counts()]
    for await (const delivery of dispatcher.deliveries()) shown.push(delivery)
    const { ids, settled } = await dispatcher.replay('dlv_1')
    shown.push(ids)
    const closing = dispatcher.close()
    shown.push(await settled(), log.lines)
    await closing
    expect(await dispatcher.counts()).toEqual([{ hookId: hook?.id, state: 'waiting', count: 2 }])
    expect(JSON.stringify(shown)).toContain(hook?.id)
    expect(JSON.stringify(shown)).not.toContain(formerId)
  })

  it('goes along with what is told, for the store to find what the version before has told', async () => {
    const store = memoryStore()
    const telling: unknown[] = []
    const asked = altered(store, {
      tell: (given, until) => {
        telling.push(given)
        return store.tell(given, until)
      },
    })
    const dispatcher = start(ok(), { hooks, store: asked })
    await dispatcher.dispatch(release)
    expect(telling).toMatchObject([{ hooks: [{ hookId: dispatcher.hooks()[0]?.id, formerId }] }])
  })
})
