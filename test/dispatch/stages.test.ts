import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Grouping, groupOf } from '../../src/dispatch/grouping.ts'
import type { Hook } from '../../src/hooks/hook.ts'
import { createHooks } from '../../src/hooks/list.ts'
import { memoryStore, parseRelease } from '../../src/index.ts'
import type { HookOptions } from '../../src/hooks/options.ts'
import { defineTarget } from '../../src/targets/index.ts'
import { altered } from '../testing/altered-store.ts'
import { answer, fakeTransport, never } from './fake-transport.ts'
import { newLog, release, start } from './started.ts'
import { stores } from './stores.ts'

const url = 'http://one.example/'
const hooks = (hook: Partial<HookOptions>): { hooks: HookOptions[] } => ({
  hooks: [{ id: 'one', ...hook, url } as HookOptions],
})

describe('the stage of a release', () => {
  it('is told to hooks that name it, and a hook that names none hears at release time alone', async () => {
    const transport = fakeTransport(() => answer(204))
    const dispatcher = start(transport, {
      hooks: [
        { url, id: 'deis' },
        { url: 'http://two.example/', id: 'chat', after: ['succeeded', 'failed', 'rolled-back'] },
        { url: 'http://three.example/', id: 'tests', after: 'succeeded' },
      ],
    })
    const told = async (stage?: 'released' | 'succeeded' | 'failed' | 'rolled-back'): Promise<string[]> => {
      const { deliveries } = await dispatcher.dispatch({ ...release, stage })
      return deliveries.map(({ hookId }) => hookId)
    }
    expect(await told()).toEqual(['deis'])
    expect(await told('released')).toEqual(['deis'])
    expect(await told('succeeded')).toEqual(['chat', 'tests'])
    expect(await told('failed')).toEqual(['chat'])
    expect(await told('rolled-back')).toEqual(['chat'])
  })

  it('is no other release: each stage is sent once', async () => {
    const transport = fakeTransport(() => answer(204))
    const dispatcher = start(transport, hooks({ after: ['released', 'failed', 'succeeded'] }))
    for (const stage of [undefined, 'released', 'failed', 'failed', 'succeeded'] as const)
      await (await dispatcher.dispatch({ ...release, stage })).settled()
    expect(transport.requests).toHaveLength(3)
    const summaries = transport.requests.map((request) =>
      new URL(request.url).searchParams.get('release_summary'),
    )
    expect(summaries).toEqual([
      'gabrtv deployed 35b3726',
      'gabrtv deployed 35b3726: failed',
      'gabrtv deployed 35b3726: succeeded',
    ])
  })

  it('of another name is refused, and nothing is recorded', async () => {
    const dispatcher = start(fakeTransport(() => answer(204)))
    const misspelt = { ...release, stage: 'rolledback' as 'failed' }
    await expect(dispatcher.dispatch(misspelt)).rejects.toMatchObject({
      code: 'release_invalid',
      field: 'stage',
    })
    expect(() =>
      start(
        fakeTransport(() => answer(204)),
        hooks({ after: [] }),
      ),
    ).toThrow(/hooks\[0\]\.after/u)
  })
})

