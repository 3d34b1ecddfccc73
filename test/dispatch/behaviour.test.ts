import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Delivery, DispatcherOptions, Dispatcher, Store } from '../../src/index.ts'
import { answer, failure, fakeTransport, never, type FakeTransport } from './fake-transport.ts'
import { release, start as startIt } from './started.ts'
import { stores } from './stores.ts'

const one = { id: 'one', url: 'http://one.example/' }
const two = { id: 'two', url: 'http://two.example/' }
const retry = { delaysMs: [10, 20, 30], jitter: 0 }
const accepting = (): FakeTransport => fakeTransport(() => answer(200))

async function all(deliveries: AsyncIterable<Delivery>): Promise<readonly Delivery[]> {
  const found: Delivery[] = []
  for await (const delivery of deliveries) found.push(delivery)
  return found
}

describe.each(Object.entries(stores))('with a %s store', (_name, openStores) => {
  let open: () => Store
  beforeEach(async () => {
    open = await openStores()
  })

  function start(transport: FakeTransport, options: Partial<DispatcherOptions> = {}): Dispatcher {
    return startIt(transport, { hooks: [one], store: open(), retry, ...options })
  }

  describe('a dispatch', () => {
    it('makes one delivery for each hook, and sends each once', async () => {
      const transport = accepting()
      const dispatcher = start(transport, { hooks: [one, two] })
      const dispatch = await dispatcher.dispatch(release)
      expect(dispatch.deliveries).toMatchObject([
        { hookId: 'one', state: 'waiting', attempts: 0 },
        { hookId: 'two', state: 'waiting', attempts: 0 },
      ])
      expect(await dispatch.settled()).toMatchObject([
        { hookId: 'one', state: 'delivered', attempts: 1 },
        { hookId: 'two', state: 'delivered', attempts: 1 },
      ])
      expect(transport.requests).toHaveLength(2)
    })

    it('of the same app and version is the same dispatch, also in another process and at the same time', async () => {
      const transport = accepting()
      const dispatcher = start(transport)
      const another = start(transport)
      const dispatches = await Promise.all(
        [dispatcher, another, dispatcher].map((each) => each.dispatch(release)),
      )
      expect(dispatches.filter(({ repeated }) => !repeated)).toHaveLength(1)
      for (const { settled } of dispatches) expect(await settled()).toMatchObject([{ state: 'delivered' }])
      expect(await another.dispatch(release)).toMatchObject({
        repeated: true,
        deliveries: [{ state: 'delivered' }],
      })
      expect(transport.requests).toHaveLength(1)
    })

    it('is another one under an idempotency key of its own', async () => {
      const transport = accepting()
      const dispatcher = start(transport)
      await (await dispatcher.dispatch(release)).settled()
      await (await dispatcher.dispatch(release, { idempotencyKey: 'again' })).settled()
      expect((await dispatcher.dispatch(release, { idempotencyKey: 'again' })).repeated).toBe(true)
      expect(transport.requests).toHaveLength(2)
    })

    it('keeps all that a release says', async () => {
      const dispatcher = start(accepting())
      const facts = {
        environment: 'production',
        url: 'https://web.example/',
        meta: { text: 'ü & “±” \u{1F680}', n: 1.5, no: null },
      }
      const { deliveries, release: completed } = await dispatcher.dispatch({ ...release, ...facts })
      const [found] = await all(dispatcher.deliveries())
      expect(found?.release).toEqual(completed)
      expect(found?.id).toBe(deliveries[0]?.id)
    })

    it('of a bad release records nothing', async () => {
      const dispatcher = start(accepting())
      await expect(dispatcher.dispatch({ ...release, app: '' })).rejects.toMatchObject({
        code: 'release_invalid',
      })
      expect(await all(dispatcher.deliveries())).toEqual([])
    })

    it('reaches only the hooks that want the app', async () => {
      const dispatcher = start(accepting(), { hooks: [one, { ...two, apps: ['other'] }] })
      expect((await dispatcher.dispatch(release)).deliveries).toMatchObject([{ hookId: 'one' }])
    })
  })

  describe('a delivery', () => {
    it('is sent again until its receiver accepts it, with the same id and bytes, and every attempt is kept', async () => {
      const replies = [answer(503), failure('timeout'), answer(200)]
      const transport = fakeTransport((_, index) => replies[index] ?? answer(500))
      const dispatcher = start(transport)
      const dispatch = await dispatcher.dispatch(release)
      const [delivery] = await dispatch.settled()
      expect(delivery).toMatchObject({ state: 'delivered', attempts: 3, outcome: { kind: 'delivered' } })
      expect(new Set(transport.requests.map(({ url, headers }) => JSON.stringify([url, headers]))).size).toBe(
        1,
      )
      expect(await dispatcher.attempts(String(delivery?.id))).toMatchObject([
        { number: 1, status: 503, outcome: { kind: 'retry' } },
        { number: 2, outcome: { kind: 'retry', reason: 'timeout' } },
        { number: 3, status: 200, outcome: { kind: 'delivered' } },
      ])
    })

    it('is dead at the end of its schedule, and when it is refused three times', async () => {
      const replies: Readonly<Record<string, number>> = { 'one.example': 500, 'two.example': 403 }
      const transport = fakeTransport(({ url }) => answer(replies[new URL(url).host] ?? 200))
      const dispatcher = start(transport, { hooks: [one, two] })
      const heard: string[] = []
      dispatcher.on('dead', ({ hook }) => heard.push(hook.id))
      expect(await (await dispatcher.dispatch(release)).settled()).toMatchObject([
        { state: 'dead', attempts: 4, outcome: { verdict: 'exhausted' } },
        { state: 'dead', attempts: 3, outcome: { verdict: 'refused' } },
      ])
      expect(heard.toSorted()).toEqual(['one', 'two'])
    })

    it('keeps what a receiver answers, whatever bytes it is of', async () => {
      const dispatcher = start(
        fakeTransport(() => answer(400, undefined, 'no\u0000t \ud800 a "text" \\u0000')),
      )
      const [delivery] = await (await dispatcher.dispatch(release)).settled()
      const attempts = await dispatcher.attempts(String(delivery?.id))
      expect(attempts.at(-1)?.excerpt).toContain('a "text"')
    })

    it('of a hook that is gone is dead, and so are those that follow, until it is enabled', async () => {
      let status = 410
      const transport = fakeTransport(() => answer(status))
      const dispatcher = start(transport)
      expect(await (await dispatcher.dispatch(release)).settled()).toMatchObject([
        { outcome: { verdict: 'gone' } },
      ])
      const next = await dispatcher.dispatch({ ...release, version: 5 })
      expect(await next.settled()).toMatchObject([{ state: 'dead', outcome: { verdict: 'hook-disabled' } }])
      await dispatcher.close()
      const another = start(transport)
      const later = await another.dispatch({ ...release, version: 6 })
      expect(await later.settled()).toMatchObject([{ state: 'dead', outcome: { verdict: 'hook-disabled' } }])
      status = 200
      await another.enable('one')
      const last = await another.dispatch({ ...release, version: 7 })
      expect(await last.settled()).toMatchObject([{ state: 'delivered' }])
      expect(transport.requests).toHaveLength(2)
    })

    it('waits for one of the places of its hook', async () => {
      const gates: (() => void)[] = []
      const transport = fakeTransport(() => new Promise((resolve) => gates.push(() => resolve(answer(200)))))
      const dispatcher = start(transport, { hooks: [{ ...one, concurrency: 2 }] })
      const dispatches = await Promise.all(
        [1, 2, 3, 4, 5].map((version) => dispatcher.dispatch({ ...release, version })),
      )
      await vi.waitFor(() => expect(transport.pending).toBe(2))
      const settled = Promise.all(dispatches.map((each) => each.settled()))
      for (let opened = 0; opened < 5; opened += 1) {
        await vi.waitFor(() => expect(gates.length).toBeGreaterThan(opened))
        gates[opened]?.()
      }
      expect((await settled).flat().every(({ state }) => state === 'delivered')).toBe(true)
      expect(transport.mostPending).toBe(2)
    })

    it('is not held up by a receiver that hangs', async () => {
      const transport = fakeTransport(({ url }) => (url.includes('one.example') ? never : answer(200)))
      const dispatcher = start(transport, { hooks: [one, two] })
      const ids: string[] = []
      dispatcher.on('delivered', ({ delivery }) => ids.push(delivery.id))
      for (let version = 1; version <= 30; version += 1) await dispatcher.dispatch({ ...release, version })
      await vi.waitFor(() => expect(ids).toHaveLength(30))
      await dispatcher.close({ deadlineMs: 0 })
    })
  })

  describe('closing', () => {
    it('waits for what is in flight', async () => {
      const gate = Promise.withResolvers<ReturnType<typeof answer>>()
      const transport = fakeTransport(() => gate.promise)
      const dispatcher = start(transport)
      const dispatch = await dispatcher.dispatch(release)
      await vi.waitFor(() => expect(transport.pending).toBe(1))
      const closed = dispatcher.close()
      gate.resolve(answer(200))
      await closed
      expect(await dispatch.settled()).toMatchObject([{ state: 'delivered' }])
      await expect(dispatcher.dispatch(release)).rejects.toMatchObject({ code: 'dispatcher_closed' })
    })

    it('hands back what is unfinished after its deadline, uncounted, and another process sends it', async () => {
      const hanging = fakeTransport(() => never)
      const dispatcher = start(hanging)
      const dispatch = await dispatcher.dispatch(release)
      await vi.waitFor(() => expect(hanging.pending).toBe(1))
      await dispatcher.close({ deadlineMs: 10 })
      expect(await dispatch.settled()).toMatchObject([{ state: 'waiting', attempts: 0 }])
      const transport = accepting()
      const another = start(transport)
      await vi.waitFor(async () =>
        expect(await all(another.deliveries())).toMatchObject([{ state: 'delivered' }]),
      )
      const key = (sender: FakeTransport): unknown => sender.requests[0]?.headers['Idempotency-Key']
      expect(key(transport)).toBe(key(hanging))
    })

    it('leaves what is not due to the next process', async () => {
      const dispatcher = start(
        fakeTransport(() => answer(503)),
        { retry: { delaysMs: [60_000] } },
      )
      const dispatch = await dispatcher.dispatch(release)
      await vi.waitFor(async () =>
        expect(await dispatcher.attempts(String(dispatch.deliveries[0]?.id))).toHaveLength(1),
      )
      await dispatcher.close()
      expect(await dispatch.settled()).toMatchObject([{ state: 'waiting', attempts: 1 }])
      const transport = accepting()
      const another = start(transport)
      await another.replay(String(dispatch.deliveries[0]?.id))
      await vi.waitFor(() => expect(transport.requests).toHaveLength(1))
    })
  })

  describe('an operator', () => {
    it('lists what was sent and what failed, oldest first, and counts it', async () => {
      const transport = fakeTransport(({ url }) => answer(url.includes('two.example') ? 403 : 200))
      const dispatcher = start(transport, { hooks: [one, two] })
      for (const version of [1, 2, 3]) await (await dispatcher.dispatch({ ...release, version })).settled()
      const versions = (found: readonly Delivery[]): readonly unknown[] =>
        found.map((each) => each.release.version)
      expect(versions(await all(dispatcher.deliveries({ hook: 'one' })))).toEqual(['v1', 'v2', 'v3'])
      expect(versions(await all(dispatcher.deliveries({ state: 'dead' })))).toEqual(['v1', 'v2', 'v3'])
      expect(await all(dispatcher.deliveries({ app: 'another' }))).toEqual([])
      expect(await all(dispatcher.deliveries({ since: new Date(Date.now() + 60_000) }))).toEqual([])
      expect((await dispatcher.counts()).toSorted((a, b) => a.hookId.localeCompare(b.hookId))).toEqual([
        { hookId: 'one', state: 'delivered', count: 3 },
        { hookId: 'two', state: 'dead', count: 3 },
      ])
    })

    it('sends again what failed, once, as new deliveries that name the old ones', async () => {
      let status = 403
      const transport = fakeTransport(() => answer(status))
      const dispatcher = start(transport)
      const [dead] = await (await dispatcher.dispatch(release)).settled()
      status = 200
      const replay = await dispatcher.replay({ state: 'dead' })
      expect(await replay.settled()).toMatchObject([{ state: 'delivered', replayOf: dead?.id }])
      expect((await dispatcher.replay({ state: 'dead' })).ids).toEqual([])
      await expect(dispatcher.replay('unknown')).rejects.toMatchObject({ code: 'delivery_unknown' })
    })

    it('disables a hook, which ends what waits for it, and prunes what is final', async () => {
      const dispatcher = start(
        fakeTransport(() => answer(503)),
        { retry: { delaysMs: [60_000] } },
      )
      const dispatch = await dispatcher.dispatch(release)
      await vi.waitFor(async () =>
        expect(await all(dispatcher.deliveries())).toMatchObject([{ attempts: 1 }]),
      )
      await dispatcher.replay(String(dispatch.deliveries[0]?.id))
      await dispatcher.disable('one')
      const settled = await dispatch.settled()
      expect(settled).toMatchObject([{ state: expect.stringMatching(/dead|waiting/u) as string }])
      const next = await dispatcher.dispatch({ ...release, version: 5 })
      expect(await next.settled()).toMatchObject([{ outcome: { verdict: 'hook-disabled' } }])
      expect(await dispatcher.prune({ olderThan: Date.now() + 1000 })).toBeGreaterThan(0)
      expect(await all(dispatcher.deliveries({ state: 'dead' }))).toEqual([])
    })
  })

  describe('enable() in another process', () => {
    it('lets a worker try a hook that its breaker leaves alone', async () => {
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
      onTestFinished(() => void vi.useRealTimers())
      let status = 503
      const transport = fakeTransport(() => answer(status))
      const breaker = { minimum: 1, openMs: 3_600_000 }
      const worker = start(transport, { breaker })
      await worker.start()
      await worker.dispatch(release)
      await vi.waitFor(() => expect(worker.hooks()).toMatchObject([{ breaker: { state: 'open' } }]))
      await worker.dispatch({ ...release, version: 5 })
      status = 200
      await start(accepting(), { workers: false }).enable('one')
      await vi.advanceTimersByTimeAsync(5000) // a beat
      await vi.waitFor(() => expect(worker.hooks()).toMatchObject([{ breaker: { state: 'closed' } }]))
      expect(transport.requests.length).toBeGreaterThan(1)
    })
  })

  describe('a process that only records', () => {
    it('leaves the sending to a worker, and hears what became of it', async () => {
      const silent = fakeTransport(() => never)
      const recorder = start(silent, { workers: false })
      const dispatch = await recorder.dispatch(release)
      const transport = accepting()
      const worker = start(transport)
      await worker.start()
      await vi.waitFor(async () =>
        expect(await all(recorder.deliveries())).toMatchObject([{ state: 'delivered' }]),
      )
      expect(await dispatch.settled()).toMatchObject([{ state: 'delivered' }])
      expect(silent.requests).toHaveLength(0)
      expect(transport.requests).toHaveLength(1)
    })
  })
})
