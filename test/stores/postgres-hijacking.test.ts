import pg from 'pg'
import { drizzle } from 'drizzle-orm/node-postgres'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { nextDueAt } from '../../src/testing/store/steps.ts'
import { createDispatcher, type Attempt, type Claim, type Store } from '../../src/index.ts'
import { migrate, migrationSql, postgresStore, type PostgresPlace } from '../../src/stores/postgres/index.ts'
import { Database } from '../../src/stores/postgres/database.ts'
import { newTelling } from '../../src/testing/store/tellings.ts'
import { answer, fakeTransport } from '../dispatch/fake-transport.ts'
import { newLog, release } from '../dispatch/started.ts'
import { newDelivery, query } from './postgres-fixture.ts'
import { plantHijackers, type Hijackers } from './postgres-hijackers.ts'

/** `public` comes first, before what PostgreSQL itself has: as a session of the caller's may have it. */
const publicFirst = '-c search_path=public,pg_catalog'

let planted: Hijackers
let schemas = 0
beforeAll(async () => {
  planted = await plantHijackers()
})
afterAll(() => planted[Symbol.asyncDispose]())

function newPool(options?: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: planted.connectionString, options })
  onTestFinished(() => pool.end())
  return pool
}

const places: Readonly<Record<string, () => PostgresPlace>> = {
  'a connection string': () => ({ connectionString: planted.connectionString }),
  'a connection string that has a search path': () => ({
    connectionString: `${planted.connectionString}?options=${encodeURIComponent(publicFirst)}`,
  }),
  'a pool of the caller’s': () => ({ pool: newPool() }),
}

function placeOf(name: string): PostgresPlace {
  return (places[name] as () => PostgresPlace)()
}

/** A schema with its tables, and operators of what pg-boss has types of. */
async function migrated(): Promise<string> {
  const schema = `h${(schemas += 1)}`
  await migrate({ connectionString: planted.connectionString, schema })
  await query(`GRANT USAGE ON SCHEMA ${schema}_pgboss TO PUBLIC`, planted.connectionString)
  await planted.plantFor(`${schema}_pgboss.job_state`)
  return schema
}

async function open(place: string): Promise<Store> {
  const schema = await migrated()
  const store = postgresStore({ ...placeOf(place), schema, keepMs: Infinity })
  onTestFinished(() => store.close())
  return store
}

const outcome = { kind: 'retry', reason: 'status-503', at: 5 } as const
const attempt: Omit<Attempt, 'deliveryId'> = {
  number: 1,
  startedAt: 1,
  endedAt: 2,
  connects: 1,
  timings: { totalMs: 1 },
  status: 503,
  outcome,
}

describe.each(Object.keys(places))(
  'by %s, no function, operator or type is used that somebody put into public',
  (place) => {
    it('while deliveries are recorded, claimed, settled, read and pruned', async () => {
      const store = await open(place)
      const given = ['a', 'b', 'c'].map((id) => newDelivery(id, { group: 'g', replayOf: 'z' }))
      const recorded = await store.record(given, 10)
      await store.record(given, 10)
      const claims = recorded.map(({ delivery, token = 0 }): Claim => ({ delivery, token }))
      await store.mark(claims[0] as Claim, { step: 1, at: 1, attempt: 0 })
      await store.renew(claims, 20)
      await store.settle(claims[0] as Claim, { deliveryId: 'a', ...attempt })
      await store.end(
        claims[1] as Claim,
        { kind: 'dead', reason: 'hook-disabled', verdict: 'hook-disabled' },
        3,
      )
      await store.release(claims)
      await store.reschedule([{ id: 'c', dueAt: 7 }])
      expect(await nextDueAt(store, ['a'])).toBe(5)
      expect(await store.claim({ hooks: new Map([['a', 9]]), now: 9, until: 99 })).toHaveLength(2)
      expect(await store.get(['a', 'b'])).toHaveLength(2)
      const filter = { hook: 'a', app: 'web', state: 'dead', since: 0, before: 9, replayed: false } as const
      expect((await store.list(filter, { limit: 5 })).deliveries).toHaveLength(1)
      expect(await store.latest('a', 'g', 1)).toHaveLength(1)
      expect(await store.attempts('a')).toHaveLength(1)
      expect(await store.counts()).toHaveLength(2)
      const telling = newTelling(
        {},
        { hooks: ['a', { hookId: 'b', onlyChanges: true, group: 'g' }], recordedAt: 0 },
      )
      expect(await store.tell(telling, 10)).toMatchObject({ news: 'told' })
      const repeat = { ...telling, hooks: [...telling.hooks, { hookId: 'c', formerId: 'z' }] }
      expect(await store.tell(repeat, 10)).toMatchObject({
        news: 'repeated',
        recorded: [{}, {}, { fresh: true }],
      })
      await store.setHookStates([{ hookId: 'a', enabled: false, since: 1, reason: 'gone' }])
      expect(await store.hookStates()).toHaveLength(1)
      const moves = new Map([['a', 'moved']])
      let step = await store.moveHooks(moves, { limit: 1, now: 100 })
      while (step.next !== undefined)
        step = await store.moveHooks(moves, { limit: 1, now: 100, cursor: step.next })
      expect(await store.hookStates()).toMatchObject([{ hookId: 'moved' }])
      expect(await store.prune(100)).toBe(1)
      await store.close()
      expect(await planted.called()).toEqual([])
    })

    it('while a worker has lanes, and takes what was left by SQL', async () => {
      const log = newLog()
      const store = await open(place)
      const dispatcher = createDispatcher({
        hooks: [{ id: 'one', url: 'http://one.example/' }],
        secret: 'secret of the tests',
        store,
        logger: log,
        transport: fakeTransport(() => answer(204)),
      })
      onTestFinished(() => dispatcher.close({ deadlineMs: 0 }))
      const { settled } = await dispatcher.dispatch(release)
      expect(await settled()).toMatchObject([{ state: 'delivered' }])
      const left = { ...release, version: 'v5' }
      await query(`SELECT h${schemas}.dispatch('${JSON.stringify(left)}')`, planted.connectionString)
      await expect.poll(() => dispatcher.counts()).toMatchObject([{ count: 2 }])
      await dispatcher.disable('one')
      await dispatcher.close()
      await store.close()
      expect(log.lines.filter((line) => !line.includes('A hook is disabled'))).toEqual([])
      expect(await planted.called()).toEqual([])
    })
  },
)

