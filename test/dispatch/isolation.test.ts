import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  memoryStore,
  type Answer,
  type BreakerEvent,
  type Dispatcher,
  type EgressOptions,
} from '../../src/index.ts'
import { altered } from '../testing/altered-store.ts'
import { answer, failure, fakeTransport, never } from './fake-transport.ts'
import { newLog, release, start } from './started.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
})
afterEach(() => {
  vi.useRealTimers()
})

const day = 24 * 3600 * 1000
/** Lets time pass; without a number, only what is due at once happens. */
const pass = (ms = 10): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)
const breaker = { minimum: 3, openMs: 30_000, maxOpenMs: 60_000 }
const once = { delaysMs: [] }

async function dispatchSome(dispatcher: Dispatcher, from: number, to: number): Promise<void> {
  for (let version = from; version <= to; version += 1) await dispatcher.dispatch({ ...release, version })
}

async function states(dispatcher: Dispatcher): Promise<string[]> {
  const found = []
  for await (const { state } of dispatcher.deliveries()) found.push(state)
  return found
}

function withHeader(status: number, value: string): Answer {
  return { ...(answer(status) as Answer), headers: { 'webhook-delivery': value } }
}

describe('a breaker', () => {
  it('leaves a failing hook alone, tries one delivery at a time, and then sends what waited in the store', async () => {
    const sent: number[] = []
    const transport = fakeTransport(() => {
      sent.push(Date.now())
      return answer(Date.now() < 100_000 ? 503 : 200)
    })
    const dispatcher = start(transport, { breaker, retry: { delaysMs: [200_000] } })
    const events: BreakerEvent[] = []
    dispatcher.on('breaker', (event) => events.push(event))
    await dispatchSome(dispatcher, 1, 20)
    await pass()
    const handedBack = { inFlight: 0, waiting: 0, answering: true, breaker: { state: 'open' } }
    expect(dispatcher.hooks()[0]).toMatchObject(handedBack)
    await dispatchSome(dispatcher, 21, 50)
    await pass()
    expect(dispatcher.hooks()[0]).toMatchObject({ inFlight: 0, waiting: 0 })
    await pass(149_000)
    expect(new Set(await states(dispatcher))).toEqual(new Set(['waiting']))
    await pass(3000)
    expect(new Set(await states(dispatcher))).toEqual(new Set(['delivered']))
    expect(events.map(({ state }) => state)).toEqual([
      'open',
      'half-open',
      'open',
      'half-open',
      'open',
      'half-open',
      'closed',
    ])
    expect(events[0]).toMatchObject({ failures: 3 })
    const seconds = sent.map((at) => Math.round(at / 1000))
    expect(seconds.filter((at) => at > 0 && at < 100)).toEqual([30, 90])
    // The probe, all others that wait for it, and those that had failed before.
    expect(seconds.filter((at) => at === 150 || at === 151)).toHaveLength(44 + 6)
  })

  it('is half-open as soon as its time has passed, and not with the next beat', async () => {
    const sent: number[] = []
    const transport = fakeTransport(() => (sent.push(Date.now()), answer(sent.length === 1 ? 503 : 200)))
    const dispatcher = start(transport, {
      breaker: { minimum: 1, openMs: 50 },
      concurrency: { perHook: 1 },
      retry: { delaysMs: [60_000] },
    })
    await dispatchSome(dispatcher, 1, 3)
    await pass(200)
    expect(sent).toHaveLength(3)
  })

  it('half-open tries one connection', async () => {
    const sent: number[] = []
    const transport = fakeTransport(
      () => (sent.push(Math.round(Date.now() / 1000)), failure('unreachable', false)),
    )
    const dispatcher = start(transport, { breaker: { ...breaker, minimum: 1 } })
    await dispatchSome(dispatcher, 1, 1)
    await pass(100_000)
    expect(sent.filter((at) => at < 15)).toHaveLength(11)
    expect(sent.filter((at) => at >= 15)).toEqual([41])
  })

  it('takes refusals of single deliveries for no failure of the hook', async () => {
    const transport = fakeTransport(() => answer(404))
    const dispatcher = start(transport, { breaker, retry: once })
    await dispatchSome(dispatcher, 1, 20)
    await pass()
    expect(new Set(await states(dispatcher))).toEqual(new Set(['dead']))
    expect(dispatcher.hooks()[0]?.breaker).toMatchObject({ state: 'closed', attempts: 20, failures: 0 })
  })

  it.each(['blocked', 'proxy'] as const)('is not charged with what is %s', async (cause) => {
    const transport = fakeTransport(() => failure(cause, true))
    const dispatcher = start(transport, { breaker })
    await dispatchSome(dispatcher, 1, 10)
    await pass()
    expect(transport.requests).toHaveLength(10)
    expect(dispatcher.hooks()[0]).not.toHaveProperty('failingSince')
    expect(dispatcher.hooks()[0]?.breaker).toMatchObject({ state: 'closed', attempts: 0 })
  })

  it('can be switched off', async () => {
    const transport = fakeTransport(() => answer(503))
    const dispatcher = start(transport, { breaker: false, retry: once })
    await dispatchSome(dispatcher, 1, 50)
    await pass(100)
    expect(transport.requests).toHaveLength(50)
    expect(dispatcher.hooks()[0]).not.toHaveProperty('breaker')
  })
})

