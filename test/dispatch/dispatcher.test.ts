import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { getEventListeners } from 'node:events'
import type { LookupFunction } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  createDispatcher,
  DeployHookError,
  memoryStore,
  type Dispatcher,
  type DispatcherOptions,
  type HookOptions,
  type Store,
} from '../../src/index.ts'
import { answer, failure, fakeTransport, never, type FakeTransport } from './fake-transport.ts'
import { newLog, release, secret, start, unsigned } from './started.ts'
import { bound } from './stores.ts'

afterEach(() => void vi.useRealTimers())

const accepting = (): FakeTransport => fakeTransport(() => answer(200))

describe('a dispatch', () => {
  it('makes one delivery for each hook, and sends each once', async () => {
    const transport = accepting()
    const dispatcher = start(transport, { hooks: ['http://one.example/', 'http://two.example/'] })
    const dispatch = await dispatcher.dispatch(release)
    expect(dispatch.release.summary).toBe('gabrtv deployed 35b3726')
    expect(dispatch.deliveries.map(({ state }) => state)).toEqual(['waiting', 'waiting'])
    const settled = await dispatch.settled()
    expect(settled.map(({ state, attempts }) => [state, attempts])).toEqual([
      ['delivered', 1],
      ['delivered', 1],
    ])
    expect(transport.requests.map(({ url }) => new URL(url).host)).toEqual(['one.example', 'two.example'])
  })

  it('resolves before anything is sent, and without any receiver', async () => {
    const transport = fakeTransport(() => never)
    const dispatcher = start(transport)
    const dispatch = await dispatcher.dispatch(release)
    expect(transport.requests).toEqual([])
    expect(dispatch.deliveries).toHaveLength(1)
    await vi.waitFor(() => expect(transport.pending).toBe(1))
  })

  it('in an endless loop leaves time for requests and timers', async () => {
    const transport = accepting()
    const dispatcher = start(transport)
    let ticks = 0
    const timer = setInterval(() => (ticks += 1), 0)
    let version = 0
    while ((transport.requests.length === 0 || ticks === 0) && version < 20_000) {
      version += 1
      await dispatcher.dispatch({ ...release, version })
    }
    clearInterval(timer)
    expect(version).toBeLessThan(20_000)
  })

  it('starts a few requests in a turn of the event loop, so that many hooks do not stall the controller', async () => {
    const perTurn: number[] = []
    const transport = fakeTransport(() => never)
    const hooks = Array.from({ length: 200 }, (_, index) => `http://host-${index}.example/`)
    const dispatcher = start(transport, { hooks, concurrency: { overall: 1000 } })
    await dispatcher.dispatch(release)
    while (transport.requests.length < hooks.length) {
      const before = transport.requests.length
      await new Promise((resolve) => setImmediate(resolve))
      perTurn.push(transport.requests.length - before)
    }
    expect(Math.max(...perTurn)).toBeLessThanOrEqual(64)
  })

  it('never throws because of a receiver', async () => {
    for (const reply of [answer(500), answer(410), answer(301), failure('timeout'), failure('blocked')]) {
      const dispatcher = start(
        fakeTransport(() => reply),
        { retry: { delaysMs: [] } },
      )
      const dispatch = await dispatcher.dispatch(release)
      expect(await dispatch.settled()).toMatchObject([{ state: 'dead' }])
    }
  })

  it('reaches only the hooks that want the app', async () => {
    const transport = accepting()
    const hooks = [
      { url: 'http://web.example/', apps: ['web', 'web-*'] },
      { url: 'http://api.example/', apps: ['api'] },
      { url: 'http://all.example/' },
    ]
    const dispatcher = start(transport, { hooks })
    await (await dispatcher.dispatch(release)).settled()
    await (await dispatcher.dispatch({ ...release, app: 'web-2' })).settled()
    await (await dispatcher.dispatch({ ...release, app: 'api' })).settled()
    const reached = transport.requests.map(
      ({ url }) => `${new URL(url).searchParams.get('app')} ${new URL(url).hostname}`,
    )
    expect(reached).toEqual([
      'web web.example',
      'web all.example',
      'web-2 web.example',
      'web-2 all.example',
      'api api.example',
      'api all.example',
    ])
  })

  it('of the same app and version is the same dispatch', async () => {
    const transport = accepting()
    const dispatcher = start(transport)
    const first = await dispatcher.dispatch(release)
    await first.settled()
    const again = await dispatcher.dispatch({ ...release, version: 'v4' })
    expect(again.deliveries.map(({ id }) => id)).toEqual(first.deliveries.map(({ id }) => id))
    expect(await again.settled()).toEqual(await first.settled())
    expect(transport.requests).toHaveLength(1)
  })

  it('says that it is a repeat, and warns when its facts are not the recorded ones, which are what is sent', async () => {
    const logger = newLog()
    const dispatcher = start(accepting(), { logger })
    expect((await dispatcher.dispatch(release)).repeated).toBe(false)
    expect((await dispatcher.dispatch(release)).repeated).toBe(true)
    expect(logger.lines).toEqual([])
    const other = await dispatcher.dispatch({ ...release, summary: 'other words' })
    expect(other.repeated).toBe(true)
    expect(other.deliveries[0]?.release.summary).toBe('gabrtv deployed 35b3726')
    expect(logger.lines).toEqual([expect.stringContaining('idempotencyKey')])
  })

  it('of the same app and version at the same time is the same dispatch', async () => {
    const transport = accepting()
    const dispatcher = start(transport)
    const all = await Promise.all(Array.from({ length: 20 }, () => dispatcher.dispatch(release)))
    await Promise.all(all.map((dispatch) => dispatch.settled()))
    expect(transport.requests).toHaveLength(1)
  })

  it('is another one under an idempotency key of its own, and the same under the same key', async () => {
    const transport = accepting()
    const dispatcher = start(transport)
    for (const idempotencyKey of [undefined, 'again', 'again', 'once more']) {
      await (await dispatcher.dispatch(release, { idempotencyKey })).settled()
    }
    expect(transport.requests).toHaveLength(3)
  })

  it('has the same delivery ids in every process, so that replicas do not duplicate', async () => {
    const ids = await Promise.all(
      [start(accepting()), start(accepting())].map(
        async (dispatcher) => (await dispatcher.dispatch(release)).deliveries[0]?.id,
      ),
    )
    expect(ids[0]).toMatch(/^dlv_[0-9a-f]{32}$/u)
    expect(ids[0]).toBe(ids[1])
  })

  it('of a bad release throws, and records nothing', async () => {
    const dispatcher = start(accepting())
    await expect(dispatcher.dispatch({ ...release, app: '' })).rejects.toMatchObject({
      code: 'release_invalid',
      field: 'app',
    })
    expect(await Array.fromAsync(dispatcher.deliveries())).toEqual([])
  })

  it('that is aborted before it is recorded sends nothing', async () => {
    const transport = accepting()
    const dispatcher = start(transport)
    const reason = new Error('the deploy was cancelled')
    await expect(dispatcher.dispatch(release, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(await Array.fromAsync(dispatcher.deliveries())).toEqual([])
  })

  it('rejects with the store’s own error when it cannot be recorded', async () => {
    const store: Store = { ...bound(memoryStore()), tell: () => Promise.reject(new Error('disk full')) }
    await expect(start(accepting(), { store }).dispatch(release)).rejects.toThrow('disk full')
  })
})

describe('retrying', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 0 })
    vi.setTimerTickMode('nextTimerAsync')
  })

  async function timesOf(
    reply: Parameters<typeof fakeTransport>[0],
    options: Partial<DispatcherOptions> = {},
  ): Promise<{ seconds: number[]; end: unknown }> {
    const seconds: number[] = []
    const transport = fakeTransport((request, index) => {
      seconds.push(Math.round(Date.now() / 100) / 10)
      return reply(request, index)
    })
    const dispatcher = start(transport, options)
    const dispatch = await dispatcher.dispatch(release)
    const [delivery] = await dispatch.settled()
    return { seconds, end: delivery?.outcome }
  }

  it('follows the schedule to its end, and the delivery is dead', async () => {
    const { seconds, end } = await timesOf(() => answer(503))
    expect(seconds).toEqual([0, 5, 35, 155, 755, 2555, 6155, 16_955, 38_555, 81_755])
    expect(end).toEqual({ kind: 'dead', reason: 'status-503', verdict: 'exhausted' })
  })

  it('stops when the receiver accepts', async () => {
    const { seconds, end } = await timesOf((_request, index) => answer(index < 2 ? 503 : 200))
    expect(seconds).toEqual([0, 5, 35])
    expect(end).toEqual({ kind: 'delivered', reason: 'status-200' })
  })

  it('never undercuts Retry-After', async () => {
    const { seconds } = await timesOf((_request, index) => (index === 0 ? answer(429, '90') : answer(200)))
    expect(seconds).toEqual([0, 90])
  })

  it('gives up on a receiver that refuses 3 times', async () => {
    const { seconds, end } = await timesOf(() => answer(401))
    expect(seconds).toEqual([0, 5, 35])
    expect(end).toEqual({ kind: 'dead', reason: 'status-401', verdict: 'refused' })
  })

  it('keeps the delivery’s id and the request’s bytes', async () => {
    const transport = fakeTransport((_request, index) => answer(index < 3 ? 500 : 200))
    const dispatcher = start(transport)
    await (await dispatcher.dispatch(release)).settled()
    const [first, ...repeats] = transport.requests.map(({ url, headers }) => ({ url, headers }))
    expect(repeats).toEqual([first, first, first])
    expect(first?.headers['idempotency-key']).toMatch(/^"dlv_[0-9a-f]{32}"$/u)
  })

  it('uses the jitter of the given random', async () => {
    const { seconds } = await timesOf((_request, index) => answer(index === 0 ? 503 : 200), {
      random: () => 0,
    })
    expect(seconds).toEqual([0, 4.5])
  })

  it('takes an undefined part of the schedule for one that is not given', async () => {
    const retry = { delaysMs: undefined, jitter: undefined, refusedAttempts: 2, connect: undefined }
    const { seconds, end } = await timesOf(() => answer(404), { retry })
    expect(seconds).toEqual([0, 5])
    expect(end).toMatchObject({ kind: 'dead', verdict: 'refused' })
  })

  it('goes by the given clock', async () => {
    const epoch = 1_700_000_000_000
    const dispatcher = start(
      fakeTransport((_request, index) => answer(index === 0 ? 503 : 200)),
      { now: () => epoch + Date.now() },
    )
    const [delivery] = await (await dispatcher.dispatch(release)).settled()
    expect(delivery).toMatchObject({ recordedAt: epoch, state: 'delivered' })
    expect(delivery?.settledAt).toBe(epoch + 5000)
  })

  it('repeats a connection that never opened up to 10 times within seconds, as one attempt', async () => {
    const { seconds } = await timesOf((_request, index) =>
      index <= 10 ? failure('unreachable', false) : answer(200),
    )
    expect(seconds).toEqual([0, 0.1, 0.3, 0.7, 1.5, 3, 4.5, 6, 7.5, 9, 10.5, 15.5])
  })

  it('records how often a connection was tried', async () => {
    const dispatcher = start(
      fakeTransport((_request, index) => (index < 3 ? failure('dns', false) : answer(200))),
    )
    const [delivery] = await (await dispatcher.dispatch(release)).settled()
    expect(delivery?.attempts).toBe(1)
    expect(await dispatcher.attempts(delivery?.id ?? '')).toMatchObject([
      { number: 1, connects: 4, status: 200 },
    ])
  })

  it('does not repeat at once what may have arrived', async () => {
    const { seconds } = await timesOf((_request, index) => (index === 0 ? failure('reset') : answer(200)))
    expect(seconds).toEqual([0, 5])
  })

  it('holds no place while it waits to repeat', async () => {
    const order: string[] = []
    const transport = fakeTransport(({ url }) => {
      const { hostname } = new URL(url)
      order.push(hostname)
      return hostname === 'down.example' ? failure('unreachable', false) : answer(200)
    })
    const dispatcher = start(transport, {
      hooks: ['http://down.example/', 'http://up.example/'],
      concurrency: { overall: 1, perHook: 1 },
    })
    await dispatcher.dispatch(release)
    await vi.waitFor(() => expect(order.slice(0, 2)).toEqual(['down.example', 'up.example']))
  })
})

