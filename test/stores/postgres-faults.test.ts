import type { Telling } from '../../src/stores/ledger/telling.ts'
import { newTelling } from '../../src/testing/store/tellings.ts'
import { inspect } from 'node:util'
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import type { Pool } from 'pg'
import type { Attempt, Claim, Store } from '../../src/index.ts'
import { postgresStore } from '../../src/stores/postgres/index.ts'
import { attemptOf, delivered, retryAt } from '../../src/testing/store/samples.ts'
import { startTcp } from '../loopback.ts'
import {
  as,
  claimIn,
  faultIn,
  idsIn,
  newDelivery,
  lockDeliveries,
  newPool,
  newSchema,
  open,
  query,
  recordClaimed,
  startCable,
} from './postgres-fixture.ts'

/** The server of the run, with a name for the connections, by which they are ended. */
const named = `${inject('postgres')}?application_name=doomed`
const terminate = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'doomed'`

const begun = { step: 0, at: 1, attempt: 0, sending: true } as const

/** A pool whose first statement with this text is done, and its answer lost; before it is repeated, something else happens. */
function losingAfter(pool: Pool, text: string, then: string): Pool {
  let isLost = false
  pool.on('connect', (client) => {
    const ask = client.query.bind(client) as unknown as (asked: { values?: unknown[] }) => Promise<unknown>
    const asking = async (asked: { values?: unknown[] }): Promise<unknown> => {
      const answer = await ask(asked)
      if (isLost || !String(asked.values?.[0]).includes(text)) return answer
      isLost = true
      await query(then)
      throw new Error('Connection terminated unexpectedly')
    }
    Object.assign(client, { query: asking })
  })
  return pool
}

/** A role that may do all, with settings of its own. */
async function newRole(name: string, settings: string): Promise<string> {
  await query(`CREATE ROLE ${name} SUPERUSER LOGIN PASSWORD 'of the role'`)
  onTestFinished(() => query(`DROP ROLE ${name}`).then(() => undefined))
  await query(`ALTER ROLE ${name} SET ${settings}`)
  return as(name, 'of the role')
}

describe('connections that are lost', () => {
  it('are replaced when all of them were ended at once', async () => {
    const store = open({ connectionString: named })
    await store.record([newDelivery('0')], 9)
    const acknowledged: string[] = ['0']
    for (let round = 1; round <= 5; round += 1) {
      const ids = [1, 2, 3].map((index) => `${round}.${index}`)
      const calls = ids.map((id) => store.record([newDelivery(id)], 9))
      await query(terminate)
      await Promise.all(calls)
      acknowledged.push(...ids)
    }
    expect((await idsIn(store)).toSorted()).toEqual(acknowledged.toSorted())
  })

  it('let an attempt be recorded once, and its claimer know, when the answer was lost', async () => {
    const cable = await startCable()
    const store = open({ connectionString: cable.connectionString })
    for (const outcome of [delivered, retryAt(5)]) {
      const claim = await recordClaimed(store, outcome.kind)
      cable.cutAfter('"outcome":')
      const settled = await store.settle(claim, attemptOf(claim, outcome))
      expect(settled).toMatchObject({ id: outcome.kind, attempts: 1, outcome })
      expect(await store.attempts(outcome.kind)).toEqual([attemptOf(claim, outcome)])
      expect(await store.settle(claim, attemptOf(claim, outcome))).toBeUndefined()
    }
  })

  it('let a delivery be fresh, and claimed by its recorder, when the answer was lost', async () => {
    const cable = await startCable()
    const store = open({ connectionString: cable.connectionString })
    await store.counts()
    cable.cutAfter('"recorded_at":')
    const recorded = await store.record([newDelivery('1'), newDelivery('2', { dueAt: 5 })], 9)
    expect(recorded).toMatchObject([{ fresh: true, token: expect.any(Number) }, { fresh: true }])
    expect(await store.record([newDelivery('1')], 9)).toMatchObject([{ fresh: false }])
  })

  it('leave no delivery leased to nobody when the answer to a claim was lost', async () => {
    const cable = await startCable()
    const store = open({ connectionString: cable.connectionString })
    await store.record([newDelivery('1', { dueAt: 0 }), newDelivery('2', { dueAt: 0 })], 9)
    cable.cutAfter('"most":')
    const claims = await claimIn(store, 1)
    expect(claims).toHaveLength(1)
    expect(await claimIn(store)).toHaveLength(1)
    expect(await store.renew(claims, 9e12)).toEqual([true])
  })

  it('let no token be given twice, whatever became of a claim whose answer was lost', async () => {
    const schema = newSchema()
    const pool = newPool()
    const store = open({
      schema,
      pool: losingAfter(
        pool,
        '"most":',
        `UPDATE ${schema}.deliveries SET leased_until = NULL, token = NULL WHERE id = '1'`,
      ),
    })
    await store.record(
      ['1', '2', '3', '4'].map((id) => newDelivery(id, { dueAt: 0 })),
      9,
    )
    const claims = [...(await claimIn(store, 3)), ...(await claimIn(store, 9))]
    expect(claims.map(({ delivery: { id } }) => id).toSorted()).toEqual(['1', '2', '3', '4'])
    expect(new Set(claims.map(({ token }) => token)).size).toBe(4)
  })

  it('let a delivery be ended once', async () => {
    const cable = await startCable()
    const store = open({ connectionString: cable.connectionString })
    const claim = await recordClaimed(store, '1')
    cable.cutAfter('"settled_at":')
    const dead = { kind: 'dead', reason: 'hook-disabled', verdict: 'hook-disabled' } as const
    expect(await store.end(claim, dead, 7)).toMatchObject({ state: 'dead', settledAt: 7 })
  })
})

describe('a pool of the caller', () => {
  it('is busy when it gives no connection in a time of its own', async () => {
    const pool = newPool({ max: 1, connectionTimeoutMillis: 200 })
    const client = await pool.connect()
    const { code, message } = await faultIn(open({ pool }).counts())
    client.release()
    expect(code).toBe('store_busy')
    expect(message).toContain('Expected a free connection of the pool')
  })

  it('is busy after 5 seconds without a free connection, and works again with one', async () => {
    const pool = newPool({ max: 1 })
    const store = open({ pool })
    await store.record([newDelivery('1')], 9)
    const client = await pool.connect()
    const { code, message } = await faultIn(store.record([newDelivery('2')], 9))
    expect(code).toBe('store_busy')
    expect(message).toContain('Expected a free connection of the pool within 5 s')
    client.release()
    await store.record([newDelivery('3')], 9)
    expect(await idsIn(store)).toEqual(['1', '3'])
  })

  it('stays open when the store is closed, without listeners of it', async () => {
    const pool = newPool()
    const store = open({ pool })
    await store.counts()
    await store.close()
    expect(pool.listenerCount('error')).toBe(0)
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    expect((await faultIn(store.counts())).code).toBe('store_closed')
  })

  it('survives that its idle connections are ended', async () => {
    const pool = newPool({ connectionString: named })
    const store = open({ pool })
    await store.record([newDelivery('1')], 9)
    await query(terminate)
    expect(await idsIn(store)).toEqual(['1'])
  })

  it('may read numbers and JSON in its own way', async () => {
    const types = { getTypeParser: () => (value: string) => `read: ${value}` }
    const store = open({ pool: newPool({ types }) })
    const claim = await recordClaimed(store, '1')
    const settled = await store.settle(claim, attemptOf(claim, retryAt(5), { remote: { id: 'r' } }))
    expect(await store.get(['1'])).toEqual([settled])
  })
})

describe('a store that is closed', () => {
  it('waits for no lock that others hold: what was asked is given up, and its connection too', async () => {
    const schema = newSchema()
    const store = open({ schema })
    await store.record([newDelivery('1')], 9)
    const letGo = await lockDeliveries(schema)
    const asked = faultIn(store.record([newDelivery('2')], 9))
    await store.close()
    const { code, message } = await asked
    await letGo()
    expect(code).toBe('store_closed')
    expect(message).toContain('What was asked for may have happened')
  })

  it('still does what was asked before', async () => {
    const schema = newSchema()
    const store = open({ schema })
    await store.counts() // it is open, and the tables are there
    const recorded = ['1', '2', '3'].map((id) => store.record([newDelivery(id)], 9))
    await store.close()
    await Promise.all(recorded)
    expect(await idsIn(open({ schema }))).toEqual(['1', '2', '3'])
  })
})

describe('a release that is told of in an open transaction', () => {
  it('is waited for by whoever tells of it too for 2 s, and then told, and not by what is told with it', async () => {
    const schema = newSchema()
    const store = open({ schema })
    const pool = newPool()
    const client = await pool.connect()
    await client.query('BEGIN')
    const tell = (app: string): Telling => ({ ...newTelling(), release: { ...newTelling().release, app } })
    await open({ schema }).tellWithin?.(client, tell('held'))
    const [held, other] = await Promise.all([store.tell(tell('held'), 9), store.tell(tell('other'), 9)])
    expect(other).toMatchObject({ news: 'told', recorded: [{ fresh: true }] })
    expect(other.isUnsure).toBe(undefined)
    expect(held).toMatchObject({ news: 'told', isUnsure: true, recorded: [{ fresh: true }] })
    await client.query('COMMIT')
    client.release()
    expect(await store.tell(tell('held'), 9)).toMatchObject({
      news: 'repeated',
      recorded: [{ fresh: false }],
    })
  })

  it('by a key is told in doubt by who tells by the same key, under another id, and is no error', async () => {
    const schema = newSchema()
    const store = open({ schema })
    const key = { idempotencyKey: 'k' }
    const client = await newPool().connect()
    onTestFinished(() => client.release())
    await client.query('BEGIN')
    await open({ schema }).tellWithin?.(client, newTelling({}, key))
    const told = { news: 'told', isUnsure: true, recorded: [{ fresh: true }] }
    expect(await store.tell(newTelling({}, key), 9)).toMatchObject(told)
    await client.query('COMMIT')
    expect(await store.tell(newTelling({}, key), 9)).toMatchObject({ news: 'repeated' })
    expect(await idsIn(store)).toHaveLength(2)
  })
})

describe('several deliveries that are changed at once', () => {
  const both = async (store: Store, ids = ['2', '1']): Promise<readonly Claim[]> =>
    Promise.all(ids.map((id) => recordClaimed(store, id)))
  const done = (claim: Claim): Attempt => attemptOf(claim, delivered)

  it.each<[string, (store: Store, claims: readonly Claim[]) => Promise<unknown>]>([
    ['renewed', (store, claims) => store.renew(claims, 9e12)],
    ['released', (store, claims) => store.release(claims)],
    ['marked', (store, claims) => Promise.all(claims.map((claim) => store.mark(claim, begun)))],
    ['settled', (store, claims) => Promise.all(claims.map((claim) => store.settle(claim, done(claim))))],
    ['handed back', (store) => store.close()],
  ])('are locked in the order of their ids, so that nobody waits in a circle: %s', async (_, change) => {
    const schema = newSchema()
    const store = open({ schema })
    const claims = await both(store)
    const client = await newPool().connect()
    onTestFinished(() => client.release())
    const lock = (id: string): string =>
      `SELECT FROM ${schema}.deliveries WHERE id = '${id}' FOR UPDATE NOWAIT`
    await client.query(`BEGIN; ${lock('1')}`)
    const changed = change(store, claims)
    const isWaiting = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${schema}%'`
    await vi.waitFor(async () => expect((await query(isWaiting)).rows).toHaveLength(1))
    await client.query(`${lock('2')}; COMMIT`) // throws when it is locked
    await changed
  })
})