describe.each(Object.entries(stores))('a hook that wants only changes, with a %s store', (_name, open) => {
  it('hears of a stage once, until it changes, for each tenant, app and environment by itself', async () => {
    const store = (await open())()
    const transport = fakeTransport(() => answer(204))
    const dispatcher = start(transport, {
      ...hooks({ after: ['succeeded', 'failed'], onlyChanges: true }),
      store,
    })
    const tell = async (
      version: number,
      stage: 'succeeded' | 'failed',
      environment?: string,
      tenant?: string,
    ): Promise<number> => {
      const dispatch = await dispatcher.dispatch({ ...release, version, stage, environment, tenant })
      await dispatch.settled()
      return dispatch.deliveries.length
    }
    expect(await tell(1, 'succeeded')).toBe(1)
    expect(await tell(2, 'succeeded')).toBe(0)
    expect(await tell(3, 'failed')).toBe(1)
    expect(await tell(4, 'failed')).toBe(0)
    expect(await tell(4, 'failed', 'staging')).toBe(1)
    expect(await tell(4, 'failed', undefined, 'acme')).toBe(1)
    expect(await tell(4, 'failed', 'staging', 'acme')).toBe(1)
    expect(await tell(5, 'succeeded')).toBe(1)
    expect(await tell(5, 'succeeded')).toBe(1) // the same dispatch: its delivery is there
    expect(transport.requests).toHaveLength(6)
  })

  it('hears again of what never reached it', async () => {
    const store = (await open())()
    let status = 400
    const dispatcher = start(
      fakeTransport(() => answer(status)),
      { ...hooks({ after: 'failed', onlyChanges: true }), retry: { refusedAttempts: 1 }, store },
    )
    const first = await dispatcher.dispatch({ ...release, stage: 'failed' })
    expect(await first.settled()).toMatchObject([{ state: 'dead' }])
    status = 204
    const second = await dispatcher.dispatch({ ...release, version: 5, stage: 'failed' })
    expect(await second.settled()).toMatchObject([{ state: 'delivered' }])
  })
})

describe.each(Object.entries(stores))('a hook that takes the newest only, with a %s store', (_name, open) => {
  it('is not sent what still waits when a newer release of the app is recorded', async () => {
    const store = (await open())()
    let status = 503
    const transport = fakeTransport(() => answer(status))
    const retry = { delaysMs: [600_000] } // far longer than the test: a newer release ends it
    const dispatcher = start(transport, { ...hooks({ supersede: true }), retry, store })
    const dead: unknown[] = []
    dispatcher.on('dead', ({ delivery, outcome }) => dead.push([delivery.release.version, outcome]))
    const old = await dispatcher.dispatch({ ...release, version: 1 })
    const others = [
      await dispatcher.dispatch({ ...release, version: 1, app: 'api' }),
      await dispatcher.dispatch({ ...release, version: 1, tenant: 'acme' }),
    ].flatMap(({ deliveries }) => deliveries.map(({ id }) => id))
    for (const id of [old.deliveries[0]?.id, ...others]) await attempted(dispatcher, id)
    status = 204
    const young = await dispatcher.dispatch({ ...release, version: 2 })
    expect(await young.settled()).toMatchObject([{ state: 'delivered' }])
    const superseded = { kind: 'dead', reason: 'superseded', verdict: 'superseded' }
    expect(await old.settled()).toMatchObject([{ state: 'dead', attempts: 1, outcome: superseded }])
    expect(dead).toEqual([['v1', superseded]])
    expect(await store.get(others)).toMatchObject([{ state: 'waiting' }, { state: 'waiting' }])
  })

  it('is sent the last one of a burst that waits for a place', async () => {
    const store = (await open())()
    const first = Promise.withResolvers<ReturnType<typeof answer>>()
    const transport = fakeTransport((_request, index) => (index === 0 ? first.promise : answer(204)))
    const dispatcher = start(transport, { ...hooks({ supersede: true, concurrency: 1 }), store })
    const dispatched = [await dispatcher.dispatch({ ...release, version: 1 })]
    await expect.poll(() => transport.requests.length).toBe(1)
    for (let version = 2; version <= 20; version += 1)
      dispatched.push(await dispatcher.dispatch({ ...release, version }))
    first.resolve(answer(204))
    const states = await Promise.all(
      dispatched.map(async (each) => (await each.settled())[0]?.outcome?.reason),
    )
    expect(states).toEqual(['status-204', ...Array<string>(18).fill('superseded'), 'status-204'])
    expect(transport.requests).toHaveLength(2)
  })

  it('is not hurried by an old release that is dispatched once more', async () => {
    const store = (await open())()
    let status = 204
    const transport = fakeTransport(() => answer(status))
    const dispatcher = start(transport, { ...hooks({ supersede: true }), store })
    const old = { ...release, version: 1, at: '2026-11-20T03:00:00Z' } // the very event, as another replica tells it
    await (await dispatcher.dispatch(old)).settled()
    status = 503
    const young = await dispatcher.dispatch({ ...release, version: 2 })
    await attempted(dispatcher, young.deliveries[0]?.id)
    const [before] = await store.get(young.deliveries.map(({ id }) => id))
    expect((await dispatcher.dispatch(old)).repeated).toBe(true)
    await new Promise((resolve) => setImmediate(resolve))
    const [after] = await store.get(young.deliveries.map(({ id }) => id))
    expect(after?.dueAt).toBe(before?.dueAt)
  })

  it('is sent an old one again when an operator asks for it', async () => {
    const store = (await open())()
    const transport = fakeTransport(() => answer(204))
    const dispatcher = start(transport, { ...hooks({ supersede: true }), store })
    const old = await dispatcher.dispatch({ ...release, version: 1 })
    await old.settled()
    await (await dispatcher.dispatch({ ...release, version: 2 })).settled()
    const replay = await dispatcher.replay(old.deliveries[0]?.id ?? '')
    expect(await replay.settled()).toMatchObject([{ state: 'delivered' }])
    expect(transport.requests).toHaveLength(3)
  })

  it('is asked to the end about what it has accepted', async () => {
    const store = (await open())()
    const poll = {
      status: '/s',
      statuses: { busy: 'running', good: 'succeeded' },
      everyMs: 1,
      untilMs: 10_000,
    } as const
    const target = defineTarget({ name: 'slow', repeat: 'duplicates', requests: [{}], poll })
    let status = 'busy'
    const transport = fakeTransport(() => answer(200, undefined, JSON.stringify({ s: status })))
    const dispatcher = start(transport, { ...hooks({ supersede: true, target, waitFor: 'finished' }), store })
    const old = await dispatcher.dispatch({ ...release, version: 1 })
    await expect.poll(() => transport.requests.length).toBeGreaterThan(2)
    const young = await dispatcher.dispatch({ ...release, version: 2 })
    await expect.poll(() => transport.requests.length).toBeGreaterThan(6)
    status = 'good'
    expect(await old.settled()).toMatchObject([{ state: 'delivered' }])
    expect(await young.settled()).toMatchObject([{ state: 'delivered' }])
  })

  it('is sent what is in flight to its end', async () => {
    const store = (await open())()
    const transport = fakeTransport((_request, index) => (index === 0 ? never : answer(204)))
    const dispatcher = start(transport, { ...hooks({ supersede: true }), store })
    const old = await dispatcher.dispatch({ ...release, version: 1 })
    await expect.poll(() => transport.requests.length).toBe(1)
    await (await dispatcher.dispatch({ ...release, version: 2 })).settled()
    expect(await store.get(old.deliveries.map(({ id }) => id))).toMatchObject([{ state: 'waiting' }])
  })
})

