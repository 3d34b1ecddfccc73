import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import {
  createDispatcher,
  type Dispatcher,
  type DispatcherOptions,
  type QueryTransaction,
  StoreError,
} from '../../src/index.ts'
import { migrate, postgresStore } from '../../src/stores/postgres/index.ts'
import { altered } from '../testing/altered-store.ts'
import { answer, fakeTransport, type FakeTransport } from '../dispatch/fake-transport.ts'
import { newLog, secret, type Log } from '../dispatch/started.ts'
import { borrowSchema } from './postgres-fixture.ts'

const connectionString = inject('postgres')

interface Place {
  readonly schema: string
  readonly db: pg.Pool
  /** Calls the SQL function. */
  readonly dispatch: (release: unknown, key?: string) => Promise<string>
  readonly jobs: () => Promise<
    readonly { readonly id: string; readonly state: string; readonly output: unknown }[]
  >
  readonly worker: (options?: Partial<DispatcherOptions>) => Worker
}

interface Worker {
  readonly dispatcher: Dispatcher
  readonly transport: FakeTransport
  readonly log: Log
}

async function place(): Promise<Place> {
  const schema = borrowSchema()
  await migrate({ connectionString, schema })
  const db = new pg.Pool({ connectionString, max: 2 })
  onTestFinished(() => db.end())
  return {
    schema,
    db,
    async dispatch(release, key) {
      const sql = `SELECT ${schema}.dispatch($1::jsonb, $2) AS id`
      const { rows } = await db.query<{ id: string }>(sql, [JSON.stringify(release), key ?? null])
      return rows[0]?.id ?? ''
    },
    async jobs() {
      const sql = `SELECT id, state, output FROM ${schema}_pgboss.job WHERE name = 'releases' ORDER BY created_on`
      return (await db.query(sql)).rows as never
    },
    worker(options = {}) {
      const store = options.store ?? postgresStore({ connectionString, schema })
      const transport = fakeTransport(() => answer(200))
      const log = newLog()
      const hooks = [{ id: 'one', url: 'http://one.example/' }]
      const dispatcher = createDispatcher({ hooks, secret, transport, logger: log, ...options, store })
      onTestFinished(async () => {
        await dispatcher.close({ deadlineMs: 0 })
        await store.close()
      })
      return { dispatcher, transport, log }
    },
  }
}

const release = { app: 'web', version: 4, user: 'gabrtv', meta: { region: 'eu' } }
const versions = ({ requests }: FakeTransport): readonly string[] =>
  requests.map(({ url }) => new URL(url).searchParams.get('release') ?? '').toSorted()