describe('a receiver that asks for time', () => {
  it.each([429, 503])('by %i and Retry-After gets it for all deliveries, and loses none', async (status) => {
    const sent: number[] = []
    const transport = fakeTransport((_request, index) => {
      sent.push(Date.now())
      return index === 0 ? answer(status, '60') : answer(200)
    })
    const dispatcher = start(transport, { concurrency: { perHook: 1 } })
    await dispatchSome(dispatcher, 1, 3)
    await pass(60_100)
    expect(new Set(await states(dispatcher))).toEqual(new Set(['delivered']))
    expect(sent.map((at) => Math.round(at / 100) / 10)).toEqual([0, 60, 60, 60])
  })

  it('and is disabled meanwhile is waited for no longer: what waits ends', async () => {
    const both = {
      ...(answer(503, '60') as Answer),
      headers: { 'retry-after': '60', 'webhook-delivery': 'disable' },
    }
    const dispatcher = start(
      fakeTransport(() => both),
      { concurrency: { perHook: 1 } },
    )
    await dispatchSome(dispatcher, 1, 3)
    await pass()
    expect(await states(dispatcher)).toEqual(['dead', 'dead', 'dead'])
  })

  it('that wants no more deliveries is disabled, and the delivery stands as it was answered', async () => {
    for (const status of [200, 400, 500]) {
      const dispatcher = start(fakeTransport(() => withHeader(status, 'disable')))
      const reasons: string[] = []
      dispatcher.on('hook-disabled', ({ reason }) => reasons.push(reason))
      const dispatch = await dispatcher.dispatch(release)
      await pass()
      const [delivery] = await dispatch.settled()
      expect(delivery?.state).toBe(status === 200 ? 'delivered' : 'dead')
      expect(reasons).toEqual(['unwanted'])
      expect(dispatcher.hooks()[0]?.disabled).toMatchObject({ reason: 'unwanted' })
    }
  })

  it('that wants this delivery no more gets no repeat of it', async () => {
    const transport = fakeTransport(() => withHeader(500, 'abort-message'))
    const dispatcher = start(transport)
    const dispatch = await dispatcher.dispatch(release)
    await pass()
    const [delivery] = await dispatch.settled()
    expect(delivery?.outcome).toEqual({ kind: 'dead', reason: 'status-500', verdict: 'unwanted' })
    expect(dispatcher.hooks()[0]).not.toHaveProperty('disabled')
  })
})

