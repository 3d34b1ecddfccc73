import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { nextDueAt } from '../../src/testing/store/steps.ts'
import { memoryStore, parseRelease, type Delivery, type Store } from '../../src/index.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import { temporaryFolder } from '../stores/temporary.ts'
import { altered } from '../testing/altered-store.ts'
import { answer, fakeTransport, never, type FakeTransport } from './fake-transport.ts'
import { newLog, release, start } from './started.ts'
import { stores } from './stores.ts'

const accepting = (): FakeTransport => fakeTransport(() => answer(200))
/** Deliveries of one hook that a dispatcher holds in memory at most. */
const mostHeld = 256

const broken = new Error('disk full')

/** A memory store of which methods fail while they are named in `faults`. */
function unreliable(): { readonly store: Store; readonly faults: Set<string> } {
  const faults = new Set<string>()
  const store = new Proxy(memoryStore(), {
    get(target, name: keyof Store) {
      const member = target[name]
      if (typeof member !== 'function') return member
      return (...args: never[]) =>
        faults.has(name)
          ? Promise.reject(broken)
          : (member as (...given: never[]) => unknown).apply(target, args)
    },
  })
  return { store, faults }
}

async function statesOf(store: Store): Promise<Record<string, number>> {
  return Object.fromEntries((await store.counts()).map(({ state, count }) => [state, count]))
}

describe.each(Object.entries(stores))('with a %s store', (_name, open) => {
  it('what an earlier dispatcher left goes on without a new release, under the same id', async () => {
    const another = await open()
    const transport = fakeTransport(() => never)
    const first = start(transport, { store: another() })
    const { deliveries } = await first.dispatch(release)
    await vi.waitFor(() => expect(transport.pending).toBe(1))
    await first.close({ deadlineMs: 0 })
    const next = accepting()
    const told = Promise.withResolvers<Delivery>()
    start(next, { store: another() }).on('delivered', ({ delivery }) => told.resolve(delivery))
    expect(await told.promise).toMatchObject({ id: deliveries[0]?.id, attempts: 1 })
    const [before, after] = [transport, next].map(({ requests }) => requests[0])
    expect([after?.url, after?.headers]).toEqual([before?.url, before?.headers])
  })

  it('a hook whose receiver hangs holds so many deliveries in memory, and the others wait in the store', async () => {
    const another = await open()
    const store = another()
    const gate = Promise.withResolvers<ReturnType<typeof answer>>()
    const transport = fakeTransport(() => gate.promise)
    const dispatcher = start(transport, { store })
    for (let version = 1; version <= mostHeld + 100; version += 1)
      await dispatcher.dispatch({ ...release, version })
    await vi.waitFor(() => expect(transport.pending).toBe(4))
    const [hook = ''] = (await store.counts()).map(({ hookId }) => hookId)
    const others = await store.claim({
      hooks: new Map([[hook, 1000]]),
      now: Date.now(),
      until: Date.now() + 1e6,
    })
    expect(others).toHaveLength(100)
    await store.release(others)

    gate.resolve(answer(200))
    await vi.waitFor(async () => expect(await statesOf(store)).toEqual({ delivered: mostHeld + 100 }), 3000)
    const versions = transport.requests.map(({ url }) => new URL(url).searchParams.get('release'))
    expect(new Set(versions).size).toBe(mostHeld + 100)
    expect(versions).toHaveLength(mostHeld + 100)
  })

  it('two dispatchers send a delivery once, and both hear that it is settled', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const another = await open()
    const transports = [accepting(), accepting()]
    const dispatchers = transports.map((transport) => start(transport, { store: another() }))
    const versions = Array.from({ length: 50 }, (_, index) => index + 1)
    const dispatches = await Promise.all(
      versions.flatMap((version) =>
        dispatchers.map((dispatcher) => dispatcher.dispatch({ ...release, app: `web-${version}` })),
      ),
    )
    const settled = Promise.all(dispatches.map((dispatch) => dispatch.settled()))
    const beat = setTimeout(function again() {
      vi.advanceTimersByTime(5000)
      beat.refresh()
    }, 10)
    expect((await settled).flat().every((delivery) => delivery.state === 'delivered')).toBe(true)
    clearTimeout(beat)
    expect(transports.reduce((sum, { requests }) => sum + requests.length, 0)).toBe(50)
  })
})

