import { newTelling } from '../../src/testing/store/tellings.ts'
import fc from 'fast-check'
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import { attemptOf, delivered } from '../../src/testing/store/samples.ts'
import { migrate, migrationSql, postgresStore } from '../../src/stores/postgres/index.ts'
import { Database } from '../../src/stores/postgres/database.ts'
import { bossVersion } from '../../src/stores/postgres/schema.ts'
import { given, givenJson, kept, keptJson } from '../../src/stores/postgres/text.ts'
import {
  claimIn,
  faultIn,
  idsIn,
  newDelivery,
  newPool,
  newSchema,
  open,
  query,
  recordClaimed,
} from './postgres-fixture.ts'

const connectionString = inject('postgres')

describe('postgresStore', () => {
  it.each([
    ['neither a connection string nor a pool', {}, 'connectionString'],
    ['both', { connectionString: 'postgres://h', pool: { connect: () => undefined } }, 'connectionString'],
    ['an empty connection string', { connectionString: '' }, 'connectionString'],
    ['a pool that is none', { pool: {} }, 'pool'],
    ['a schema that would need quotes', { connectionString: 'postgres://h', schema: 'A"; DROP' }, 'schema'],
    ['a schema of Postgres', { connectionString: 'postgres://h', schema: 'pg_mine' }, 'schema'],
    ['a negative time', { connectionString: 'postgres://h', keepMs: -1 }, 'keepMs'],
  ])('refuses %s', (_, options, option) => {
    expect(() => postgresStore(options as never)).toThrow(
      expect.objectContaining({ code: 'option_invalid', option }),
    )
  })

  it('connects to nothing before it is used, and closes unused', async () => {
    await postgresStore({ connectionString: 'postgres://127.0.0.1:9/none' }).close()
  })

  it('rejects what is asked after it was closed', async () => {
    const store = open()
    await store.counts() // the tables are there: a busy machine takes its time to make them
    const asked = store.record([newDelivery('1')], 9)
    await store.close()
    expect(await asked).toMatchObject([{ fresh: true }])
    expect((await faultIn(store.get(['1']))).code).toBe('store_closed')
  })

  it('works over a pool of one connection', async () => {
    const store = open({ pool: newPool({ max: 1 }) })
    await store.record([newDelivery('1', { dueAt: 0 })], 9)
    expect(await claimIn(store)).toHaveLength(1)
    expect(await store.prune(1)).toBe(0)
  })

  it('keeps every string of an answer exactly', async () => {
    const store = open()
    const excerpt = 'a\0b \ud800 \udfff \u{F0000} \u{F0000}ffff \\u0000 \\\\ud800'
    const claim = await recordClaimed(store, '1')
    const attempt = attemptOf(claim, delivered, { excerpt, code: '\0', remote: { error: excerpt } })
    const settled = await store.settle(claim, attempt)
    expect(await store.attempts('1')).toEqual([attempt])
    expect(await store.get(['1'])).toEqual([settled])
    const state = { hookId: excerpt, enabled: false, since: 1, reason: excerpt }
    await store.setHookStates([state])
    expect(await store.hookStates()).toEqual([state])
    expect(await store.get([excerpt])).toEqual([undefined])
  })

  it('keeps the order of what the platform tells of a release, and its numbers', async () => {
    const store = open()
    const meta = { region: 'eu', az: 1e-320, '10': 1e300, '': -1.5e-7, b: null }
    const release = {
      app: 'web',
      version: 'v1',
      user: 'u',
      summary: 's',
      url: 'https://a.example',
      stage: 'failed',
      meta,
    } as const
    await store.record([newDelivery('1', { release })], 9)
    const [delivery] = await store.get(['1'])
    expect(JSON.stringify(delivery?.release)).toBe(JSON.stringify(release))
  })

  it('takes times that are no whole milliseconds', async () => {
    const store = open()
    const ended = { kind: 'dead', reason: 'hook-disabled', verdict: 'hook-disabled' } as const
    const claims = [await recordClaimed(store, '1'), await recordClaimed(store, '2')]
    await Promise.all(claims.map((claim, index) => store.end(claim, ended, 5 + index)))
    for (const [filter, count] of [
      [{ since: -0.5 }, 2],
      [{ since: 0.5 }, 0],
      [{ since: -Infinity, before: Infinity }, 2],
      [{ before: 0.5 }, 2],
    ] as const)
      expect((await store.list(filter, { limit: 9 })).deliveries).toHaveLength(count)
    expect(await store.prune(5.5)).toBe(1)
    expect(await store.prune(Infinity)).toBe(1)
  })

  it('finds deliveries by a group of any length', async () => {
    const store = open()
    const group = Array.from({ length: 4000 }, (_, index) =>
      String.fromCodePoint(0x4e00 + ((index * 7919) % 20_000)),
    )
    const groups = [group.join(''), group.toReversed().join('')]
    for (const [index, each] of groups.entries())
      await store.record([newDelivery(`${index}`, { group: each })], 9)
    for (const [index, each] of groups.entries())
      expect(await store.latest('a', each, 9)).toMatchObject([{ id: `${index}` }])
  })

  it('refuses what is too long for an index, and nothing that is recorded at the same time', async () => {
    const store = open()
    await store.counts()
    const long = Array.from({ length: 4000 }, (_, index) =>
      String.fromCodePoint(0x4e00 + ((index * 7919) % 20_000)),
    )
    const calls = ['1', long.join(''), '2'].map((id) => store.record([newDelivery(id)], 9))
    const refused = faultIn(calls[1] as Promise<unknown>)
    await Promise.all([calls[0], calls[2]])
    expect((await refused).message).toContain('Expected values that the columns take')
    expect(await idsIn(store)).toEqual(['1', '2'])
  })

  it('prunes in batches, and leaves no release of what it forgot', async () => {
    const schema = newSchema()
    const store = open({ schema })
    const ids = Array.from({ length: 1100 }, (_, index) => newDelivery(`${index}`))
    const recorded = await store.record(ids, 9e12)
    const ended = { kind: 'dead', reason: 'hook-disabled', verdict: 'hook-disabled' } as const
    await Promise.all(
      recorded.slice(1).map(({ delivery, token = 0 }) => store.end({ delivery, token }, ended, 5)),
    )
    const pruned = await Promise.all([store.prune(6), open({ schema }).prune(6)])
    expect(pruned[0] + pruned[1]).toBe(1099)
    expect(await idsIn(store)).toEqual(['0'])
    const { rows } = await query(`SELECT deliveries FROM ${schema}.releases`)
    expect(rows.reduce((sum: number, row: { deliveries: number }) => sum + row.deliveries, 0)).toBe(1)
  })

  it('records within a transaction of the caller, or not', async () => {
    const schema = newSchema()
    const store = open({ schema })
    const client = await newPool().connect()
    try {
      for (const end of ['ROLLBACK', 'COMMIT']) {
        await client.query('BEGIN')
        const transaction = { query: (text: string, values?: unknown[]) => client.query(text, values) }
        const within = await store.tellWithin?.(transaction, newTelling({}, { recordedAt: 0 }))
        expect(within).toMatchObject({ news: 'told', recorded: [{ fresh: true }] })
        expect(within?.recorded[0]).not.toHaveProperty('token')
        const again = await store.tellWithin?.(transaction, newTelling({}, { recordedAt: 0 }))
        const delivery = { dueAt: 0, attempts: 0 }
        expect(again).toMatchObject({ news: 'repeated', recorded: [{ fresh: false, delivery }] })
        expect(await within?.isOver()).toBe(false)
        await client.query(end)
        expect(await within?.isOver()).toBe(true)
        expect(await idsIn(store)).toHaveLength(end === 'COMMIT' ? 1 : 0)
      }
    } finally {
      client.release()
    }
    expect(await claimIn(store)).toHaveLength(1)
  })
})