describe('a hook that only fails for days', () => {
  it('is warned about, disabled, enabled by hand, and then tried with one delivery first', async () => {
    let isUp = false
    const transport = fakeTransport(() => answer(isUp ? 200 : 500))
    const logger = newLog()
    const dispatcher = start(transport, { logger, retry: { delaysMs: [0.5 * day, 0.5 * day, 0.5 * day] } })
    const told: string[] = []
    dispatcher.on('hook-failing', ({ share }) => told.push(`${share} at ${(Date.now() / day).toFixed(1)}`))
    dispatcher.on('hook-disabled', ({ reason }) => told.push(`${reason} at ${(Date.now() / day).toFixed(1)}`))
    dispatcher.on('hook-enabled', () => told.push('enabled'))
    for (let version = 1; version <= 11; version += 1) {
      await dispatcher.dispatch({ ...release, version })
      await vi.advanceTimersByTimeAsync(0.5 * day)
    }
    expect(told).toEqual(['0.5 at 2.5', '0.9 at 4.5', 'failing at 5.0'])
    expect(logger.lines.join('\n')).toContain('will be disabled')
    const [hook] = dispatcher.hooks()
    expect(hook?.disabled).toMatchObject({ reason: 'failing' })

    isUp = true
    await dispatcher.enable(hook?.id ?? '')
    expect(dispatcher.hooks()[0]?.breaker?.state).toBe('half-open')
    const late = await dispatcher.dispatch({ ...release, version: 20 })
    await pass()
    expect(await late.settled()).toMatchObject([{ state: 'delivered' }])
    expect(dispatcher.hooks()[0]).not.toHaveProperty('disabled')
    expect(dispatcher.hooks()[0]?.breaker?.state).toBe('closed')
  })

  it('is not known: an unknown id is refused', async () => {
    const dispatcher = start(fakeTransport(() => answer(200)))
    await expect(dispatcher.enable('nobody')).rejects.toMatchObject({ code: 'hook_unknown' })
    await expect(dispatcher.disable('nobody')).rejects.toMatchObject({ code: 'hook_unknown' })
  })

  it('can be disabled by hand, and what waits for it ends dead', async () => {
    const transport = fakeTransport(() => answer(503))
    const dispatcher = start(transport, { breaker })
    await dispatchSome(dispatcher, 1, 3)
    await pass()
    const late = await dispatcher.dispatch({ ...release, version: 9 })
    await dispatcher.disable(dispatcher.hooks()[0]?.id ?? '')
    await pass()
    expect(await late.settled()).toMatchObject([{ state: 'dead', outcome: { reason: 'hook-disabled' } }])
    expect(transport.requests).toHaveLength(3)
  })
})

describe('a receiver that is back', () => {
  /** Seconds at which each version was sent. */
  function timesOf(reply: (version: string) => Answer): {
    readonly times: Record<string, number[]>
    readonly transport: ReturnType<typeof fakeTransport>
  } {
    const times: Record<string, number[]> = {}
    const transport = fakeTransport(({ url }) => {
      const version = new URL(url).searchParams.get('release') ?? ''
      ;(times[version] ??= []).push(Math.round(Date.now() / 1000))
      return reply(version)
    })
    return { times, transport }
  }

  it('gets what waits for it at a pace, as soon as it has taken another delivery', async () => {
    const { times, transport } = timesOf(() => answer(Date.now() < 780_000 ? 500 : 200) as Answer)
    const dispatcher = start(transport, { breaker: false })
    await dispatchSome(dispatcher, 1, 20)
    await pass(800_000)
    expect(new Set(await states(dispatcher))).toEqual(new Set(['waiting'])) // until 2,555 s
    await dispatcher.dispatch({ ...release, version: 21 })
    await pass(3000)
    expect(new Set(await states(dispatcher))).toEqual(new Set(['delivered']))
    const last = Array.from({ length: 20 }, (_, index) => times[`v${index + 1}`]?.at(-1) ?? 0)
    expect(last.filter((at) => at === 800).length).toBeLessThanOrEqual(10) // ten a second
    expect(times['v1']).toEqual([0, 5, 35, 155, 755, 800])
  })

  it('is not sent again and again what it always fails on', async () => {
    const { times, transport } = timesOf((version) => answer(version === 'v1' ? 500 : 200) as Answer)
    const dispatcher = start(transport, { breaker: false })
    for (let version = 1; version <= 10; version += 1) {
      await dispatcher.dispatch({ ...release, version })
      await pass(120_000)
    }
    expect(times['v1']).toEqual([0, 5, 35, 120, 720])
    expect(await states(dispatcher)).toContain('waiting')
  })

  it('gets nothing before the time that it asked for', async () => {
    const { times, transport } = timesOf((version) => answer(version === 'v1' ? 503 : 200, '3600') as Answer)
    const dispatcher = start(transport)
    await dispatcher.dispatch(release)
    await dispatcher.dispatch({ ...release, version: 1 })
    await pass(400_000)
    await dispatcher.dispatch({ ...release, version: 2 })
    await pass(3_100_000)
    expect(times).toEqual({ v1: [0], v4: [0] }) // both were under way when it asked
    await pass(200_000)
    expect(times).toEqual({ v1: [0, 3600], v2: [3600], v4: [0] })
  })
})