describe('a role with settings of its own', () => {
  it('may make all transactions serializable', async () => {
    const connectionString = await newRole('strict', `default_transaction_isolation = 'serializable'`)
    const schema = newSchema()
    const stores = [open({ connectionString, schema }), open({ connectionString, schema })]
    const ids = Array.from({ length: 30 }, (_, index) => `${index}`)
    const calls = ids.flatMap((id) => stores.map((store) => store.record([newDelivery(id, { dueAt: 0 })], 9)))
    expect((await Promise.all(calls)).flat().filter(({ fresh }) => fresh)).toHaveLength(30)
    const claims = await Promise.all(stores.map((store) => claimIn(store, 100)))
    const given = claims.flat().map(({ delivery }) => delivery.id)
    expect(new Set(given).size).toBe(given.length)
  })

  it('may not write while the server is read-only', async () => {
    const schema = newSchema()
    await open({ schema }).counts()
    const connectionString = await newRole('reader', 'default_transaction_read_only = on')
    const { code, message } = await faultIn(open({ connectionString, schema }).record([newDelivery('1')], 9))
    expect(code).toBe('store_read_only')
    expect(message).toContain('25006')
  })
})

describe('what connects to nothing', () => {
  it.each([
    ['a wrong password', as('postgres', 'wrong-password'), '28P01'],
    ['a database that is not there', inject('postgres').replace(/\/postgres$/u, '/missing'), '3D000'],
  ])('is unavailable: %s', async (_, connectionString, state) => {
    const { code, message } = await faultIn(open({ connectionString }).counts())
    expect(code).toBe('store_unavailable')
    expect(message).toContain(state)
    expect(message).not.toContain('wrong-password')
  })

  it.concurrent.each([
    ['a port that is none', 'postgres://u:secret-word@host:port/d', 'ERR_INVALID_URL'],
    ['a password that is not encoded', 'postgres://u:secret-word/#@host/d', 'ERR_INVALID_URL'],
    ['a file that is not there', 'postgres://u:secret-word@127.0.0.1:9/d?sslrootcert=/missing', 'ENOENT'],
    ['a password that is not encoded, and looks like a port', 'postgres://u:9/secret-word@127.0.0.1/d', ''],
    ['a password in its place', 'secret-word', ''],
    ['a password for a role', as('secret-word', 'postgres'), '28P01'],
    ['a password for a database', inject('postgres').replace(/\/postgres$/u, '/secret-word'), '3D000'],
    ['a password for a host', 'postgres://u@secret-word.invalid/d', ''],
    ['a parameter that is none', `${inject('postgres')}?options=-c%20none=1`, '42704'],
  ])('is unavailable by a connection string with %s', async (_, connectionString, why) => {
    await using store = postgresStore({ connectionString })
    const error = await faultIn(store.counts())
    expect(error.code).toBe('store_unavailable')
    expect(error.message).toContain(why)
    expect(inspect(error)).not.toContain('secret-word')
  })

  it('is given up when it does not answer', async () => {
    await using silent = await startTcp(() => undefined)
    const connectionString = `postgres://u:secret-word@127.0.0.1:${silent.port}/d`
    const { code, message } = await faultIn(open({ connectionString }).counts())
    expect(code).toBe('store_unavailable')
    expect(message).not.toContain('secret-word')
  })
})

describe('a value that is too long for an index', () => {
  it('is refused alone, and not with what is recorded at the same time', async () => {
    const store = open()
    const replayOf = Array.from({ length: 4000 }, () => Math.random().toString(36).slice(2, 4)).join('')
    const [refused, recorded] = await Promise.allSettled([
      store.record([newDelivery('1', { replayOf })], 9),
      store.record([newDelivery('2')], 9),
    ])
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'store_failed' } })
    expect((refused as PromiseRejectedResult).reason).toHaveProperty(
      'message',
      expect.stringContaining('Expected values that the columns take'),
    )
    expect(recorded.status).toBe('fulfilled')
  })
})