describe('strings', () => {
  const anything = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => `${text}\0\ud800\u{F0000}`)
  it('are what they were', () => {
    fc.assert(
      fc.property(fc.oneof(anything, fc.string({ unit: 'binary' })), (text) => {
        expect(given(kept(text))).toBe(text)
        expect(kept(text).isWellFormed() && !kept(text).includes('\0')).toBe(true)
        expect(JSON.parse(givenJson(keptJson({ [text]: text })))).toEqual({ [text]: text })
      }),
    )
  })
})

describe('the schema', () => {
  it('is for the version of pg-boss that is installed', async () => {
    const { getConstructionPlans } = await import('pg-boss')
    expect(getConstructionPlans('s')).toContain(`INSERT INTO s.version(version) VALUES ('${bossVersion}')`)
  })

  it('is made once by several that make it at once', async () => {
    const schema = newSchema()
    await Promise.all(Array.from({ length: 4 }, () => migrate({ connectionString, schema })))
    expect((await query(`SELECT version FROM ${schema}.migrations`)).rows).toEqual([
      { version: 1 },
      { version: 2 },
      { version: 3 },
      { version: 4 },
      { version: 5 },
    ])
    const { rows } = await query(`SELECT name, policy FROM ${schema}_pgboss.queue ORDER BY name`)
    expect(rows).toEqual([
      { name: 'lanes', policy: 'exclusive' },
      { name: 'releases', policy: 'standard' },
    ])
  })

  it('waits for another that makes it', async () => {
    const schema = newSchema()
    const other = await newPool().connect()
    await other.query(
      `BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('deploy-hooks migrates ${schema}', 0))`,
    )
    let isMade = false
    const made = migrate({ connectionString, schema }).then(() => (isMade = true))
    const isWaiting = `SELECT FROM pg_stat_activity WHERE wait_event = 'advisory' AND now() - query_start > interval '2.5 s'
      AND query LIKE '%${schema}%'`
    await vi.waitFor(async () => expect((await query(isWaiting)).rows).toHaveLength(1))
    expect(isMade).toBe(false)
    await other.query('COMMIT')
    other.release()
    await made
  })

  it('can be made where backslashes escape', async () => {
    const schema = newSchema()
    const options = '-c standard_conforming_strings=off -c escape_string_warning=off'
    await open({ schema, pool: newPool({ options }) }).counts()
  })

  it('can be made by hand, once, with the SQL that is printed', async () => {
    const schema = newSchema()
    const sql = await migrationSql({ schema })
    expect(sql).not.toContain('undefined')
    expect((await faultIn(open({ schema, migrate: false }).counts())).message).toContain('migrationSql()')
    await query(sql)
    const store = open({ schema, migrate: false })
    await store.record([newDelivery('1')], 9)
    await expect(query(sql)).rejects.toThrow('Expected version 0 of the tables')
    expect(await idsIn(store)).toEqual(['1'])
  })

  it.each(['user', 'left'])('may have a name that SQL reserves: %s', async (schema) => {
    onTestFinished(() => query(`DROP SCHEMA "${schema}", ${schema}_pgboss CASCADE`).then(() => undefined))
    await query(await migrationSql({ schema }))
    const store = open({ schema })
    const claim = await recordClaimed(store, '1')
    await store.record([newDelivery('2', { dueAt: 0 })], 9)
    expect(await claimIn(store)).toHaveLength(1)
    await store.settle(claim, attemptOf(claim, delivered))
    expect((await store.list({ replayed: false, state: 'delivered' }, { limit: 9 })).deliveries).toHaveLength(
      1,
    )
    const lanes = { hooks: ['a'], given: () => undefined, lost: () => undefined, asked: () => undefined }
    const member = await store.lanes?.join({
      ...lanes,
      due: () => undefined,
      memory: () => undefined,
      failed: () => undefined,
    })
    await member?.leave()
    expect(await store.prune(9e12)).toBe(1)
    const { rows } = await query(`SELECT "${schema}".dispatch('{"app": "a", "version": 1, "user": "u"}')`)
    expect(rows).toHaveLength(1)
  })

  it('is made anew beside tables of pg-boss that are up to date', async () => {
    const schema = newSchema()
    await migrate({ connectionString, schema })
    await query(`DROP SCHEMA ${schema} CASCADE`)
    await migrate({ connectionString, schema })
    expect((await query(`SELECT version FROM ${schema}.migrations`)).rows).toEqual([
      { version: 1 },
      { version: 2 },
      { version: 3 },
      { version: 4 },
      { version: 5 },
    ])
    await query(await migrationSql({ schema, from: 5 })) // nothing is to be done, yet
  })

  it.each(['WIN1252', 'LATIN1'])('is not made in a database of encoding %s', async (encoding) => {
    const name = `encoded_${encoding.toLowerCase()}`
    await query(`CREATE DATABASE ${name} ENCODING '${encoding}' LOCALE 'C' TEMPLATE template0`)
    const url = new URL(connectionString)
    url.pathname = name
    try {
      const { message } = await faultIn(migrate({ connectionString: url.href }))
      expect(message).toContain(`Expected a database of encoding UTF8, got ${encoding}`)
      await expect(query(await migrationSql(), url.href)).rejects.toThrow(/encoding/u)
    } finally {
      await query(`DROP DATABASE ${name} WITH (FORCE)`)
    }
  })

  it('of a newer version is left alone', async () => {
    const schema = newSchema()
    await migrate({ connectionString, schema })
    await query(`INSERT INTO ${schema}.migrations (version) VALUES (99)`)
    for (const migrate of [true, false])
      expect((await faultIn(open({ schema, migrate }).counts())).code).toBe('store_newer')
  })
})

describe('listening', () => {
  it('is told what is due, also after its connection was lost', async () => {
    const schema = newSchema()
    const database = new Database({ connectionString: `${connectionString}?application_name=listener` })
    const told: string[] = []
    let connections = 0
    let reached = Promise.withResolvers<void>()
    const listener = database.listen(
      schema,
      (payload) => {
        told.push(payload)
        reached.resolve()
      },
      () => {
        connections += 1
        reached.resolve()
      },
    )
    try {
      const store = open({ schema })
      for (const id of ['1', '2']) {
        await reached.promise
        reached = Promise.withResolvers()
        await store.record([newDelivery(id, { dueAt: 0 })], 9)
        await reached.promise
        reached = Promise.withResolvers()
        await query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'listener'`,
        )
      }
    } finally {
      await listener.close()
      await database.close()
    }
    expect(told).toEqual(['a', 'a'])
    expect(connections).toBeGreaterThan(1)
  })
})