it('the store is not asked again and again for a hook that has no room', async () => {
  const store = memoryStore()
  const dueAt = Date.now()
  const ids = Array.from({ length: mostHeld + 100 }, (_, index) => `dlv_${index}`)
  const facts = { hookId: 'one', release: parseRelease(release), recordedAt: dueAt, dueAt }
  await store.record(
    ids.map((id) => ({ id, ...facts })),
    dueAt,
  )
  const claim = vi.spyOn(store, 'claim')
  const transport = fakeTransport(() => never)
  start(transport, { store, hooks: [{ url: 'http://one.example/', id: 'one' }] })
  await vi.waitFor(() => expect(transport.pending).toBe(4))
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(claim.mock.calls.length).toBeLessThan(5)
})

it('a delivery that is claimed again before it is heard that it was settled is sent again then', async () => {
  const inner = memoryStore()
  const told = Promise.withResolvers<void>()
  const applied = Promise.withResolvers<void>()
  const store = altered(inner, {
    settle: async (...args) => {
      const delivery = await inner.settle(...args)
      applied.resolve()
      await told.promise
      return delivery
    },
  })
  const transport = fakeTransport((_request, index) => answer(index === 0 ? 503 : 200))
  const dispatcher = start(transport, { store, retry: { delaysMs: [60_000] } })
  const dispatch = await dispatcher.dispatch(release)
  await applied.promise
  const claim = vi.spyOn(inner, 'claim')
  await dispatcher.replay(dispatch.deliveries[0]?.id ?? '') // due at once, and claimed while the answer is on its way
  await vi.waitFor(() => expect(claim).toHaveBeenCalled())
  await Promise.all(claim.mock.results.map(({ value }) => value as Promise<unknown>))
  told.resolve()
  expect(await dispatch.settled({ signal: AbortSignal.timeout(2000) })).toMatchObject([
    { state: 'delivered', attempts: 2 },
  ])
})

describe('closing', () => {
  const many = Array.from({ length: mostHeld + 100 }, (_, index) => ({ ...release, version: index + 1 }))

  it('sends all that would be lost with the process', async () => {
    const transport = accepting()
    const dispatcher = start(transport)
    await Promise.all(many.map((each) => dispatcher.dispatch(each)))
    await dispatcher.close()
    expect(transport.requests).toHaveLength(many.length)
  })

  it('tells who waits before the store is closed', async () => {
    await using folder = await temporaryFolder()
    const store = sqliteStore({ path: folder.file('hooks.db') })
    const transport = fakeTransport(() => never)
    const dispatcher = start(transport, { store })
    const dispatch = await dispatcher.dispatch(release)
    const settled = dispatch.settled()
    await vi.waitFor(() => expect(transport.pending).toBe(1))
    const closed = dispatcher.close({ deadlineMs: 0 }).then(() => store.close())
    expect(await settled).toMatchObject([{ state: 'waiting', attempts: 0 }])
    await closed
  })

  it('leaves in a durable store what it has not claimed, for the next process', async () => {
    await using folder = await temporaryFolder()
    await using store = sqliteStore({ path: folder.file('hooks.db') })
    const transport = fakeTransport(() => new Promise((resolve) => setTimeout(() => resolve(answer(200)), 5)))
    const dispatcher = start(transport, { store })
    await Promise.all(many.map((each) => dispatcher.dispatch(each)))
    await vi.waitFor(() => expect(transport.requests.length).toBeGreaterThan(10))
    await dispatcher.close()
    const { delivered = 0, waiting } = await statesOf(store)
    expect(delivered).toBe(transport.requests.length)
    expect([delivered, waiting]).toEqual([mostHeld, 100])
  })
})