describe('a pace', () => {
  it('lets what it allows be sent before a dispatcher with a durable store closes, and keeps the rest there', async () => {
    vi.useRealTimers()
    const store = altered(memoryStore(), { durable: true })
    const transport = fakeTransport(() => answer(200))
    const dispatcher = start(transport, {
      hooks: [{ url: 'http://one.example/', pace: { perSecond: 0.01 } }],
      store,
    })
    await dispatcher.dispatch(release)
    await dispatcher.dispatch({ ...release, version: 5 })
    await dispatcher.close()
    expect(transport.requests).toHaveLength(1)
    const counts = await store.counts()
    expect(Object.fromEntries(counts.map(({ state, count }) => [state, count]))).toEqual({
      waiting: 1,
      delivered: 1,
    })
  })

  it('is kept, however much there is to send, and sends all', async () => {
    const sent: number[] = []
    const transport = fakeTransport(() => (sent.push(Date.now()), answer(200)))
    const hooks = [{ url: 'http://slow.example/', pace: { perSecond: 2, burst: 3 } }]
    const dispatcher = start(transport, { hooks })
    await dispatchSome(dispatcher, 1, 7)
    await pass(2100)
    expect(new Set(await states(dispatcher))).toEqual(new Set(['delivered']))
    expect(sent.map((at) => Math.round(at / 100) / 10)).toEqual([0, 0, 0, 0.5, 1, 1.5, 2])
  })
})

describe('a hook that disables itself', () => {
  it('ends its delivery, and what waits, though the store cannot be told of it yet', async () => {
    vi.useRealTimers()
    const logger = newLog()
    const store = altered(memoryStore(), {
      setHookStates: () => Promise.reject(new Error('a full disk')),
    })
    const dispatcher = start(
      fakeTransport(() => answer(410)),
      { store, logger },
    )
    const { settled } = await dispatcher.dispatch(release)
    expect(await settled()).toMatchObject([{ state: 'dead', outcome: { verdict: 'gone' } }])
    await vi.waitFor(() =>
      expect(logger.lines.join()).toContain('That a hook is disabled could not be saved yet'),
    )
    expect(logger.lines.join()).not.toContain('A delivery could not be settled')
    expect(dispatcher.hooks()).toMatchObject([{ disabled: { reason: 'gone' } }])
  })
})

describe('hanging hooks', () => {
  it('any number of them leave places for the others', async () => {
    vi.useRealTimers()
    const hanging = Array.from({ length: 300 }, (_, index) => `http://hangs-${index}.example/`)
    const transport = fakeTransport(({ url }) => (url.includes('hangs') ? never : answer(200)))
    const dispatcher = start(transport, { hooks: [...hanging, 'http://fine.example/'] })
    let delivered = 0
    dispatcher.on('delivered', () => (delivered += 1))
    for (let version = 1; version <= 20; version += 1) {
      await dispatcher.dispatch({ ...release, version })
      await nextTurn()
    }
    await vi.waitFor(() => expect(delivered).toBe(20))
    expect(transport.mostPending).toBeLessThanOrEqual(512)
  })
})