describe('what pg-boss asks, on a connection whose search path is the caller’s', () => {
  const asked = async (text: string, values?: unknown[]): Promise<readonly unknown[]> => {
    const database = new Database({ pool: newPool(publicFirst) })
    onTestFinished(() => database.close())
    return (await database.executeSql(text, values)).rows
  }

  it.each([
    ['a statement', `SELECT md5('a') AS hash, 1::bigint = 1::int AS same`, undefined],
    ['a statement with values', 'SELECT md5($1::text) AS hash, 1::bigint = 1::int AS same', ['a']],
  ])('finds what PostgreSQL itself has: %s', async (_, text, values) => {
    expect(await asked(text, values)).toEqual([{ hash: '0cc175b9c0f1b6a831c399e269772661', same: true }])
    expect(await planted.called()).toEqual([])
  })

  it('finds what PostgreSQL itself has: a script with a transaction of its own', async () => {
    await asked(`\n  BEGIN;\n SET LOCAL lock_timeout = 1;\n SELECT md5('a'), 1::bigint = 1::int;\n COMMIT;`)
    expect(await planted.called()).toEqual([])
  })

  it('may be what cannot run in a transaction', async () => {
    await query('CREATE TABLE IF NOT EXISTS kept (id int)', planted.connectionString)
    await asked('CREATE INDEX CONCURRENTLY kept_id ON public.kept (id)')
    await asked('REINDEX INDEX CONCURRENTLY public.kept_id')
    await asked('DROP INDEX CONCURRENTLY IF EXISTS public.kept_id')
    expect(await planted.called()).toEqual([])
  })
})

describe('in a transaction of the caller’s, whose search path has public first', () => {
  it('nothing that somebody put there is used', async () => {
    const schema = await migrated()
    const store = postgresStore({ connectionString: planted.connectionString, schema })
    onTestFinished(() => store.close())
    const pool = newPool(publicFirst)
    const client = await pool.connect()
    onTestFinished(() => client.release())
    await client.query('BEGIN')
    const told = await store.tellWithin?.(client, newTelling({}, { hooks: ['a', 'b'] }))
    expect(told).toMatchObject({ news: 'told', recorded: [{ fresh: true }, { fresh: true }] })
    const again = await store.tellWithin?.(client, newTelling({}, { hooks: ['a', 'b', 'new'] }))
    expect(again).toMatchObject({
      news: 'repeated',
      recorded: [{ fresh: false }, { fresh: false }, { fresh: true }],
    })
    const late = { deployment: 'd', at: '2026-01-01T00:00:00.000Z' }
    await store.tellWithin?.(client, newTelling(late, { idempotencyKey: 'key' }))
    await client.query('COMMIT')
    expect(await again?.isOver()).toBe(true)
    await drizzle(pool).transaction(async (tx) => {
      const other = await store.tellWithin?.(tx, newTelling({ app: 'other' }))
      expect(other?.recorded).toMatchObject([{ fresh: true }])
    })
    const { rows } = await client.query('SHOW search_path')
    expect(rows).toEqual([{ search_path: 'public,pg_catalog' }])
    expect(await planted.called()).toEqual([])
  })
})

describe('a superuser who migrates', () => {
  it.each(Object.keys(places))('by %s runs nothing of others', async (place) => {
    const schema = `h${(schemas += 1)}`
    await migrate({ ...placeOf(place), schema })
    await migrate({ ...placeOf(place), schema })
    expect(await planted.called()).toEqual([])
  })

  it('by a script, in a session whose search path has public first, runs nothing of others', async () => {
    const schema = `h${(schemas += 1)}`
    const pool = newPool(publicFirst)
    await pool.query(await migrationSql({ schema }))
    const store = postgresStore({ connectionString: planted.connectionString, schema, migrate: false })
    onTestFinished(() => store.close())
    expect(await store.counts()).toEqual([])
    await expect(pool.query(await migrationSql({ schema }))).rejects.toThrow('nothing was changed')
    expect(await planted.called()).toEqual([])
  })
})