async function attempted(dispatcher: ReturnType<typeof start>, id = ''): Promise<void> {
  await expect.poll(async () => (await dispatcher.attempts(id)).length).toBe(1)
}

describe('a hook that wants less than all', () => {
  it('is told of what was dispatched before the dispatcher was closed', async () => {
    const store = memoryStore()
    const gate = Promise.withResolvers<void>()
    const slow = altered(store, { tell: async (...given) => (await gate.promise, store.tell(...given)) })
    const transport = fakeTransport(() => answer(204))
    const dispatcher = start(transport, { ...hooks({ onlyChanges: true }), store: slow })
    const dispatched = dispatcher.dispatch(release)
    await new Promise((resolve) => setImmediate(resolve))
    const closed = dispatcher.close()
    gate.resolve()
    await closed
    const [delivery] = (await dispatched).deliveries
    expect(await store.get([delivery?.id ?? ''])).toMatchObject([{ state: 'delivered' }])
  })

  it('has a store that may fail while the dispatcher closes', async () => {
    const store = memoryStore()
    const gate = Promise.withResolvers<void>()
    const unhandled = vi.fn<(error: unknown) => void>()
    process.on('unhandledRejection', unhandled)
    onTestFinished(() => void process.off('unhandledRejection', unhandled))
    const failing = altered(store, {
      latest: () => Promise.reject(new Error('disk full')),
      tell: async (...given) => (await gate.promise, store.tell(...given)),
    })
    const dispatcher = start(
      fakeTransport(() => answer(204)),
      { ...hooks({ supersede: true }), store: failing },
    )
    const dispatched = dispatcher.dispatch(release)
    await new Promise((resolve) => setImmediate(resolve))
    const closed = dispatcher.close({ deadlineMs: 0 })
    gate.resolve()
    await Promise.all([dispatched, closed])
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(unhandled).not.toHaveBeenCalled()
  })

  it('is not asked earlier how an older release goes that it has taken', async () => {
    const store = memoryStore()
    const poll = { status: '/s', statuses: {}, everyMs: 600_000, untilMs: 6_000_000 } as const
    const target = defineTarget({ name: 'asked', repeat: 'duplicates', requests: [{}], poll })
    const transport = fakeTransport(() => answer(204))
    const dispatcher = start(transport, {
      ...hooks({ supersede: true, target, waitFor: 'finished' }),
      store,
    })
    const old = await dispatcher.dispatch({ ...release, version: 1 })
    await attempted(dispatcher, old.deliveries[0]?.id)
    const young = await dispatcher.dispatch({ ...release, version: 2 })
    await attempted(dispatcher, young.deliveries[0]?.id)
    await dispatcher.close()
    expect(transport.requests.map(({ method }) => method)).toEqual(['POST', 'POST'])
  })

  it('is not hurried by an older release that is recorded in the same moment', async () => {
    const store = memoryStore()
    const [hook] = createHooks({ hooks: [{ url, id: 'one', supersede: true }] }, newLog())
    const grouping = new Grouping(new Map([['one', hook as Hook]]), store)
    const facts = { hookId: 'one', recordedAt: 1, dueAt: 1, group: groupOf(parseRelease(release)) }
    const given = [1, 2, 3].map((version) => ({
      ...facts,
      id: `dlv_${version}`,
      release: parseRelease({ ...release, version }),
    }))
    const recorded = await store.record(given, 1)
    expect(await grouping.superseded(recorded.slice(1, 2))).toEqual(['dlv_1'])
    expect(await grouping.superseded(recorded.slice(2))).toEqual(['dlv_2', 'dlv_1'])
  })

  it('loses no time of its pace by what is superseded', async () => {
    const first = Promise.withResolvers<ReturnType<typeof answer>>()
    const transport = fakeTransport((_request, index) => (index === 0 ? first.promise : answer(204)))
    let now = 1_000_000
    const dispatcher = start(transport, {
      ...hooks({ supersede: true, concurrency: 1, pace: { perSecond: 1 / 60 } }),
      now: () => now,
    })
    const dispatched = [await dispatcher.dispatch({ ...release, version: 1 })]
    await expect.poll(() => transport.requests.length).toBe(1)
    for (let version = 2; version <= 5; version += 1)
      dispatched.push(await dispatcher.dispatch({ ...release, version }))
    now += 60_000 // time for one more
    first.resolve(answer(204))
    const last = dispatched.at(-1)
    expect(await last?.settled({ signal: AbortSignal.timeout(2000) })).toMatchObject([{ state: 'delivered' }])
    expect(transport.requests).toHaveLength(2)
    const next = await dispatcher.dispatch({ ...release, version: 6 })
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(transport.requests).toHaveLength(2) // a request that was sent takes its time
    now += 60_000
    await dispatcher.enable('one')
    expect(await next.settled({ signal: AbortSignal.timeout(2000) })).toMatchObject([{ state: 'delivered' }])
  })
})

describe('an idempotency key', () => {
  it('is one dispatch for each stage', async () => {
    const transport = fakeTransport(() => answer(204))
    const dispatcher = start(transport, hooks({ after: ['released', 'succeeded'] }))
    const idempotencyKey = 'build 7'
    for (const stage of [undefined, 'released', 'succeeded', 'succeeded'] as const)
      await (await dispatcher.dispatch({ ...release, stage }, { idempotencyKey })).settled()
    expect(transport.requests).toHaveLength(2)
  })
})