describe('when the store fails', () => {
  it('an attempt is recorded when that is over, and nothing is sent twice', async () => {
    const { store, faults } = unreliable()
    const logger = newLog()
    const transport = accepting()
    const dispatcher = start(transport, { store, logger })
    const dispatch = await dispatcher.dispatch(release)
    faults.add('settle')
    await vi.waitFor(() => expect(logger.lines.join()).toContain('disk full'))
    faults.clear()
    expect(await dispatch.settled()).toMatchObject([{ state: 'delivered', attempts: 1 }])
    expect(transport.requests).toHaveLength(1)
  })

  it('a dispatch that was rejected leaves room for the next ones', async () => {
    const { store, faults } = unreliable()
    const transport = accepting()
    const dispatcher = start(transport, { store })
    faults.add('tell')
    for (let version = 1; version <= mostHeld + 1; version += 1)
      await expect(dispatcher.dispatch({ ...release, version })).rejects.toBe(broken)
    faults.clear()
    const [recorded] = (await dispatcher.dispatch(release)).deliveries
    expect(await nextDueAt(store, [recorded?.hookId ?? ''])).toBeGreaterThan(Date.now() + 10_000) // claimed by its recorder
  })

  it('at the start, what waits goes on when it is over', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { store, faults } = unreliable()
    const first = start(
      fakeTransport(() => never),
      { store },
    )
    await first.dispatch(release)
    await first.close({ deadlineMs: 0 })
    faults.add('claim')
    const logger = newLog()
    const transport = accepting()
    start(transport, { store, logger })
    await vi.waitFor(() => expect(logger.lines.join()).toContain('disk full'))
    faults.clear()
    vi.advanceTimersByTime(5000)
    await vi.waitFor(() => expect(transport.requests).toHaveLength(1))
  })
})

describe('leases', () => {
  let now = 0
  beforeEach(() => {
    now = 1_000_000
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  })
  afterEach(() => vi.useRealTimers())
  const clock = { now: () => now }
  const hook = 'one'
  const hooks = [{ url: 'http://one.example/', id: hook }]
  const claimAll = (store: Store): ReturnType<Store['claim']> =>
    store.claim({ hooks: new Map([[hook, 10]]), now, until: now + 30_000 })

  it('are kept while a receiver takes its time', async () => {
    const store = memoryStore()
    const transport = fakeTransport(() => never)
    await start(transport, { ...clock, store, hooks }).dispatch(release)
    for (let beat = 0; beat < 20; beat += 1) {
      now += 5000
      expect(await claimAll(store)).toEqual([])
      await vi.advanceTimersByTimeAsync(5000)
    }
  })

  it('that ended because they could not be kept do not make it send what it is sending', async () => {
    const { store, faults } = unreliable()
    const gate = Promise.withResolvers<ReturnType<typeof answer>>()
    const transport = fakeTransport(() => gate.promise)
    const dispatcher = start(transport, { ...clock, store, hooks })
    const dispatch = await dispatcher.dispatch(release)
    await vi.waitFor(() => expect(transport.pending).toBe(1))
    faults.add('renew')
    now += 60_000
    await vi.advanceTimersByTimeAsync(5000) // it looks for what is due, and that is its own
    gate.resolve(answer(200))
    expect(await dispatch.settled()).toMatchObject([{ state: 'delivered', attempts: 1 }])
    await dispatcher.close()
    expect(transport.requests).toHaveLength(1)
  })

  it('that another process has taken over are said to be, and what it records stands', async () => {
    const store = memoryStore()
    const logger = newLog()
    const gate = Promise.withResolvers<ReturnType<typeof answer>>()
    const transport = fakeTransport(() => gate.promise)
    const dispatcher = start(transport, { ...clock, store, hooks, logger })
    const told: string[] = []
    for (const event of ['attempt', 'delivered'] as const) dispatcher.on(event, () => told.push(event))
    await dispatcher.dispatch(release)
    await vi.waitFor(() => expect(transport.pending).toBe(1))
    now += 60_000
    const [taken] = await claimAll(store)
    expect(taken).toBeDefined()
    gate.resolve(answer(200))
    await vi.waitFor(() => expect(logger.lines.join()).toContain('its lease had ended'))
    expect(told).toEqual([])
    expect(await store.get([taken?.delivery.id ?? ''])).toMatchObject([{ state: 'waiting', attempts: 0 }])
  })

  it('a hook that another process disables is sent to no more', async () => {
    const store = memoryStore()
    const transport = accepting()
    const dispatcher = start(transport, { ...clock, store, hooks })
    await (await dispatcher.dispatch(release)).settled()
    await store.setHookStates([{ hookId: hook, enabled: false, since: now, reason: 'gone' }])
    await vi.advanceTimersByTimeAsync(5000)
    const [dead] = await (await dispatcher.dispatch({ ...release, version: 5 })).settled()
    expect(dead).toMatchObject({ state: 'dead', outcome: { verdict: 'hook-disabled' } })
    await store.setHookStates([{ hookId: hook, enabled: true, since: now, reason: 'by hand' }])
    await vi.advanceTimersByTimeAsync(5000)
    const [delivered] = await (await dispatcher.dispatch({ ...release, version: 6 })).settled()
    expect(delivered).toMatchObject({ state: 'delivered' })
  })
})