describe('hooks()', () => {
  it('shows every hook without the query of its URL, and the values in force', () => {
    const hooks = [
      { url: 'http://one.example/hook?token=abcdef', id: 'one', pace: { perSecond: 5 } },
      { url: 'http://two.example/', id: 'two', breaker: false as const, concurrency: 2 },
    ]
    const dispatcher = start(
      fakeTransport(() => never),
      { hooks, breaker: { minimum: 3 } },
    )
    expect(dispatcher.hooks()).toEqual([
      {
        id: 'one',
        isHere: true,
        url: 'http://one.example/hook',
        breaker: {
          state: 'closed',
          attempts: 0,
          failures: 0,
          settings: { failureShare: 0.7, minimum: 3, windowMs: 300_000, openMs: 30_000, maxOpenMs: 300_000 },
        },
        inFlight: 0,
        waiting: 0,
        concurrency: 4,
        pace: { perSecond: 5 },
      },
      { id: 'two', url: 'http://two.example/', isHere: true, inFlight: 0, waiting: 0, concurrency: 2 },
    ])
  })
})

describe('check()', () => {
  beforeEach(() => {
    vi.useRealTimers()
  })

  const names: Record<string, string[]> = {
    'fine.example': ['93.184.215.14'],
    'inside.example': ['10.1.2.3'],
    'both.example': ['10.1.2.3', '93.184.215.14'],
  }
  const resolve: EgressOptions['lookup'] = (name, _options, done) => {
    const found = names[name]
    if (found === undefined) done(Object.assign(new Error('none'), { code: 'ENOTFOUND' }), [])
    else
      done(
        null,
        found.map((address) => ({ address, family: 4 })),
      )
  }

  it('tells for every hook whether it would be sent to and why not, and sends nothing', async () => {
    const transport = fakeTransport(() => never)
    const hosts = ['fine.example', 'inside.example', 'both.example', 'nowhere.example', '127.0.0.1']
    const dispatcher = start(transport, {
      hooks: hosts.map((host) => ({ url: `https://${host}/`, id: host })),
      egress: { lookup: resolve },
    })
    const checks = await dispatcher.check()
    expect(checks.map(({ hook, ok, refusal }) => [hook.id, ok, refusal?.code])).toEqual([
      ['fine.example', true, undefined],
      ['inside.example', false, 'EGRESS_PRIVATE'],
      ['both.example', true, undefined],
      ['nowhere.example', false, 'ENOTFOUND'],
      ['127.0.0.1', false, 'EGRESS_LOOPBACK'],
    ])
    expect(checks[0]?.addresses).toEqual(['93.184.215.14'])
    expect(transport.requests).toEqual([])
  })

  it('looks each name up once for all its hooks, and 32 names at a time', async () => {
    vi.useFakeTimers()
    const asked: string[] = []
    let most = 0
    let pending = 0
    const lookup: EgressOptions['lookup'] = (name, _options, done) => {
      asked.push(name)
      pending += 1
      most = Math.max(most, pending)
      setTimeout(() => {
        pending -= 1
        done(null, [{ address: '93.184.215.14', family: 4 }])
      }, 10)
    }
    const names = Array.from({ length: 100 }, (_, index) => `h${index}.example`)
    const hooks = names.flatMap((name) =>
      Array.from({ length: 20 }, (_, index) => ({ url: `https://${name}/${index}`, id: `${name} ${index}` })),
    )
    const dispatcher = start(
      fakeTransport(() => never),
      { hooks, egress: { lookup } },
    )
    const checked = dispatcher.check()
    await pass(100)
    expect((await checked).filter(({ ok }) => ok)).toHaveLength(2000)
    expect(asked).toEqual(names)
    expect(most).toBe(32)
  })

  it('waits for a name as long as a delivery would', async () => {
    vi.useFakeTimers()
    const lookup: EgressOptions['lookup'] = (name, options, done) => {
      if (name !== 'hangs.example') resolve(name, options, done)
    }
    const hooks = ['https://hangs.example/', 'https://hangs.example/again', 'https://fine.example/']
    const dispatcher = start(
      fakeTransport(() => never),
      { hooks, egress: { lookup }, timeout: { deadlineMs: 3000 } },
    )
    const checked = dispatcher.check()
    await pass(3000)
    expect((await checked).map(({ refusal }) => refusal?.code)).toEqual(['ETIMEDOUT', 'ETIMEDOUT', undefined])
  })

  it('waits for each hook of a name as long as its own delivery would, by one look-up', async () => {
    vi.useFakeTimers()
    let asked = 0
    const lookup: EgressOptions['lookup'] = (_name, _options, done) => {
      asked += 1
      setTimeout(() => done(null, [{ address: '93.184.215.14', family: 4 }]), 5000)
    }
    const hooks = [1000, 9000, 1000].map((deadlineMs, index) => ({
      url: `https://slow.example/${index}`,
      timeout: { deadlineMs },
    }))
    const dispatcher = start(
      fakeTransport(() => never),
      { hooks, egress: { lookup } },
    )
    const checked = dispatcher.check()
    await pass(5000)
    expect((await checked).map(({ refusal }) => refusal?.code)).toEqual(['ETIMEDOUT', undefined, 'ETIMEDOUT'])
    expect(asked).toBe(1)
  })

  it('says that a name without an address cannot be resolved', async () => {
    const lookup: EgressOptions['lookup'] = (_name, _options, done) => done(null, [])
    const dispatcher = start(
      fakeTransport(() => never),
      { hooks: ['https://empty.example/'], egress: { lookup } },
    )
    expect(await dispatcher.check()).toMatchObject([{ ok: false, refusal: { code: 'ENOTFOUND' } }])
  })

  it('agrees with what is said at construction, and with what is allowed', async () => {
    const logger = newLog()
    const hooks = ['http://127.0.0.1:9/', 'http://10.0.0.1/']
    const dispatcher = start(
      fakeTransport(() => never),
      { logger, hooks, egress: { allow: ['10.0.0.0/8'] } },
    )
    expect(logger.lines).toHaveLength(1)
    expect(logger.lines[0]).toContain('hooks[0] will not be sent to')
    expect((await dispatcher.check()).map(({ ok }) => ok)).toEqual([false, true])
  })

  it('resolves nothing behind a proxy, which does', async () => {
    const egress = { proxy: 'http://proxy.example:3128', lookup: resolve }
    const dispatcher = start(
      fakeTransport(() => never),
      { hooks: ['http://nowhere.example/'], egress },
    )
    expect(await dispatcher.check()).toMatchObject([{ ok: true }])
  })
})

