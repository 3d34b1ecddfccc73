import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { memoryStore, type Store } from '../../src/index.ts'
import type { LaneMember, LaneWorker, SharedLanes } from '../../src/stores/shared-lanes.ts'
import { altered } from '../testing/altered-store.ts'
import { answer, failure, fakeTransport } from './fake-transport.ts'
import { newLog, release, start } from './started.ts'

const id = 'one'
const hooks = [{ url: 'http://one.example/', id, concurrency: 1 }]
const never = new Promise<never>(() => undefined)

/** Lanes that do as they are told. */
interface Script extends SharedLanes {
  readonly worker: LaneWorker
  readonly released: string[]
  readonly remembered: unknown[]
  certain: boolean
  readonly retired: () => number
  readonly left: () => number
  readonly isRetired: () => boolean
}

function scripted(join: (member: LaneMember) => Promise<LaneMember> = async (member) => member): Script {
  let joined: LaneWorker | undefined
  let left = 0
  let retired = 0
  const script: Script = {
    get worker() {
      if (joined === undefined) throw new Error('nobody has joined')
      return joined
    },
    released: [],
    remembered: [],
    certain: true,
    retired: () => retired,
    left: () => left,
    isRetired: () => retired > 0,
    join: (worker) => {
      joined = worker
      return join({
        holds: () => script.certain,
        remember: async (hookId) => void script.remembered.push(worker.memory(hookId, false)),
        release: async (hookId) => {
          await new Promise((resolve) => setImmediate(resolve))
          script.released.push(hookId)
        },
        retire: async () => void (retired += 1),
        leave: async () => void (left += 1),
        abandon: () => undefined,
      })
    },
  }
  return script
}

function sharing(lanes: SharedLanes, store: Store = memoryStore()): Store {
  return altered(store, { lanes, durable: true })
}

const joined = (lanes: Script): Promise<void> => vi.waitFor(() => void lanes.worker)

describe('workers', () => {
  it('records and sends nothing with `workers: false`, until it is started', async () => {
    const transport = fakeTransport(() => answer(200))
    const store = memoryStore()
    const dispatcher = start(transport, { hooks, store, workers: false })
    const dispatch = await dispatcher.dispatch(release)
    expect(await store.claim({ hooks: new Map([[id, 1]]), now: Date.now(), until: 0 })).toHaveLength(1)
    expect(dispatcher.hooks()).toMatchObject([{ isHere: false }])
    expect(transport.requests).toHaveLength(0)
    await dispatcher.start()
    expect(dispatcher.hooks()).toMatchObject([{ isHere: true }])
    expect(await dispatch.settled()).toMatchObject([{ state: 'delivered' }])
  })

  it('refuses to start once it is closed', async () => {
    const dispatcher = start(
      fakeTransport(() => answer(200)),
      { workers: false },
    )
    await dispatcher.close()
    await expect(dispatcher.start()).rejects.toMatchObject({ code: 'dispatcher_closed' })
  })

  it('starts when the store can be reached, and logs that it could not be', async () => {
    const logger = newLog()
    let faults = 2
    const lanes = scripted(async (member) => {
      faults -= 1
      if (faults >= 0) throw new Error('no store')
      return member
    })
    const dispatcher = start(
      fakeTransport(() => answer(200)),
      { hooks, store: sharing(lanes), logger },
    )
    await dispatcher.start()
    expect(logger.lines).toHaveLength(2)
    expect(logger.lines[0]).toContain('The store could not be asked for lanes')
  })

  it('logs three times a minute at most that the store is away, with how often it was not logged', async () => {
    const logger = newLog()
    let now = 0
    const lanes = scripted()
    const dispatcher = start(
      fakeTransport(() => answer(200)),
      { hooks, store: sharing(lanes), logger, now: () => now },
    )
    await dispatcher.start()
    for (; now < 120_000; now += 1000) lanes.worker.failed(new Error('no store'))
    expect(logger.lines).toHaveLength(6)
    expect(logger.lines[3]).toContain('"withheld":57')
  })

  it('leaves what it has joined while it was closed', async () => {
    const gate = Promise.withResolvers<void>()
    const lanes = scripted(async (member) => gate.promise.then(() => member))
    const dispatcher = start(
      fakeTransport(() => answer(200)),
      { hooks, store: sharing(lanes) },
    )
    await joined(lanes)
    const closed = dispatcher.close()
    gate.resolve()
    await closed
    await vi.waitFor(() => expect(lanes.left()).toBe(1))
  })
})