describe('410 Gone', () => {
  it('ends the delivery and disables the hook: later releases are recorded dead and not sent', async () => {
    const transport = fakeTransport(({ url }) => answer(url.includes('gone') ? 410 : 200))
    const dispatcher = start(transport, {
      hooks: ['http://gone.example/hook?token=abcdef', 'http://fine.example/'],
    })
    const disabled: unknown[] = []
    dispatcher.on('hook-disabled', (event) => disabled.push(event))
    const first = await (await dispatcher.dispatch(release)).settled()
    expect(first).toMatchObject([
      { state: 'dead', outcome: { reason: 'status-410', verdict: 'gone' } },
      { state: 'delivered' },
    ])
    const second = await (await dispatcher.dispatch({ ...release, version: 5 })).settled()
    expect(second).toMatchObject([
      { state: 'dead', attempts: 0, outcome: { reason: 'hook-disabled', verdict: 'hook-disabled' } },
      { state: 'delivered' },
    ])
    expect(transport.requests.filter(({ url }) => url.includes('gone'))).toHaveLength(1)
    expect(disabled).toEqual([
      { hook: { id: first[0]?.hookId, url: 'http://gone.example/hook' }, reason: 'gone' },
    ])
  })

  it('is remembered by the store', async () => {
    const store = memoryStore()
    const gone = start(
      fakeTransport(() => answer(410)),
      { store },
    )
    await (await gone.dispatch(release)).settled()
    const transport = accepting()
    const next = start(transport, { store })
    expect(await (await next.dispatch({ ...release, version: 5 })).settled()).toMatchObject([
      { state: 'dead' },
    ])
    expect(transport.requests).toEqual([])
  })
})

