import { describe, expect, it, vi } from 'vitest'
import type { Dispatcher, DispatcherOptions, Exchange, Store } from '../../src/index.ts'
import { answer, fakeTransport } from './fake-transport.ts'
import { newLog, release, start } from './started.ts'
import { stores } from './stores.ts'

const second = 1000
const minute = 60 * second
const hour = 3600 * second
/** Waits for a worker of Postgres to have its lane. */
const patience = { timeout: 15_000, interval: 20 }

/** A platform whose controller is restarted, or swapped for another one, at a clock of the test's. */
async function platform(kind: string, reply: (now: number, url: string) => Exchange) {
  const open = (await stores[kind]?.()) as () => Store
  let now = Date.UTC(2026, 0, 1)
  let version = 0
  let current: { readonly dispatcher: Dispatcher; readonly store: Store } | undefined
  const running = (): { readonly dispatcher: Dispatcher; readonly store: Store } => {
    if (current === undefined) throw new Error('Expected a controller that runs')
    return current
  }
  const sent: number[] = []
  const transport = fakeTransport(({ url }) => {
    sent.push(now)
    return reply(now, url)
  })
  const logger = newLog()
  return {
    sent,
    logger,
    get now() {
      return now
    },
    get status() {
      return current?.dispatcher.hooks()[0]
    },
    get dispatcher() {
      return running().dispatcher
    },
    states: () => running().store.hookStates(),
    pass(ms: number): void {
      now += ms
    },
    async stop(): Promise<void> {
      await current?.dispatcher.close()
      if (kind !== 'memory') await current?.store.close()
      current = undefined
    },
    /** Without closing what runs: as after a kill, and as in a rolling restart. */
    begin(options: Partial<DispatcherOptions> = {}): Dispatcher {
      const store = open()
      const dispatcher = start(transport, { store, now: () => now, logger, retry: { jitter: 0 }, ...options })
      current = { dispatcher, store }
      return dispatcher
    },
    async dispatch() {
      version += 1
      return running().dispatcher.dispatch({ ...release, version })
    },
  }
}

/** A receiver that wants to be left alone for an hour, when it is asked first. */
function pausing(): (now: number) => Exchange {
  let until: number | undefined
  return (now) => {
    until ??= now + hour
    return now < until ? answer(429, String((until - now) / second)) : answer(200)
  }
}

