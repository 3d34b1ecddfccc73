import pg from 'pg'
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import type { Dispatcher, DispatcherOptions, HookOptions, Store } from '../../src/index.ts'
import { postgresStore } from '../../src/stores/postgres/index.ts'
import { answer, fakeTransport, type FakeTransport } from './fake-transport.ts'
import { borrowSchema, query as sql } from '../stores/postgres-fixture.ts'
import { newLog, release, start, type Log } from './started.ts'

/** Waits for what takes a heartbeat of pg-boss. */
const patience = { interval: 20 }
const accepting = (): FakeTransport => fakeTransport(() => answer(200))
const hook = (id: string): HookOptions => ({ id, url: `http://${id}.example/` })
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

interface Worker {
  readonly dispatcher: Dispatcher
  readonly transport: FakeTransport
  readonly log: Log
  readonly held: () => readonly string[]
}

interface Options extends Partial<DispatcherOptions> {
  readonly transport?: FakeTransport
}

/** Processes that share one database, as far as they can tell. */
function database(): {
  readonly schema: string
  readonly store: (options?: { pool: pg.Pool }) => Store
  readonly worker: (options?: Options) => Worker
} {
  const schema = borrowSchema()
  const store = (where?: { readonly pool: pg.Pool }): Store => {
    const opened = postgresStore({ ...(where ?? { connectionString: inject('postgres') }), schema })
    onTestFinished(() => opened.close())
    return opened
  }
  const worker = ({ transport = accepting(), ...options }: Options = {}): Worker => {
    const log = newLog()
    const dispatcher = start(transport, { hooks: [hook('one')], store: store(), logger: log, ...options })
    const held = (): readonly string[] => dispatcher.hooks().flatMap(({ id, isHere }) => (isHere ? [id] : []))
    return { dispatcher, transport, log, held }
  }
  return { schema, store, worker }
}