describe('lanes', () => {
  it('keep a hook to 4 requests in flight', async () => {
    const transport = fakeTransport(() => never)
    const dispatcher = start(transport)
    for (let version = 1; version <= 10; version += 1) await dispatcher.dispatch({ ...release, version })
    await vi.waitFor(() => expect(transport.pending).toBe(4))
    await new Promise((resolve) => setImmediate(resolve))
    expect(transport.mostPending).toBe(4)
  })

  it('keep all hooks together to the overall number', async () => {
    const transport = fakeTransport(() => never)
    const hooks = Array.from({ length: 30 }, (_, index) => `http://host-${index}.example/`)
    const dispatcher = start(transport, { hooks, concurrency: { overall: 64 } })
    for (let version = 1; version <= 4; version += 1) await dispatcher.dispatch({ ...release, version })
    await vi.waitFor(() => expect(transport.pending).toBe(64))
    await new Promise((resolve) => setImmediate(resolve))
    expect(transport.mostPending).toBe(64)
  })

  it('take both limits from the options, and a hook’s own limit before them', async () => {
    const transport = fakeTransport(() => never)
    const hooks = [{ url: 'http://wide.example/', concurrency: 6 }, 'http://narrow.example/']
    const dispatcher = start(transport, { hooks, concurrency: { perHook: 1, overall: 8 } })
    for (let version = 1; version <= 9; version += 1) await dispatcher.dispatch({ ...release, version })
    await vi.waitFor(() => expect(transport.pending).toBe(7))
    await new Promise((resolve) => setImmediate(resolve))
    const hosts = transport.requests.map(({ url }) => new URL(url).hostname)
    expect(hosts.filter((name) => name === 'wide.example')).toHaveLength(6)
  })

  it('let a hanging hook delay no other', async () => {
    const transport = fakeTransport(({ url }) => (url.includes('hangs') ? never : answer(200)))
    const dispatcher = start(transport, { hooks: ['http://hangs.example/', 'http://fine.example/'] })
    const delivered = new Set<number>()
    dispatcher.on('delivered', ({ delivery }) => delivered.add(Number(delivery.release.version.slice(1))))
    for (let version = 1; version <= 100; version += 1) await dispatcher.dispatch({ ...release, version })
    await vi.waitFor(() => expect(delivered.size).toBe(100))
  })

  it('send fresh deliveries before repeated ones', async () => {
    const gate = Promise.withResolvers<ReturnType<typeof answer>>()
    const sent: string[] = []
    const transport = fakeTransport(({ url }) => {
      const version = new URL(url).searchParams.get('release') ?? ''
      sent.push(version)
      if (version === 'v1' && sent.length === 1) return answer(503)
      return version === 'v2' ? gate.promise : answer(200)
    })
    const dispatcher = start(transport, { concurrency: { perHook: 1 }, retry: { delaysMs: [1] } })
    const retried = new Promise<void>((resolve) => dispatcher.on('retrying', () => resolve()))
    const first = await dispatcher.dispatch({ ...release, version: 1 })
    await dispatcher.dispatch({ ...release, version: 2 }) // takes the only place until the gate opens
    await retried
    await new Promise((resolve) => setTimeout(resolve, 20)) // the repeat of v1 is due, and waits for the place
    const last = await dispatcher.dispatch({ ...release, version: 3 })
    await new Promise((resolve) => setImmediate(resolve))
    gate.resolve(answer(200))
    await Promise.all([first.settled(), last.settled()])
    expect(sent).toEqual(['v1', 'v2', 'v3', 'v1'])
  })
})