describe('a connection that does not open', () => {
  it('is tried as often in the next attempt, from the shortest wait on', async () => {
    const sent: number[] = []
    const transport = fakeTransport(() => (sent.push(Date.now()), failure('unreachable', false)))
    const connect = { retries: 2, minTimeout: 100, maxTimeout: 1500, factor: 2 }
    const dispatcher = start(transport, { retry: { delaysMs: [5000], connect } })
    await dispatcher.dispatch(release)
    await pass(20_000)
    const waits = sent.slice(1).map((at, index) => Math.round((at - (sent[index] ?? 0)) / 100) * 100)
    expect(waits).toEqual([100, 200, 5000, 100, 200])
  })
})

describe('what is remembered', () => {
  it('of a failing hook is in the store after a beat', async () => {
    const store = memoryStore()
    const dispatcher = start(
      fakeTransport(() => answer(500)),
      { store, retry: once },
    )
    await dispatcher.dispatch(release)
    await pass(5100)
    expect(await store.hookStates()).toMatchObject([{ enabled: true, reason: 'failing' }])
  })

  it('of a failing hook outlives the dispatcher', async () => {
    const store = memoryStore()
    const first = start(
      fakeTransport(() => answer(500)),
      { store, retry: once },
    )
    await first.dispatch(release)
    await pass()
    await first.close()
    const second = start(
      fakeTransport(() => answer(500)),
      { store, retry: once },
    )
    await pass()
    expect(second.hooks()[0]?.failingSince).toBeLessThan(10)
  })
})