describe('workers that share a Postgres store', () => {
  it('have each hook at one of them, in equal shares, and hand all over when they close', async () => {
    const { worker } = database()
    const hooks = ['a', 'b', 'c', 'd', 'e', 'f'].map(hook)
    const workers = [worker({ hooks }), worker({ hooks }), worker({ hooks })]
    await Promise.all(workers.map(({ dispatcher }) => dispatcher.start()))
    const shares = (): readonly number[] => workers.map(({ held }) => held().length)
    await vi.waitFor(() => expect(shares()).toEqual([2, 2, 2]), patience)
    expect(workers.flatMap(({ held }) => held()).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
    await workers[0]?.dispatcher.close()
    await vi.waitFor(() => expect(shares()).toEqual([0, 3, 3]), patience)
    await workers[1]?.dispatcher.close()
    await vi.waitFor(() => expect(shares()).toEqual([0, 0, 6]), patience)
  })

  it('go on at once with what one of them closes for, while it waits for a slow receiver', async () => {
    const { worker } = database()
    const hooks = ['a', 'b', 'c', 'd', 'e', 'f'].map(hook)
    const gate = Promise.withResolvers<ReturnType<typeof answer>>()
    const slow = fakeTransport((_, index) => (index === 0 ? gate.promise : answer(200)))
    const [closing, other] = [worker({ hooks, transport: slow }), worker({ hooks })]
    await Promise.all([closing.dispatcher.start(), other.dispatcher.start()])
    const shares = (): readonly number[] => [closing.held().length, other.held().length]
    await vi.waitFor(() => expect(shares()).toEqual([3, 3]), patience)
    await closing.dispatcher.dispatch(release)
    await vi.waitFor(() => expect([slow.requests.length, slow.pending]).toEqual([3, 1]))
    const closed = closing.dispatcher.close()
    await vi.waitFor(() => expect(other.held()).toHaveLength(5), { timeout: 1500, interval: 20 })
    await sleep(2000) // for longer than a worker takes to look for lanes
    expect(other.held()).toHaveLength(5)
    gate.resolve(answer(200))
    await closed
    await vi.waitFor(() => expect(other.held()).toHaveLength(6), { timeout: 1500, interval: 20 })
    expect([...closing.log.lines, ...other.log.lines]).toEqual([])
  })

  it('send what any of them records, once', async () => {
    const { worker } = database()
    const hooks = ['a', 'b', 'c', 'd'].map(hook)
    const workers = [worker({ hooks }), worker({ hooks })]
    await Promise.all(workers.map(({ dispatcher }) => dispatcher.start()))
    await vi.waitFor(() => expect(workers.map(({ held }) => held().length)).toEqual([2, 2]), patience)
    const dispatches = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        workers[index % 2]!.dispatcher.dispatch({ ...release, version: index + 1 }),
      ),
    )
    for (const { settled } of dispatches)
      expect((await settled()).every(({ state }) => state === 'delivered')).toBe(true)
    const sent = workers.flatMap(({ transport }) => transport.requests.map(({ url }) => url))
    expect(sent).toHaveLength(80)
    expect(new Set(sent).size).toBe(80)
  })

  it('keep the places of a hook together', async () => {
    const { worker } = database()
    let pending = 0
    let most = 0
    const slow = (): FakeTransport =>
      fakeTransport(async () => {
        pending += 1
        most = Math.max(most, pending)
        await sleep(5)
        pending -= 1
        return answer(200)
      })
    const hooks = [{ ...hook('one'), concurrency: 2 }]
    const workers = [1, 2, 3].map(() => worker({ hooks, transport: slow() }))
    await Promise.all(workers.map(({ dispatcher }) => dispatcher.start()))
    const dispatches = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        workers[index % 3]!.dispatcher.dispatch({ ...release, version: index + 1 }),
      ),
    )
    const holder = workers.find(({ held }) => held().length > 0)
    await holder?.dispatcher.close() // and another one goes on
    const others = workers.filter((each) => each !== holder)
    const [settled] = await Promise.all(
      others.map(({ dispatcher }) =>
        vi.waitFor(async () => {
          const counts = await dispatcher.counts()
          expect(counts).toEqual([{ hookId: 'one', state: 'delivered', count: 60 }])
          return counts
        }, patience),
      ),
    )
    expect(settled).toBeDefined()
    expect(dispatches).toHaveLength(60)
    expect(most).toBe(2)
  })

  it('keep the pace of a hook together, also when it goes from one to another', async () => {
    const { worker } = database()
    const times: number[] = []
    const transport = (): FakeTransport =>
      fakeTransport(() => {
        times.push(performance.now())
        return answer(200)
      })
    const hooks = [{ ...hook('one'), pace: { perSecond: 20 } }]
    const workers = [worker({ hooks, transport: transport() }), worker({ hooks, transport: transport() })]
    await Promise.all(workers.map(({ dispatcher }) => dispatcher.start()))
    const startedAt = performance.now()
    for (let version = 1; version <= 30; version += 1)
      await workers[version % 2]!.dispatcher.dispatch({ ...release, version })
    await vi.waitFor(() => expect(times.length).toBeGreaterThan(10), patience)
    const holder = workers.find(({ held }) => held().length > 0)
    await holder?.dispatcher.close({ deadlineMs: 0 })
    await vi.waitFor(() => expect(times).toHaveLength(30), patience)
    // One every 50 ms: a busy machine sends none sooner. Less the timers' grain.
    const early = times.map((time, index) => startedAt + 50 * index - time)
    expect(Math.max(...early)).toBeLessThan(10)
  })

  it('leave a hook alone together while its breaker is open', async () => {
    const { worker } = database()
    const breaker = { minimum: 2, openMs: 3_600_000 }
    const failing = fakeTransport(() => answer(503))
    const one = worker({ breaker, transport: failing })
    await one.dispatcher.start()
    await vi.waitFor(() => expect(one.held()).toEqual(['one']), patience)
    const another = worker({ breaker })
    await another.dispatcher.start()
    for (const version of [1, 2]) await one.dispatcher.dispatch({ ...release, version })
    await vi.waitFor(
      () => expect(one.dispatcher.hooks()).toMatchObject([{ breaker: { state: 'open' } }]),
      patience,
    )
    await one.dispatcher.close()
    await vi.waitFor(() => expect(another.held()).toEqual(['one']), patience)
    await another.dispatcher.dispatch({ ...release, version: 3 })
    expect(another.dispatcher.hooks()).toMatchObject([{ breaker: { state: 'open' } }])
    await sleep(50)
    expect(another.transport.requests).toHaveLength(0)
  })

  it('have only hooks that they know, and leave the others to those that do', async () => {
    const { worker } = database()
    const both = worker({ hooks: [hook('old'), hook('new')] })
    const old = worker({ hooks: [hook('old')] })
    await Promise.all([both, old].map(({ dispatcher }) => dispatcher.start()))
    await vi.waitFor(
      () => expect([...both.held(), ...old.held()].toSorted()).toEqual(['new', 'old']),
      patience,
    )
    await both.dispatcher.close()
    await vi.waitFor(() => expect(old.held()).toEqual(['old']), patience)
    const next = worker({ hooks: [hook('old'), hook('new')] })
    const dispatch = await next.dispatcher.dispatch(release)
    expect(await dispatch.settled()).toMatchObject([{ state: 'delivered' }, { state: 'delivered' }])
    expect(old.transport.requests.every(({ url }) => url.includes('old.example'))).toBe(true)
  })

  it('take no lanes while they close, and leave them to others at once', async () => {
    const { schema, worker } = database()
    const gate = Promise.withResolvers<ReturnType<typeof answer>>()
    const hooks = [hook('one'), { ...hook('two'), apps: ['other'] }]
    const one = worker({ hooks, transport: fakeTransport(() => gate.promise) })
    await one.dispatcher.start()
    await vi.waitFor(() => expect(one.held()).toHaveLength(2), patience)
    await one.dispatcher.dispatch(release)
    await vi.waitFor(() => expect(one.transport.pending).toBe(1))
    const closed = one.dispatcher.close()
    const another = worker({ hooks })
    await vi.waitFor(() => expect(another.held()).toEqual(['two']), patience)
    const { rows } = await sql(`SELECT term FROM ${schema}.lanes WHERE hook_id = 'two'`)
    expect(rows).toEqual([{ term: 1 }])
    gate.resolve(answer(200))
    await closed
  })

  it('have a hook again whose job is gone, as pg-boss deletes what is old and waits', async () => {
    const { schema, worker } = database()
    const { dispatcher, held, transport } = worker()
    await dispatcher.start()
    await vi.waitFor(() => expect(held()).toEqual(['one']), patience)
    await sql(`DELETE FROM ${schema}_pgboss.job WHERE name = 'lanes'`)
    const jobs = `SELECT state FROM ${schema}_pgboss.job WHERE name = 'lanes'`
    await vi.waitFor(async () => expect((await sql(jobs)).rows).toEqual([{ state: 'active' }]), patience)
    await dispatcher.dispatch(release)
    await vi.waitFor(() => expect(transport.requests).toHaveLength(1), patience)
  })

  it('find what they were not told of: the connection that listens is cut, and so is what it would have heard', async () => {
    const { worker, store } = database()
    const { dispatcher, held } = worker()
    await dispatcher.start()
    await vi.waitFor(() => expect(held()).toEqual(['one']), patience)
    const client = new pg.Client({ connectionString: inject('postgres') })
    await client.connect()
    onTestFinished(() => client.end())
    const recorder = start(accepting(), { hooks: [hook('one')], store: store(), workers: false })
    for (let version = 1; version <= 3; version += 1) {
      await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'`)
      const dispatch = await recorder.dispatch({ ...release, version })
      expect(await dispatch.settled()).toMatchObject([{ state: 'delivered' }])
    }
  })

  it('take over what one had that is cut off, which sends nothing more, and whose late answer is not recorded', async () => {
    const { worker, store } = database()
    const pool = new pg.Pool({ connectionString: inject('postgres'), max: 10 })
    onTestFinished(() => pool.end())
    let isCut = false
    const connect = pool.connect.bind(pool)
    const cut = Object.assign(pool, {
      connect: async () => {
        if (isCut) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
        return connect()
      },
    })
    const gate = Promise.withResolvers<ReturnType<typeof answer>>()
    const hanging = fakeTransport(() => gate.promise)
    const hooks = [{ ...hook('one'), concurrency: 1 }]
    const one = worker({ hooks, transport: hanging, store: store({ pool: cut }) })
    await one.dispatcher.start()
    await vi.waitFor(() => expect(one.held()).toEqual(['one']), patience)
    const dispatches = [
      await one.dispatcher.dispatch({ ...release, version: 1 }),
      await one.dispatcher.dispatch({ ...release, version: 2 }),
    ]
    await vi.waitFor(() => expect(hanging.pending).toBe(1))
    isCut = true
    const another = worker({ hooks })
    await another.dispatcher.start()
    await vi.waitFor(() => expect(another.transport.requests).toHaveLength(2), patience)
    await vi.waitFor(() => expect(one.held()).toEqual([]), patience)
    gate.resolve(answer(500))
    isCut = false
    await vi.waitFor(() => expect(one.log.lines.join('\n')).toContain('may have been sent twice'), patience)
    expect(hanging.requests).toHaveLength(1)
    const ids = dispatches.flatMap(({ deliveries }) => deliveries.map(({ id }) => id))
    for (const id of ids)
      expect(await another.dispatcher.attempts(id)).toMatchObject([{ number: 1, status: 200 }])
  })
})