describe('events', () => {
  it('tell every attempt and what it came to, in order', async () => {
    const told: string[] = []
    const dispatcher = start(
      fakeTransport((_request, index) => answer(index === 0 ? 503 : 200)),
      { retry: { delaysMs: [1] } },
    )
    for (const name of ['attempt', 'retrying', 'delivered', 'dead'] as const) {
      dispatcher.on(name, ({ delivery, hook }) => told.push(`${name} ${delivery.attempts} ${hook.url}`))
    }
    await (await dispatcher.dispatch(release)).settled()
    expect(told).toEqual([
      'attempt 1 http://one.example/',
      'retrying 1 http://one.example/',
      'attempt 2 http://one.example/',
      'delivered 2 http://one.example/',
    ])
  })

  it('are published as diagnostics channels too', async () => {
    const published: unknown[] = []
    const listener = (event: unknown): void => void published.push(event)
    subscribe('deploy-hooks:delivered', listener)
    await (await start(accepting()).dispatch(release)).settled()
    unsubscribe('deploy-hooks:delivered', listener)
    expect(published).toMatchObject([{ delivery: { state: 'delivered' }, attempt: { status: 200 } }])
  })

  it('reach the other listeners, and leave the delivery alone, when one throws', async () => {
    const logger = newLog()
    const dispatcher = start(accepting(), { logger })
    let heard = 0
    dispatcher.on('delivered', () => {
      throw new Error('a fault of the listener')
    })
    dispatcher.on('delivered', () => (heard += 1))
    expect(await (await dispatcher.dispatch(release)).settled()).toMatchObject([{ state: 'delivered' }])
    expect(heard).toBe(1)
    expect(logger.lines.join()).toContain('a fault of the listener')
  })

  it('are not heard after the listener was taken off', async () => {
    const dispatcher = start(accepting())
    let heard = 0
    const off = dispatcher.on('attempt', () => (heard += 1))
    off()
    await (await dispatcher.dispatch(release)).settled()
    expect(heard).toBe(0)
  })

  it('of another name are refused', () => {
    expect(() => start(accepting()).on('delivery' as 'delivered', () => {})).toThrow(
      expect.objectContaining({ code: 'option_invalid', option: 'event' }),
    )
  })
})