describe.each(Object.keys(stores))('over %s, a controller that is restarted', (kind) => {
  it('sends nothing within the hour that a receiver asked for', async () => {
    const world = await platform(kind, pausing())
    world.begin()
    const until = world.now + hour
    await world.dispatch()
    await vi.waitFor(() => expect(world.status).toMatchObject({ pausedUntil: until }), patience)
    for (let restart = 0; restart < 3; restart += 1) {
      await world.stop()
      world.pass(19 * minute)
      world.begin()
      await world.dispatch()
      await vi.waitFor(
        () => expect(world.status).toMatchObject({ isHere: true, pausedUntil: until }),
        patience,
      )
    }
    expect(world.sent).toHaveLength(1)
    await world.stop()
    world.pass(4 * minute)
    world.begin()
    await vi.waitFor(() => expect(world.sent).toHaveLength(5), patience)
    expect(world.sent[1]).toBeGreaterThanOrEqual(until)
  })

  it('leaves a hook alone whose breaker is open', async () => {
    const breaker = { minimum: 2, openMs: hour }
    const world = await platform(kind, () => answer(500))
    world.begin({ breaker })
    await world.dispatch()
    await world.dispatch()
    const until = world.now + hour
    await vi.waitFor(
      () => expect(world.status).toMatchObject({ breaker: { state: 'open', until } }),
      patience,
    )
    await world.stop()
    world.pass(minute)
    world.begin({ breaker })
    await world.dispatch()
    await vi.waitFor(
      () => expect(world.status).toMatchObject({ isHere: true, breaker: { state: 'open', until } }),
      patience,
    )
    expect(world.sent).toHaveLength(2)
    await world.stop()
    world.pass(hour)
    world.begin({ breaker })
    await vi.waitFor(() => expect(world.sent).toHaveLength(3), patience) // the probe
  })

  it('goes on at the pace of a hook', async () => {
    const hooks = [{ url: 'http://one.example/', pace: { perSecond: 1 / 3600 } }]
    const world = await platform(kind, () => answer(200))
    world.begin({ hooks })
    await (await world.dispatch()).settled()
    const first = world.now
    await world.stop()
    world.pass(minute)
    world.begin({ hooks })
    await world.dispatch()
    await vi.waitFor(() => expect(world.status).toMatchObject({ isHere: true, waiting: 1 }), patience)
    await world.stop()
    expect(world.sent).toEqual([first])
    world.pass(59 * minute)
    world.begin({ hooks })
    await vi.waitFor(() => expect(world.sent).toEqual([first, first + hour]), patience)
  })

  it('begins anew with another URL, whatever the one before came to', async () => {
    const bad = 'http://one.example/hook?token=first'
    const good = 'http://one.example/hook?token=second'
    const hooksOf = (url: string): DispatcherOptions['hooks'] => [{ url, id: 'own' }]
    const world = await platform(kind, (_, url) => answer(url.includes('first') ? 410 : 200))
    const isDelivered = async (): Promise<boolean> => {
      const [delivery] = await (await world.dispatch()).settled()
      return delivery?.state === 'delivered'
    }
    world.begin({ hooks: hooksOf(bad) })
    expect(await isDelivered()).toBe(false)
    await vi.waitFor(() => expect(world.status?.disabled).toMatchObject({ reason: 'gone' }), patience)
    await world.stop()
    world.begin({ hooks: hooksOf(bad) })
    expect(await isDelivered()).toBe(false)
    expect(world.sent).toHaveLength(1)
    await world.stop()
    world.begin({ hooks: hooksOf(good) })
    expect(await isDelivered()).toBe(true)
    expect(world.status).not.toHaveProperty('disabled')
    await world.stop()
    const [state] = await stateAfter(world)
    expect(state).toMatchObject({ hookId: 'own', enabled: true })
    expect(JSON.stringify(state)).not.toMatch(/token|first|second|one\.example/u)
  })

  async function stateAfter(world: Awaited<ReturnType<typeof platform>>) {
    world.begin({ workers: false, hooks: [] })
    return world.states()
  }

  it('leaves a hook disabled that an operator has disabled, also with another URL', async () => {
    const world = await platform(kind, () => answer(200))
    world.begin({ hooks: [{ url: 'http://one.example/', id: 'own' }] })
    await world.dispatcher.disable('own')
    await world.stop()
    world.begin({ hooks: [{ url: 'http://two.example/', id: 'own' }] })
    const [delivery] = await (await world.dispatch()).settled()
    expect(delivery).toMatchObject({ outcome: { verdict: 'hook-disabled' } })
    expect(world.sent).toEqual([])
  })

  it('holds no other URL to the pause, the breaker and the failures of the one before', async () => {
    const breaker = { minimum: 2, openMs: hour }
    const world = await platform(kind, (_, url) => (url.includes('one') ? answer(503, '3600') : answer(200)))
    world.begin({ breaker, hooks: [{ url: 'http://one.example/', id: 'own' }] })
    await world.dispatch()
    await vi.waitFor(() => expect(world.status).toMatchObject({ pausedUntil: world.now + hour }), patience)
    await vi.waitFor(() => expect(world.status).toHaveProperty('failingSince'), patience)
    await world.stop()
    world.begin({ breaker, hooks: [{ url: 'http://two.example/', id: 'own' }] })
    const [delivery] = await (await world.dispatch()).settled()
    expect(delivery).toMatchObject({ state: 'delivered' })
    expect(world.status).not.toHaveProperty('failingSince')
    expect(world.status).not.toHaveProperty('pausedUntil')
  })

  it('sends to a hook again that an operator has enabled within its pause, and after the next restart', async () => {
    let isPaused = true
    const world = await platform(kind, () => (isPaused ? answer(429, '3600') : answer(200)))
    world.begin({ hooks: [{ url: 'http://one.example/', id: 'own' }] })
    await world.dispatch()
    await vi.waitFor(() => expect(world.status).toHaveProperty('pausedUntil'), patience)
    isPaused = false
    await world.dispatcher.enable('own')
    expect(world.status).not.toHaveProperty('pausedUntil')
    await world.stop()
    world.begin({ hooks: [{ url: 'http://one.example/', id: 'own' }] })
    const [delivery] = await (await world.dispatch()).settled()
    expect(delivery).toMatchObject({ state: 'delivered' })
    expect(world.status).not.toHaveProperty('pausedUntil')
  })
})

describe.each(['memory', 'SQLite'])('over %s, a controller that follows one that was not closed', (kind) => {
  it('sends nothing within the hour that a receiver asked for, nor does the other', async () => {
    const world = await platform(kind, pausing())
    world.begin()
    await world.dispatch()
    await vi.waitFor(() => expect(world.status).toHaveProperty('pausedUntil'), patience)
    const until = world.now + hour
    // The store is told right after the attempt: a kill between the two loses it.
    await vi.waitFor(
      async () => expect(await world.states()).toMatchObject([{ memory: { closedUntil: until } }]),
      patience,
    )
    world.pass(minute)
    world.begin()
    await world.dispatch()
    await vi.waitFor(() => expect(world.status).toMatchObject({ pausedUntil: until }), patience)
    expect(world.sent).toHaveLength(1)
  })

  it('takes the last request at a pace for one that was just made', async () => {
    const hooks = [{ url: 'http://one.example/', pace: { perSecond: 1 / 3600 } }]
    const world = await platform(kind, () => answer(200))
    world.begin({ hooks })
    await (await world.dispatch()).settled()
    await vi.waitFor(
      async () => expect(await world.states()).toMatchObject([{ memory: { closedUntil: 0 } }]),
      patience,
    )
    world.pass(minute)
    world.begin({ hooks })
    await world.dispatch()
    await vi.waitFor(() => expect(world.status).toMatchObject({ waiting: 1 }), patience)
    expect(world.sent).toHaveLength(1)
  })

  it('hears at its next look of a pause that the other was asked for', async () => {
    const world = await platform(kind, pausing())
    world.begin()
    const other = world.begin()
    await world.dispatch()
    await vi.waitFor(() => expect(other.hooks()[0]).toHaveProperty('pausedUntil'), patience)
    expect(world.sent).toHaveLength(1)
  })
})