describe('a lane that is shared', () => {
  it('is sent to when it is given, with what waits', async () => {
    const transport = fakeTransport(() => answer(200))
    const lanes = scripted()
    const dispatcher = start(transport, { hooks, store: sharing(lanes) })
    await dispatcher.start()
    const dispatch = await dispatcher.dispatch(release)
    expect(transport.requests).toHaveLength(0)
    lanes.worker.given(id, undefined)
    expect(await dispatch.settled()).toMatchObject([{ state: 'delivered' }])
  })

  it('hears of what others record', async () => {
    const transport = fakeTransport(() => answer(200))
    const lanes = scripted()
    const store = memoryStore()
    const dispatcher = start(transport, { hooks, store: sharing(lanes, store) })
    await dispatcher.start()
    lanes.worker.given(id, undefined)
    const recorder = start(
      fakeTransport(() => never),
      { hooks, store, workers: false },
    )
    const dispatch = await recorder.dispatch(release)
    lanes.worker.due(['another'])
    lanes.worker.due([id])
    await vi.waitFor(() => expect(transport.requests).toHaveLength(1))
    expect(dispatch.deliveries).toHaveLength(1)
  })

  it('is handed back when it is asked for and nothing is in flight: what waited for a place at once', async () => {
    const gate = Promise.withResolvers<ReturnType<typeof answer>>()
    const transport = fakeTransport(() => gate.promise)
    const lanes = scripted()
    const store = memoryStore()
    const dispatcher = start(transport, { hooks, store: sharing(lanes, store) })
    await dispatcher.start()
    lanes.worker.given(id, undefined)
    await dispatcher.dispatch(release)
    await dispatcher.dispatch({ ...release, version: 5 })
    await vi.waitFor(() => expect(transport.pending).toBe(1))
    lanes.worker.asked(id)
    const claim = (): ReturnType<Store['claim']> =>
      store.claim({ hooks: new Map([[id, 9]]), now: Date.now(), until: Date.now() + 1000 })
    await vi.waitFor(async () => expect(await claim()).toHaveLength(1))
    expect(lanes.released).toEqual([])
    gate.resolve(answer(200))
    await vi.waitFor(() => expect(lanes.released).toEqual([id]))
    expect(transport.requests).toHaveLength(1)
    await dispatcher.dispatch({ ...release, version: 6 })
    expect(dispatcher.hooks()).toMatchObject([{ isHere: false, waiting: 0, inFlight: 0 }])
  })

  it.each([
    ['was told before', {}],
    ['could not be recorded', { version: 5 }],
  ])('is handed back when it is asked for while something is recorded that %s', async (_, facts) => {
    const lanes = scripted()
    const store = memoryStore()
    const recording = Promise.withResolvers<void>()
    let tells = 0
    const slow = altered(store, {
      tell: async (telling, until) => {
        tells += 1
        if (tells === 1) return store.tell(telling, until)
        await recording.promise
        if (telling.release.version === 'v5') throw new Error('away')
        return store.tell(telling, until)
      },
    })
    const dispatcher = start(
      fakeTransport(() => answer(200)),
      { hooks, store: sharing(lanes, slow) },
    )
    await dispatcher.start()
    lanes.worker.given(id, undefined)
    await (await dispatcher.dispatch(release)).settled()
    const second = dispatcher.dispatch({ ...release, ...facts }).catch(() => undefined)
    await vi.waitFor(() => expect(tells).toBe(2))
    lanes.worker.asked(id)
    expect(lanes.released).toEqual([])
    recording.resolve()
    await second
    await vi.waitFor(() => expect(lanes.released).toEqual([id]))
  })

  it('is handed back also when it is given and asked for while the worker still joins', async () => {
    const gate = Promise.withResolvers<void>()
    const lanes = scripted(async (member) => gate.promise.then(() => member))
    const dispatcher = start(
      fakeTransport(() => answer(200)),
      { hooks, store: sharing(lanes) },
    )
    await joined(lanes)
    lanes.worker.given(id, undefined)
    lanes.worker.asked(id)
    gate.resolve()
    await dispatcher.start()
    await vi.waitFor(() => expect(lanes.released).toEqual([id]))
  })

  it('is not sent to any more when it was lost', async () => {
    const gate = Promise.withResolvers<ReturnType<typeof answer>>()
    const transport = fakeTransport(() => gate.promise)
    const lanes = scripted()
    const dispatcher = start(transport, { hooks, store: sharing(lanes) })
    await dispatcher.start()
    lanes.worker.given(id, undefined)
    await dispatcher.dispatch(release)
    await dispatcher.dispatch({ ...release, version: 5 })
    await vi.waitFor(() => expect(transport.pending).toBe(1))
    lanes.worker.lost(id)
    gate.resolve(answer(200))
    await vi.waitFor(() =>
      expect(dispatcher.hooks()).toMatchObject([{ isHere: false, inFlight: 0, waiting: 0 }]),
    )
    expect(transport.requests).toHaveLength(1)
    expect(lanes.released).toEqual([])
  })

  it('is sent to again at once with what could not be handed back while the store was away', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const gate = Promise.withResolvers<ReturnType<typeof answer>>()
    const transport = fakeTransport((_, index) => (index === 0 ? gate.promise : answer(200)))
    const lanes = scripted()
    const store = memoryStore()
    let isAway = true
    const faulty = altered(store, {
      release: async (...args) => {
        if (isAway) throw new Error('away')
        return store.release(...args)
      },
    })
    const dispatcher = start(transport, { hooks, store: sharing(lanes, faulty) })
    await dispatcher.start()
    lanes.worker.given(id, undefined)
    await dispatcher.dispatch(release)
    const second = await dispatcher.dispatch({ ...release, version: 5 })
    await vi.waitFor(() => expect(transport.pending).toBe(1))
    lanes.worker.lost(id)
    await vi.waitFor(() => expect(dispatcher.hooks()).toMatchObject([{ waiting: 0 }]))
    gate.resolve(answer(200))
    await new Promise((resolve) => setTimeout(resolve, 20))
    isAway = false
    lanes.worker.given(id, undefined)
    await vi.advanceTimersByTimeAsync(5000)
    expect(await second.settled()).toMatchObject([{ state: 'delivered' }])
  })

  it('is not kept, nor waited in, for what was recorded while it was lost', async () => {
    const gate = Promise.withResolvers<ReturnType<typeof answer>>()
    const transport = fakeTransport(() => gate.promise)
    const lanes = scripted()
    const store = memoryStore()
    const recording = Promise.withResolvers<void>()
    let records = 0
    const slow = altered(store, {
      tell: async (...args) => {
        records += 1
        const recorded = await store.tell(...args)
        if (records > 1) await recording.promise
        return recorded
      },
    })
    const dispatcher = start(transport, { hooks, store: sharing(lanes, slow) })
    await dispatcher.start()
    lanes.worker.given(id, undefined)
    await dispatcher.dispatch(release)
    await vi.waitFor(() => expect(transport.pending).toBe(1))
    const second = dispatcher.dispatch({ ...release, version: 5 })
    await vi.waitFor(() => expect(records).toBe(2))
    lanes.worker.lost(id)
    recording.resolve()
    await second
    const until = { now: Date.now(), until: Date.now() + 1000 }
    await vi.waitFor(async () =>
      expect(await store.claim({ hooks: new Map([[id, 9]]), ...until })).toHaveLength(1),
    )
    gate.resolve(answer(200))
  })

  it('is handed back by a repeat of what never had a connection, which others make', async () => {
    const gate = Promise.withResolvers<ReturnType<typeof failure>>()
    const transport = fakeTransport(() => gate.promise)
    const lanes = scripted()
    const store = memoryStore()
    const dispatcher = start(transport, { hooks, store: sharing(lanes, store) })
    await dispatcher.start()
    lanes.worker.given(id, undefined)
    await dispatcher.dispatch(release)
    await vi.waitFor(() => expect(transport.pending).toBe(1))
    lanes.worker.asked(id)
    gate.resolve(failure('unreachable', false))
    await vi.waitFor(() => expect(lanes.released).toEqual([id]))
    expect(transport.requests).toHaveLength(1)
  })

  it('is not sent to while nobody knows whose it is, and goes on when it is known', async () => {
    const gate = Promise.withResolvers<ReturnType<typeof answer>>()
    const transport = fakeTransport((_, index) => (index === 0 ? gate.promise : answer(200)))
    const lanes = scripted()
    const dispatcher = start(transport, { hooks, store: sharing(lanes) })
    await dispatcher.start()
    lanes.worker.given(id, undefined)
    const first = await dispatcher.dispatch(release)
    const second = await dispatcher.dispatch({ ...release, version: 5 })
    await vi.waitFor(() => expect(transport.pending).toBe(1))
    lanes.certain = false // the process slept, and has not heard of anything yet
    gate.resolve(answer(200))
    expect(await first.settled()).toMatchObject([{ state: 'delivered' }])
    await vi.waitFor(() => expect(dispatcher.hooks()).toMatchObject([{ inFlight: 0, waiting: 0 }]))
    expect(transport.requests).toHaveLength(1)
    lanes.certain = true
    lanes.worker.due([id])
    expect(await second.settled()).toMatchObject([{ state: 'delivered' }])
  })

  it('that comes back sends nothing that was put back before it was lost: another worker may have sent it', async () => {
    let now = Date.now()
    const gate = Promise.withResolvers<ReturnType<typeof failure>>()
    const transport = fakeTransport((_, index) => (index === 0 ? gate.promise : answer(200)))
    const lanes = scripted()
    const store = memoryStore()
    const connect = { retries: 10, minTimeout: 20, maxTimeout: 20, factor: 1 }
    const shared = { hooks, store: sharing(lanes, store), now: () => now, retry: { connect } }
    const dispatcher = start(transport, shared)
    await dispatcher.start()
    lanes.worker.given(id, undefined)
    const dispatch = await dispatcher.dispatch(release)
    await vi.waitFor(() => expect(transport.pending).toBe(1))
    lanes.worker.lost(id)
    gate.resolve(failure('unreachable', false)) // its connection never opened: it would be repeated at once
    await vi.waitFor(() => expect(transport.pending).toBe(0))
    const worker = fakeTransport(() => answer(200))
    await start(worker, { hooks, store, now: () => now + 3_600_000 }).start() // when the lease is over
    await vi.waitFor(() => expect(worker.requests).toHaveLength(1))
    lanes.worker.given(id, null)
    now += 1000
    await vi.waitFor(() => expect(dispatcher.hooks()).toMatchObject([{ waiting: 0, inFlight: 0 }]))
    expect(await dispatch.settled()).toMatchObject([{ state: 'delivered', attempts: 1 }])
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(transport.requests).toHaveLength(1)
  })

  it('goes on where the one before left off: at its breaker, its pace, and what the receiver asked for', async () => {
    const now = Date.now()
    const of = async (memory: unknown): Promise<number | undefined> => {
      const lanes = scripted()
      const transport = fakeTransport(() => answer(200))
      const paced = [{ url: 'http://one.example/', id, pace: { perSecond: 0.01 } }]
      const dispatcher = start(transport, { hooks: paced, store: sharing(lanes), now: () => now })
      await dispatcher.start()
      await dispatcher.dispatch(release)
      lanes.worker.given(id, memory)
      await new Promise((resolve) => setTimeout(resolve, 50))
      const [hook] = dispatcher.hooks()
      return transport.requests.length === 1 ? undefined : (hook?.pausedUntil ?? 0)
    }
    expect(await of(undefined)).toBeUndefined()
    expect(await of({ closedUntil: 0, pace: null })).toBeUndefined()
    expect(await of({ closedUntil: now + 5000, pace: null })).toBe(now + 5000)
    expect(await of({ closedUntil: 0, pace: null, breaker: { until: now + 7000, openMs: 7000 } })).toBe(
      now + 7000,
    )
    expect(await of({ closedUntil: 0, pace: now + 3000 })).toBe(0)
    expect(await of(null)).toBe(0) // it may have sent just now
  })

  it('is remembered when its breaker opens, so that it is left alone also by whoever has it next', async () => {
    const lanes = scripted()
    const transport = fakeTransport(() => answer(503))
    const breaker = { minimum: 1, openMs: 60_000 }
    const dispatcher = start(transport, { hooks, store: sharing(lanes), breaker })
    await dispatcher.start()
    lanes.worker.given(id, undefined)
    await dispatcher.dispatch(release)
    await vi.waitFor(() => expect(lanes.remembered).toHaveLength(1))
    expect(lanes.remembered).toMatchObject([{ breaker: { openMs: 60_000 } }])
    const next = scripted()
    const other = fakeTransport(() => answer(200))
    const another = start(other, { hooks, store: sharing(next), breaker })
    await another.start()
    next.worker.given(id, JSON.parse(JSON.stringify(lanes.remembered[0])))
    await another.dispatch({ ...release, version: 5 })
    expect(another.hooks()).toMatchObject([{ breaker: { state: 'open' } }])
    expect(other.requests).toHaveLength(0)
    expect(next.remembered).toMatchObject([{ breaker: { openMs: 60_000 } }]) // it may be killed, too
  })

  it('is remembered when its receiver asks for time, and when an operator ends that', async () => {
    const until = expect.closeTo(Date.now() + 3_600_000, -5) as number
    const lanes = scripted()
    const dispatcher = start(
      fakeTransport(() => answer(429, '3600')),
      { hooks, store: sharing(lanes) },
    )
    await dispatcher.start()
    lanes.worker.given(id, undefined)
    await dispatcher.dispatch(release)
    await vi.waitFor(() => expect(lanes.remembered).toMatchObject([{ closedUntil: until }]))
    const next = scripted()
    const other = fakeTransport(() => answer(200))
    const another = start(other, { hooks, store: sharing(next), breaker: false })
    await another.start()
    next.worker.given(id, JSON.parse(JSON.stringify(lanes.remembered[0])))
    await another.dispatch({ ...release, version: 5 })
    expect(another.hooks()).toMatchObject([{ pausedUntil: until }])
    expect(other.requests).toHaveLength(0)
    expect(next.remembered).toMatchObject([{ closedUntil: until }]) // it may be killed, too
    await another.enable(id)
    expect(next.remembered.at(-1)).toMatchObject({ closedUntil: 0 })
  })

  it('is left when the dispatcher closes: idle ones at once, and the others when they are done', async () => {
    const gate = Promise.withResolvers<ReturnType<typeof answer>>()
    const transport = fakeTransport(() => gate.promise)
    const lanes = scripted()
    const two = [...hooks, { url: 'http://two.example/', id: 'two', apps: ['other'] }]
    const dispatcher = start(transport, { hooks: two, store: sharing(lanes) })
    await dispatcher.start()
    lanes.worker.given(id, undefined)
    lanes.worker.given('two', undefined)
    await dispatcher.dispatch(release)
    await vi.waitFor(() => expect(transport.pending).toBe(1))
    const closed = dispatcher.close()
    await vi.waitFor(() => expect(lanes.released).toEqual(['two']))
    lanes.worker.given('two', null) // too late: it goes on to somebody else
    await vi.waitFor(() => expect(lanes.released).toEqual(['two', 'two']))
    expect([lanes.isRetired(), lanes.left()]).toEqual([true, 0])
    gate.resolve(answer(200))
    await closed
    expect(lanes.released).toEqual(['two', 'two', id])
    expect(lanes.left()).toBe(1)
  })

  it('is not looked into for those who wait no more', async () => {
    const store = memoryStore()
    let looks = 0
    const counted = altered(store, {
      get: async (ids) => {
        looks += ids.length
        return store.get(ids)
      },
    })
    const recorder = start(
      fakeTransport(() => never),
      { hooks, store: sharing(scripted(), counted), workers: false },
    )
    const dispatch = await recorder.dispatch(release)
    await expect(dispatch.settled({ signal: AbortSignal.timeout(20) })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    looks = 0
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(looks).toBe(0)
  })

  it('tells within a moment what another worker has sent', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }) // the beats, which would tell it too
    onTestFinished(() => void vi.useRealTimers())
    const store = memoryStore()
    const lanes = scripted()
    const recorder = start(
      fakeTransport(() => never),
      { hooks, store: sharing(lanes, store), workers: false },
    )
    const dispatch = await recorder.dispatch(release)
    const settled = dispatch.settled()
    const worker = start(
      fakeTransport(() => answer(200)),
      { hooks, store },
    )
    await worker.start()
    expect(await settled).toMatchObject([{ state: 'delivered' }])
  })
})