describe('settled()', () => {
  it('resolves at once for a dispatch without deliveries', async () => {
    expect(await (await start(accepting(), { hooks: [] }).dispatch(release)).settled()).toEqual([])
  })

  it('can be called late and often', async () => {
    const dispatch = await start(accepting()).dispatch(release)
    await dispatch.settled()
    expect(await Promise.all([dispatch.settled(), dispatch.settled()])).toMatchObject([
      [{ state: 'delivered' }],
      [{ state: 'delivered' }],
    ])
  })

  it('stops waiting when its signal is aborted; the delivery goes on', async () => {
    const gate = Promise.withResolvers<ReturnType<typeof answer>>()
    const dispatch = await start(fakeTransport(() => gate.promise)).dispatch(release)
    const controller = new AbortController()
    const waiting = dispatch.settled({ signal: controller.signal })
    controller.abort(new Error('waited long enough'))
    await expect(waiting).rejects.toThrow('waited long enough')
    gate.resolve(answer(200))
    expect(await dispatch.settled()).toMatchObject([{ state: 'delivered' }])
  })
})

describe('closing', () => {
  it('waits for what is queued or in flight', async () => {
    const gate = Promise.withResolvers<ReturnType<typeof answer>>()
    const dispatcher = start(
      fakeTransport(() => gate.promise),
      { concurrency: { perHook: 1 } },
    )
    const dispatches = [
      await dispatcher.dispatch(release),
      await dispatcher.dispatch({ ...release, version: 5 }),
    ]
    const closed = dispatcher.close()
    gate.resolve(answer(200))
    await closed
    for (const dispatch of dispatches)
      expect(await dispatch.settled()).toMatchObject([{ state: 'delivered' }])
  })

  it('after its deadline hands back what is unfinished, uncounted, and it can be claimed again', async () => {
    const store = memoryStore()
    const transport = fakeTransport(() => never)
    const dispatcher = start(transport, { store, concurrency: { perHook: 1 } })
    const dispatch = await dispatcher.dispatch(release)
    await dispatcher.dispatch({ ...release, version: 5 })
    await vi.waitFor(() => expect(transport.pending).toBe(1))
    const settled = dispatch.settled()
    await dispatcher.close({ deadlineMs: 5 })
    expect(await settled).toMatchObject([{ state: 'waiting', attempts: 0 }])
    expect(transport.pending).toBe(0)
    const next = start(accepting(), { store })
    await next.dispatch({ ...release, version: 6 })
    await vi.waitFor(async () => {
      const states = await Array.fromAsync(next.deliveries())
      expect(states.map(({ state }) => state)).toEqual(['delivered', 'delivered', 'delivered'])
    })
  })

  it('does not wait for retries that are not due: they stay waiting', async () => {
    const dispatcher = start(fakeTransport(() => answer(503)))
    const retrying = new Promise<void>((resolve) => dispatcher.on('retrying', () => resolve()))
    const dispatch = await dispatcher.dispatch(release)
    await retrying
    await dispatcher.close()
    expect(await dispatch.settled()).toMatchObject([{ state: 'waiting', attempts: 1 }])
  })

  it('takes no more releases', async () => {
    const dispatcher = start(accepting())
    await dispatcher.close()
    await expect(dispatcher.dispatch(release)).rejects.toMatchObject({ code: 'dispatcher_closed' })
  })

  it('may be asked for twice, the second time with less patience', async () => {
    const transport = fakeTransport(() => never)
    const dispatcher = start(transport)
    await dispatcher.dispatch(release)
    const patient = dispatcher.close({ deadlineMs: 60_000 })
    await dispatcher.close({ deadlineMs: 0 })
    await patient
  })

  it('ends waits between repeats of a connection', async () => {
    const dispatcher = start(fakeTransport(() => failure('unreachable', false)))
    const dispatch = await dispatcher.dispatch(release)
    await dispatcher.close({ deadlineMs: 10 })
    expect(await dispatch.settled()).toMatchObject([{ state: 'waiting', attempts: 0 }])
  })

  it('keeps an answer that comes as the deadline passes', async () => {
    const store = memoryStore()
    const dispatcher: Dispatcher = start(
      fakeTransport(({ signal }) => {
        void dispatcher.close({ deadlineMs: 0 })
        return new Promise((resolve) =>
          signal.addEventListener('abort', () => resolve(answer(200)), { once: true }),
        )
      }),
      { store },
    )
    const dispatch = await dispatcher.dispatch(release)
    expect(await dispatch.settled()).toMatchObject([{ state: 'delivered', attempts: 1 }])
  })

  it('happens at the end of `await using`', async () => {
    const transport = accepting()
    {
      await using dispatcher = createDispatcher({ hooks: ['http://one.example/'], secret, transport })
      await dispatcher.dispatch(release)
    }
    expect(transport.requests).toHaveLength(1)
  })

  it('happens at once when the signal of the options is aborted', async () => {
    const controller = new AbortController()
    const dispatcher = start(
      fakeTransport(() => never),
      { signal: controller.signal },
    )
    const dispatch = await dispatcher.dispatch(release)
    controller.abort()
    expect(await dispatch.settled()).toMatchObject([{ state: 'waiting' }])
    await expect(dispatcher.dispatch({ ...release, version: 5 })).rejects.toMatchObject({
      code: 'dispatcher_closed',
    })
    await expect(start(accepting(), { signal: AbortSignal.abort() }).dispatch(release)).rejects.toMatchObject(
      { code: 'dispatcher_closed' },
    )
  })

  it('uses the store no more once it has resolved, and hands back what was being claimed or recorded', async () => {
    const store = bound(memoryStore())
    const gate = Promise.withResolvers<void>()
    let gated = false
    const calls: string[] = []
    const slow: Store = {
      ...store,
      async claim(due) {
        calls.push('claim')
        if (gated) await gate.promise
        return store.claim({ ...due, now: due.now + 1000 }) // timers may fire a millisecond early
      },
      async tell(telling, until) {
        calls.push('tell')
        if (gated) await gate.promise
        return store.tell(telling, until)
      },
      async release(ids) {
        calls.push('release')
        await store.release(ids)
      },
    }
    const dispatcher = start(
      fakeTransport(() => answer(503)),
      { store: slow, retry: { delaysMs: [1, 60_000] } },
    )
    await dispatcher.dispatch(release)
    await new Promise<void>((resolve) => {
      dispatcher.on('retrying', () => {
        gated = true
        calls.length = 0
        resolve()
      })
    })
    await vi.waitFor(() => expect(calls).toContain('claim'))
    const late = dispatcher.dispatch({ ...release, version: 5 })
    await vi.waitFor(() => expect(calls).toContain('tell'))
    const closed = dispatcher.close({ deadlineMs: 0 })
    setTimeout(() => gate.resolve(), 10)
    await closed
    const before = calls.length
    expect(calls.filter((call) => call === 'release')).toHaveLength(2)
    expect(await (await late).settled()).toMatchObject([{ state: 'waiting', attempts: 0 }])
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(calls).toHaveLength(before)
  })

  it('lets go of the signals that it was given', async () => {
    const controller = new AbortController()
    const { signal } = controller
    for (let version = 1; version <= 3; version += 1) {
      const dispatcher = start(accepting(), { signal })
      await (await dispatcher.dispatch({ ...release, version })).settled({ signal })
      await dispatcher.close()
    }
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('refuses a senseless deadline', () => {
    expect(() => start(accepting()).close({ deadlineMs: -1 })).toThrow(
      expect.objectContaining({ code: 'option_invalid', option: 'deadlineMs' }),
    )
    expect(() => start(accepting()).close({ deadlineMs: Number.NaN })).toThrow(
      expect.objectContaining({ code: 'option_invalid', option: 'deadlineMs' }),
    )
  })
})

describe('a fault of the logger', () => {
  it('changes neither outcome nor events, and nobody waits for ever', async () => {
    const fault = (): never => {
      throw new Error('a fault of the logger')
    }
    const told: string[] = []
    const dispatcher = start(
      fakeTransport(() => answer(410)),
      { logger: { warn: fault, error: fault } },
    )
    dispatcher.on('dead', ({ outcome }) => told.push(outcome.verdict))
    expect(await (await dispatcher.dispatch(release)).settled()).toMatchObject([{ state: 'dead' }])
    expect(told).toEqual(['gone'])
  })
})

describe('a fault of the store', () => {
  it('while a hook is disabled is logged; the delivery is told, and the hook is not sent to', async () => {
    const logger = newLog()
    const store: Store = {
      ...bound(memoryStore()),
      setHookStates: () => Promise.reject(new Error('disk full')),
    }
    const transport = fakeTransport(() => answer(410))
    const dispatcher = start(transport, { store, logger })
    expect(await (await dispatcher.dispatch(release)).settled()).toMatchObject([{ state: 'dead' }])
    await (await dispatcher.dispatch({ ...release, version: 5 })).settled()
    expect(transport.requests).toHaveLength(1)
    expect(logger.lines.join()).toContain('disk full')
  })

  it('while it is opened rejects the dispatch, and the next one opens it again', async () => {
    const store = bound(memoryStore())
    let faults = 1
    const hookStates: Store['hookStates'] = () => {
      faults -= 1
      return faults < 0 ? store.hookStates() : Promise.reject(new Error('locked'))
    }
    const dispatcher = start(accepting(), { store: { ...store, hookStates } })
    await expect(dispatcher.dispatch(release)).rejects.toThrow('locked')
    expect(await (await dispatcher.dispatch(release)).settled()).toMatchObject([{ state: 'delivered' }])
  })

  it('while settling is logged, and neither thrown nor fatal', async () => {
    const logger = newLog()
    const store: Store = { ...bound(memoryStore()), settle: () => Promise.reject(new Error('disk full')) }
    const dispatcher = start(accepting(), { store, logger })
    await dispatcher.dispatch(release)
    await dispatcher.close({ deadlineMs: 20 })
    expect(logger.lines.join()).toContain('disk full')
  })
})

describe('the configuration is checked at construction', () => {
  const hooks = ['http://one.example/']

  it.each<[string, string, unknown]>([
    ['option_invalid', 'hooks', {}],
    ['option_invalid', 'hooks', { hooks: 'http://one.example/' }],
    ['option_invalid', 'hooks[0]', { hooks: [7] }],
    ['option_invalid', 'algoritm', { hooks, algoritm: 'sha1' }],
    ['option_invalid', 'algorithm', { hooks, algorithm: 'md5' }],
    ['option_invalid', 'dialect', { hooks, dialect: 'drycc' }],
    ['option_invalid', 'concurrency.perHook', { hooks, concurrency: { perHook: 0 } }],
    ['option_invalid', 'timeout.deadlineMs', { hooks, timeout: { deadlineMs: 0 } }],
    ['option_invalid', 'retry.jitter', { hooks, retry: { jitter: 2 } }],
    ['option_invalid', 'store', { hooks, store: {} }],
    ['option_invalid', 'logger', { hooks, logger: { warn: 1 } }],
    ['option_invalid', 'now', { hooks, now: 5 }],
    ['secret_invalid', 'secret', { hooks, secret: '' }],
    ['secret_invalid', 'secret', { hooks, secret: '   ' }],
    ['secret_invalid', 'secret', { hooks, secret: 'undefined' }],
    ['secret_invalid', 'secret', { hooks, secret: 'null' }],
    ['secret_invalid', 'secret', { hooks, secret: [] }],
    ['secret_invalid', 'secret[1]', { hooks, secret: ['fine', ''] }],
    ['secret_invalid', 'secret', { hooks, secret: 7 }],
    ['secret_invalid', 'hooks[0].secret', { hooks: [{ url: hooks[0], secret: '' }] }],
    ['hook_url_scheme', 'hooks[1]', { hooks: [hooks[0], 'ftp://two.example'] }],
    ['hook_url_fragment', 'hooks[0].url', { hooks: [{ url: 'http://one.example/#x' }] }],
    ['hook_url_scheme', 'hooks[1].url', { hooks: [hooks[0], { url: 'ftp://two.example' }] }],
    ['hook_url_scheme', 'hooks[1]', { hooks: [{ url: hooks[0] }, 'ftp://two.example'] }],
    ['option_invalid', 'hooks[0].id', { hooks: [{ url: hooks[0], id: '' }] }],
    ['option_invalid', 'hooks[0].id', { hooks: [{ url: hooks[0], id: 'a\0b' }] }],
    ['option_invalid', 'hooks[0].id', { hooks: [{ url: hooks[0], id: 'a\ud800' }] }],
    ['option_invalid', 'workers', { hooks, workers: 2 }],
    ['hook_duplicate', 'hooks[1]', { hooks: [hooks[0], hooks[0]] }],
    [
      'hook_duplicate',
      'hooks[1]',
      {
        hooks: [
          { url: hooks[0], id: 'a' },
          { url: 'http://two.example', id: 'a' },
        ],
      },
    ],
  ])('%s at %s: %j', (code, option, wrong) => {
    const options = { logger: newLog(), ...(wrong as DispatcherOptions) }
    expect(() => createDispatcher(options)).toThrow(expect.objectContaining({ code, option }))
    expect(() => createDispatcher(options)).toThrow(DeployHookError)
  })

  it('and tells once, by number, which hooks are unsigned or signed as typed', () => {
    const logger = newLog()
    unsigned(accepting(), { hooks: ['http://one.example/t0ken'], logger })
    expect(logger.lines).toEqual([expect.stringMatching(/^hooks\[0\] has no secret: .* unsigned/u)])
    const deis = newLog()
    start(accepting(), {
      hooks: ['http://one.example/', 'http://one.example', 'HTTP://one.example/', 'http://one.example:80/'],
      dialect: 'deis',
      logger: deis,
    })
    const asTyped = deis.lines.filter((line) => line.includes('is signed as typed'))
    expect(asTyped.map((line) => line.slice(0, 8))).toEqual(['hooks[1]', 'hooks[2]', 'hooks[3]'])
  })
})

describe('what is told', () => {
  it('holds no secret, signature, or parameter of a hook URL, even when the receiver echoes them', async () => {
    const logger = newLog()
    const store = memoryStore()
    const told: string[] = []
    const transport = fakeTransport(({ url, headers }) =>
      answer(400, undefined, `bad request: ${url} ${headers['authorization']} ${secret}`),
    )
    const dispatcher = start(transport, {
      hooks: ['http://one.example/hook?token=t0ken%2Fabc&v=1'],
      store,
      logger,
      retry: { delaysMs: [1, 1] },
    })
    for (const name of ['attempt', 'retrying', 'dead'] as const)
      dispatcher.on(name, (event) => told.push(JSON.stringify(event)))
    const settled = await (await dispatcher.dispatch(release)).settled()
    const stored = await store.attempts(settled[0]?.id ?? '')
    const everything = `${told.join()}${logger.lines.join()}${JSON.stringify(settled)}${JSON.stringify(stored)}`
    expect(everything).toContain('bad request')
    expect(everything).toContain('[masked]')
    const signature = transport.requests[0]?.headers['authorization'] ?? 'none'
    expect(signature).toMatch(/^[0-9a-f]{64}$/u)
    for (const hidden of [secret, signature, 't0ken']) expect(everything).not.toContain(hidden)
  })

  const retry = { delaysMs: [], refusedAttempts: 1 }
  const lookup: LookupFunction = (_name, _options, callback) =>
    callback(null, [{ address: '8.8.8.8', family: 4 }])

  /** What a hook's events show, when its receiver echoes its URL in many spellings. */
  async function toldOf(hook: HookOptions): Promise<string> {
    const told: unknown[] = []
    const transport = fakeTransport(({ url }) => {
      const { pathname, search, searchParams } = new URL(url)
      return answer(400, undefined, `echo ${url} ${decode(pathname + search)} ${[...searchParams].join()}`)
    })
    const dispatcher = start(transport, { hooks: [hook], egress: { lookup }, retry })
    dispatcher.on('dead', (event) => told.push(event))
    await (await dispatcher.dispatch(release)).settled()
    told.push(dispatcher.hooks(), await dispatcher.check())
    return JSON.stringify(told)
  }

  it.each([
    ['as it is sent', 'http://one.example/?token=s3crét"t0ken', 's3cr%C3%A9t'],
    ['decoded', 'http://one.example/?token=s3cr%C3%A9t', 's3crét'],
    ['decoded without its pluses', 'http://one.example/?token=s3cret+t0k%65n', 's3cret+t0ken'],
    ['without a name', 'http://one.example/?s3cret-t0ken', 's3cret'],
    ['with nothing but = behind it', 'http://one.example/?a=1&czNjcmV0==', 'czNjcmV0'],
  ])('holds no parameter of a hook URL %s', async (_, url, hidden) => {
    for (const dialect of ['native', 'deis'] as const) {
      const told = await toldOf({ url, dialect })
      expect(told).toContain('[masked]')
      expect(told).not.toContain(hidden)
    }
  })

  it('shows the path of a URL, unless it is secret', async () => {
    const url = 'http://one.example/services/T0000/B000/s3cret%2Dt0ken?v=1'
    const open = await toldOf({ url })
    expect(open).toContain('"url":"http://one.example/services/T0000/B000/s3cret%2Dt0ken"')
    const told = await toldOf({ url, secretPath: true })
    expect(told).toContain('"url":"http://one.example/…"')
    expect(told).toContain('echo http://one.example[masked]?')
    for (const hidden of ['services', 'T0000', 's3cret', 't0ken']) expect(told).not.toContain(hidden)
  })

  it('masks the segments of a secret path one by one, too short ones aside', async () => {
    const transport = fakeTransport(() =>
      answer(400, undefined, 'no s3cret-t0k%c3%a9n, no s3cret-t0kén, no B000'),
    )
    const url = 'http://one.example/B000/s3cret-t0k%C3%A9n'
    const dispatcher = start(transport, { hooks: [{ url, secretPath: true }], retry })
    const excerpts: (string | undefined)[] = []
    dispatcher.on('dead', ({ attempt }) => excerpts.push(attempt?.excerpt))
    await (await dispatcher.dispatch(release)).settled()
    expect(excerpts).toEqual(['no [masked], no [masked], no B000'])
  })

  it('holds no credentials of the proxy, which answers for receivers when it likes', async () => {
    const told: string[] = []
    const basic = Buffer.from('user:pr0xy:s3cret').toString('base64')
    const transport = fakeTransport(() =>
      answer(400, undefined, `Basic ${basic} pr0xy%3As3cret pr0xy:s3cret`),
    )
    const dispatcher = start(transport, {
      egress: { proxy: 'http://user:pr0xy%3As3cret@proxy.example:3128' },
      retry,
    })
    dispatcher.on('dead', ({ attempt }) => told.push(attempt?.excerpt ?? ''))
    await (await dispatcher.dispatch(release)).settled()
    expect(told).toEqual(['Basic [masked] [masked] [masked]'])
  })
})

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