describe('a release that SQL left', () => {
  it('is sent by a worker, and completed', async () => {
    const { dispatch, jobs, worker } = await place()
    const id = await dispatch(release)
    const { transport } = worker()
    await vi.waitFor(() => expect(versions(transport)).toEqual(['v4']))
    expect(await jobs()).toMatchObject([{ id, state: 'completed' }])
  })

  it('wakes a worker that waits', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }) // it does not look by itself
    onTestFinished(() => void vi.useRealTimers())
    const { dispatch, jobs, worker } = await place()
    await worker().dispatcher.start()
    await sleep(500) // it has looked, and listens
    await dispatch(release)
    while ((await jobs())[0]?.state !== 'completed') await sleep(5)
  })

  it('is the same news as what `dispatch()` told, by its rollout, or by its key', async () => {
    const { dispatch, jobs, worker } = await place()
    const recorder = worker({ workers: false })
    await recorder.dispatcher.dispatch({ ...release, version: 1 }, { idempotencyKey: 'k' })
    await recorder.dispatcher.dispatch({ ...release, version: 2 })
    await dispatch({ ...release, version: 1 }, 'k')
    await dispatch({ ...release, version: 2 })
    await dispatch({ ...release, version: 3 })
    await dispatch({ ...release, version: 3 })
    const { transport } = worker()
    await vi.waitFor(async () => {
      expect((await jobs()).map(({ state }) => state)).toEqual(Array.from({ length: 4 }, () => 'completed'))
      expect(versions(transport)).toEqual(['v1', 'v2', 'v3'])
    })
  })

  it('is there if and only if the transaction of its controller commits', async () => {
    const { schema, db, jobs } = await place()
    const client = await db.connect()
    for (const end of ['ROLLBACK', 'COMMIT']) {
      await client.query('BEGIN')
      await client.query(`SELECT ${schema}.dispatch($1::jsonb)`, [JSON.stringify(release)])
      expect(await jobs()).toHaveLength(0)
      await client.query(end)
    }
    client.release()
    expect(await jobs()).toMatchObject([{ state: 'created' }])
  })

  it('is refused at once when it cannot be one, with what was expected and what came', async () => {
    const { schema, db, dispatch, jobs } = await place()
    const cases: readonly (readonly [unknown, string])[] = [
      [['web'], 'release: Expected a JSON object, got array.'],
      [null, 'release: Expected a JSON object, got null.'],
      [
        { ...release, app: undefined },
        'release.app: Expected a non-empty string of at most 2,000 characters, got nothing.',
      ],
      [
        { ...release, app: '' },
        'release.app: Expected a non-empty string of at most 2,000 characters, got one of 0.',
      ],
      [
        { ...release, app: 7 },
        'release.app: Expected a non-empty string of at most 2,000 characters, got the number 7.',
      ],
      [
        { ...release, user: null },
        'release.user: Expected a non-empty string of at most 2,000 characters, got null.',
      ],
      [
        { ...release, version: 1.5 },
        'release.version: Expected a positive integer or a non-empty string of at most 2,000 characters, got the number 1.5.',
      ],
      [
        { ...release, version: ['v1'] },
        'release.version: Expected a positive integer or a non-empty string of at most 2,000 characters, got array.',
      ],
    ]
    for (const [given, message] of cases) {
      const refused = await dispatch(given).catch((error: unknown) => error)
      expect(refused).toMatchObject({ code: '22023', message })
    }
    await expect(dispatch(release, '')).rejects.toMatchObject({ code: '22023' })
    await expect(db.query(`SELECT ${schema}.dispatch(NULL)`)).rejects.toMatchObject({ code: '22023' })
    expect(await jobs()).toEqual([])
  })

  it('is kept as failed, with the reason, when no worker can take it, and holds up no other', async () => {
    const { dispatch, jobs, worker } = await place()
    const wrong = await dispatch({ ...release, colour: 'red' })
    await dispatch({ ...release, version: 5 })
    const { transport, log } = worker()
    await vi.waitFor(() => expect(versions(transport)).toEqual(['v5']))
    expect(await jobs()).toMatchObject([
      {
        id: wrong,
        state: 'failed',
        output: { name: 'ReleaseError', message: expect.stringContaining('release.colour') as string },
      },
      { state: 'completed' },
    ])
    await vi.waitFor(() => expect(log.lines.join('\n')).toContain(wrong))
  })

  it('holds up no other when its app has a name that no index of PostgreSQL takes', async () => {
    const { dispatch, jobs, worker } = await place()
    const random = (): string => randomBytes(1000).toString('hex') // which cannot be compressed
    const hooks = [{ id: 'one', url: 'http://one.example/', supersede: true }]
    await dispatch({ ...release, app: random(), environment: random() })
    await dispatch({ ...release, version: 5 })
    const { transport } = worker({ hooks })
    await vi.waitFor(() => expect(versions(transport)).toEqual(['v4', 'v5']))
    expect((await jobs()).map(({ state }) => state)).toEqual(['completed', 'completed'])
  })

  it('waits for a database that takes it, and uses up no retries', async () => {
    const { schema, dispatch, jobs, worker } = await place()
    await dispatch(release)
    const store = postgresStore({ connectionString, schema })
    let faults = 0
    const faulty = altered(store, {
      tellWithin: async (...args) => {
        faults += 1
        if (faults === 1) throw new Error('The disk is full')
        return (store.tellWithin as NonNullable<typeof store.tellWithin>)(...args)
      },
    })
    const { transport, log } = worker({ store: faulty })
    await vi.waitFor(() => expect(versions(transport)).toEqual(['v4']))
    expect(faults).toBe(2)
    expect(log.lines.join('\n')).toContain('The disk is full')
    expect(await jobs()).toMatchObject([{ state: 'completed' }])
  })

  it('is taken when a deadlock with others is over, as if it had not been', async () => {
    const { schema, dispatch, jobs, worker } = await place()
    await dispatch(release)
    const store = postgresStore({ connectionString, schema })
    let deadlocks = 0
    const faulty = altered(store, {
      tellWithin: async (...args) => {
        deadlocks += 1
        if (deadlocks === 1)
          throw new StoreError('store_busy', 'deadlock detected', { cause: { code: '40P01' } })
        return (store.tellWithin as NonNullable<typeof store.tellWithin>)(...args)
      },
    })
    const { transport, log } = worker({ store: faulty })
    await vi.waitFor(() => expect(versions(transport)).toEqual(['v4']))
    expect(deadlocks).toBe(2)
    expect(log.lines).toEqual([])
    expect(await jobs()).toMatchObject([{ state: 'completed' }])
  })

  it('is told in doubt, and holds up no other, while a transaction of others tells by its key', async () => {
    const { db, dispatch, jobs, worker } = await place()
    const recorder = worker({ workers: false })
    const client = await db.connect()
    await client.query('BEGIN')
    await recorder.dispatcher.dispatch(release, { idempotencyKey: 'k', transaction: client })
    await dispatch(release, 'k')
    await dispatch({ ...release, app: 'api', version: 5 })
    const { transport, log } = worker()
    await vi.waitFor(() => expect(versions(transport)).toEqual(['v4', 'v5']))
    await client.query('COMMIT')
    client.release()
    await vi.waitFor(() => expect(versions(transport)).toEqual(['v4', 'v4', 'v5']))
    expect(log.lines).toMatchObject([expect.stringContaining('Another transaction')])
    expect(await jobs()).toMatchObject([{ state: 'completed' }, { state: 'completed' }])
  })

  it('is recorded once when its worker is cut off between recording and completing', async () => {
    const { schema, db, dispatch, jobs, worker } = await place()
    await dispatch(release)
    const store = postgresStore({ connectionString, schema })
    let cuts = 0
    const cutOff = altered(store, {
      tellWithin: async (transaction, telling) => {
        const within = await (store.tellWithin as NonNullable<typeof store.tellWithin>)(transaction, telling)
        cuts += 1
        if (cuts > 1) return within
        const own = transaction as QueryTransaction
        const [row] = (await own.query('SELECT pg_backend_pid() AS pid')) as readonly [
          { readonly pid: number },
        ]
        await db.query('SELECT pg_terminate_backend($1)', [row.pid])
        return within
      },
    })
    const { dispatcher, transport } = worker({ store: cutOff })
    await vi.waitFor(() => expect(versions(transport)).toEqual(['v4']))
    expect(cuts).toBe(2)
    expect(await jobs()).toMatchObject([{ state: 'completed' }])
    expect((await dispatcher.counts()).map(({ count }) => count)).toEqual([1])
  })

  it('is left alone by a dispatcher that only records', async () => {
    const { dispatch, jobs, worker } = await place()
    const { dispatcher } = worker({ workers: false })
    await dispatch(release)
    await dispatcher.dispatch({ ...release, version: 9 })
    expect(await jobs()).toMatchObject([{ state: 'created' }])
  })

  it('is taken once by several workers, hundreds at a time', async () => {
    const { schema, db, jobs, worker } = await place()
    await db.query(`SELECT ${schema}.dispatch(jsonb_build_object('app', 'web', 'version', n, 'user', 'u'))
      FROM generate_series(1, 300) n`)
    const workers = [worker(), worker()]
    await vi.waitFor(async () => {
      const requests = workers.flatMap(({ transport }) => transport.requests)
      expect(requests).toHaveLength(300)
      expect((await jobs()).filter(({ state }) => state === 'completed')).toHaveLength(300)
    })
  })

  it('is told in order to a hook that wants changes alone', async () => {
    const { dispatch, worker } = await place()
    for (const [version, stage] of ['succeeded', 'failed', 'succeeded'].entries())
      await dispatch({ ...release, version: version + 1, stage })
    const hooks = [
      { id: 'chat', url: 'http://one.example/', after: ['succeeded', 'failed'] as const, onlyChanges: true },
    ]
    const { transport } = worker({ hooks })
    await vi.waitFor(() => expect(versions(transport)).toEqual(['v1', 'v2', 'v3']))
  })

  it('is told in order also when several workers take what there is', async () => {
    const { schema, dispatch, jobs, worker } = await place()
    const hooks = [
      { id: 'chat', url: 'http://one.example/', after: ['succeeded', 'failed'] as const, onlyChanges: true },
    ]
    const taking = Promise.withResolvers<void>()
    const slow = postgresStore({ connectionString, schema })
    const one = worker({
      hooks,
      store: altered(slow, {
        tellWithin: async (transaction, telling) => {
          taking.resolve()
          await new Promise((resolve) => setTimeout(resolve, 1000))
          return (slow.tellWithin as NonNullable<typeof slow.tellWithin>)(transaction, telling)
        },
      }),
    })
    const recorder = worker({ hooks, workers: false })
    await recorder.dispatcher.dispatch({ ...release, version: 1, stage: 'succeeded' })
    await dispatch({ ...release, version: 2, stage: 'failed' })
    await dispatch({ ...release, version: 3, stage: 'succeeded' })
    await taking.promise
    const another = worker({ hooks })
    await vi.waitFor(async () => {
      expect((await jobs()).map(({ state }) => state)).toEqual(['completed', 'completed'])
      const sent = [one, another].flatMap(({ transport }) => versions(transport))
      expect(sent.toSorted()).toEqual(['v1', 'v2', 'v3'])
    }, 15_000)
  })
})

describe('the SQL function', () => {
  it('is for nobody, until it is granted; then nothing else is needed', async () => {
    const { schema, db, jobs } = await place()
    const role = `role_${schema}`
    await db.query(`CREATE ROLE ${role}; GRANT USAGE ON SCHEMA ${schema} TO ${role}`)
    const client = await db.connect()
    onTestFinished(async () => {
      await client.query(`RESET ROLE; DROP OWNED BY ${role}; DROP ROLE ${role}`)
      client.release()
    })
    const ask = (): Promise<unknown> =>
      client.query(`SELECT ${schema}.dispatch($1::jsonb)`, [JSON.stringify(release)])
    await client.query(`SET ROLE ${role}`)
    await expect(ask()).rejects.toMatchObject({ code: '42501' })
    await client.query(
      `RESET ROLE; GRANT EXECUTE ON FUNCTION ${schema}.dispatch(jsonb, text) TO ${role}; SET ROLE ${role}`,
    )
    await ask()
    await expect(client.query(`SELECT * FROM ${schema}_pgboss.job`)).rejects.toMatchObject({ code: '42501' })
    expect(await jobs()).toHaveLength(1)
  })

  it('gives the job the settings of its queue, as pg-boss does', async () => {
    const { schema, db, dispatch } = await place()
    const { PgBoss } = await import('pg-boss')
    const boss = new PgBoss({
      connectionString,
      schema: `${schema}_pgboss`,
      migrate: false,
      supervise: false,
      schedule: false,
    })
    await boss.start()
    onTestFinished(() => boss.stop({ graceful: false }))
    await dispatch(release)
    await boss.send('releases', { release, idempotencyKey: null })
    const { rows } = await db.query<Record<string, unknown>>(
      `SELECT to_jsonb(j) - ARRAY['id', 'created_on', 'start_after', 'keep_until']
         || jsonb_build_object('data', j.data - ARRAY['at', 'number']) || jsonb_build_object('kept', keep_until - start_after) AS job FROM ${schema}_pgboss.job j WHERE name = 'releases'`,
    )
    expect(rows).toHaveLength(2)
    expect(rows[0]).toEqual(rows[1])
  })
})
