import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, inject, it } from 'vitest'
import { migrate, migrationSql } from '../../src/stores/postgres/index.ts'
import { schemaVersion } from '../../src/stores/postgres/schema.ts'
import { schemaVersion as fileVersion } from '../../src/stores/sqlite/schema.ts'
import { newPool, newSchema, open as openPostgres, query } from '../stores/postgres-fixture.ts'
import { inProcess, open as openSqlite } from '../stores/sqlite-fixture.ts'
import { postgresSchema, sqliteFile } from './before.ts'

/** What is in the files of each version, and moments of its migration: how often something was asked for by then. */
const fileVersions = [
  { version: 2, deliveries: 46, finals: 29, moments: [0, 15, 30, 45, 60, 75, 90] },
  { version: 4, deliveries: 58, finals: 31, moments: [0, 5, 10, 15, 20] },
  { version: 5, deliveries: 67, finals: 35, moments: [0, 1, 2, 3] },
  { version: 6, deliveries: 91, finals: 37, moments: [0, 1, 2, 3] },
] as const
/** And of schemas, with the tables of which its migration waits for a lock. */
const schemaVersions = [
  { version: 1, deliveries: 46, finals: 29, locked: ['deliveries', 'releases', 'queue'] },
  { version: 3, deliveries: 58, finals: 31, locked: ['hooks'] },
  { version: 4, deliveries: 67, finals: 35, locked: ['migrations'] },
] as const

/** What is in the schema, and its version. */
function fileSchema(path: string): readonly unknown[] {
  using db = new DatabaseSync(path, { readOnly: true })
  const columns = db.prepare(
    'SELECT m.name AS owner, c.name, c.type, c."notnull" AS required, c.pk FROM sqlite_schema m, pragma_table_info(m.name) c ORDER BY 1, c.cid',
  )
  const indexes = db.prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'index' ORDER BY name`)
  return [columns.all(), indexes.all(), db.prepare('PRAGMA user_version').get()]
}

/** How many deliveries a file of any version has, and whether it is sound. */
function stateOf(path: string): unknown {
  using db = new DatabaseSync(path, { readOnly: true })
  const [check, version] = ['integrity_check', 'user_version'].map((name) =>
    db.prepare(`PRAGMA ${name}`).get(),
  )
  return { ...check, ...version, ...db.prepare('SELECT count(*) AS deliveries FROM deliveries').get() }
}

/** Opens a file in a process of its own that is killed at a moment of the migration: all of it asks for less than a hundred things. */
async function killedAt(moment: number, path: string): Promise<void> {
  await inProcess(`
    import { DatabaseSync } from 'node:sqlite'
    const { exec } = DatabaseSync.prototype
    let left = ${moment}
    DatabaseSync.prototype.exec = function (sql) {
      if (sql === 'BEGIN IMMEDIATE') this.setAuthorizer(() => {
        if (left-- === 0) process.kill(process.pid, 'SIGKILL')
        return 0
      })
      return exec.call(this, sql)
    }
    sqliteStore({ path: ${JSON.stringify(path)} })
  `).then(
    () => expect.unreachable('Expected a process that is killed'),
    ({ signal }: { signal: unknown }) => expect(signal).toBe('SIGKILL'),
  )
}

describe.each(fileVersions)('a file of schema version $version', (old) => {
  const { version, deliveries, finals, moments } = old

  it('becomes what a new file is, with all that was in it', async () => {
    const [path, fresh] = [await sqliteFile(version), `${await sqliteFile(version)}.new`]
    await openSqlite(path).close()
    await openSqlite(fresh).close()
    expect(fileSchema(path)).toEqual(fileSchema(fresh))
    expect(stateOf(path)).toEqual({ integrity_check: 'ok', user_version: fileVersion, deliveries })
    await openSqlite(path).close()
    expect(stateOf(path)).toEqual({ integrity_check: 'ok', user_version: fileVersion, deliveries })
  })

  it('may be opened by several processes at once', async () => {
    const path = await sqliteFile(version)
    const opening = `const store = sqliteStore({ path: ${JSON.stringify(path)} })
      console.log((await store.counts()).reduce((sum, { count }) => sum + count, 0)); await store.close()`
    const said = await Promise.all(Array.from({ length: 4 }, () => inProcess(opening)))
    expect(said).toEqual(Array.from({ length: 4 }, () => String(deliveries)))
  })

  it('is as it was when a process is killed while it migrates, and is migrated by the next one', async () => {
    const path = await sqliteFile(version)
    for (const moment of moments) {
      await killedAt(moment, path)
      expect(stateOf(path)).toEqual({ integrity_check: 'ok', user_version: version, deliveries })
    }
    const store = openSqlite(path)
    const counts = (await store.counts()).filter(({ state }) => state !== 'waiting')
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(finals)
    expect(stateOf(path)).toEqual({ integrity_check: 'ok', user_version: fileVersion, deliveries })
  })
})

/** Columns, indexes and functions of a schema, by what they are made of. */
async function madeOf(schema: string): Promise<unknown> {
  const asked = [
    `SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default, is_identity
      FROM information_schema.columns WHERE table_schema = '${schema}' ORDER BY 1, 2`,
    `SELECT indexdef FROM pg_indexes WHERE schemaname = '${schema}' ORDER BY 1`,
    `SELECT proname, prosrc, proacl::text FROM pg_proc WHERE pronamespace = '${schema}'::regnamespace ORDER BY 1`,
    `SELECT relname, reloptions FROM pg_class WHERE relnamespace = '${schema}'::regnamespace ORDER BY 1`,
  ]
  const found = await Promise.all(asked.map(async (text) => (await query(text)).rows as readonly unknown[]))
  return JSON.parse(JSON.stringify(found).replaceAll(schema, 'its_own')) as unknown
}

async function versionIn(schema: string): Promise<unknown> {
  const { rows } = await query(
    `SELECT (SELECT max(version) FROM ${schema}.migrations) AS version, (SELECT count(*)::int FROM ${schema}.deliveries) AS deliveries`,
  )
  return rows[0]
}

/** A process that migrates, and is killed while it waits for a lock that another has on a table. */
async function killedBefore(table: string, schema: string): Promise<void> {
  const other = await newPool().connect()
  try {
    await other.query(`BEGIN; LOCK TABLE ${table} IN SHARE ROW EXCLUSIVE MODE`)
    await killedWaiting(schema)
  } finally {
    other.release(true)
  }
}

async function killedWaiting(schema: string): Promise<void> {
  const source = new URL('../../src/stores/postgres/index.ts', import.meta.url)
  const place = JSON.stringify({ connectionString: inject('postgres'), schema })
  const code = `import { migrate } from ${JSON.stringify(source.href)}; await migrate(${place})`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code])
  const exited = once(child, 'exit')
  const waits = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'relation' AND query LIKE '%${schema}%'`
  try {
    await expect.poll(async () => (await query(waits)).rows.length).toBe(1)
  } finally {
    child.kill('SIGKILL')
    await exited
  }
}

describe.each(schemaVersions)('a schema of version $version', (old) => {
  const { version, deliveries, finals, locked } = old
  const connectionString = inject('postgres')

  it('becomes what a new one is, with all that was in it, by `migrate()` or by hand', async () => {
    const [schema, byHand, fresh] = [
      await postgresSchema(version),
      await postgresSchema(version),
      newSchema(),
    ]
    await migrate({ connectionString, schema: fresh })
    await migrate({ connectionString, schema })
    await migrate({ connectionString, schema })
    await query(await migrationSql({ schema: byHand, from: version }))
    expect(await madeOf(schema)).toEqual(await madeOf(fresh))
    expect(await madeOf(byHand)).toEqual(await madeOf(fresh))
    expect(await versionIn(schema)).toEqual({ version: schemaVersion, deliveries })
    expect(await versionIn(byHand)).toEqual({ version: schemaVersion, deliveries })
  })

  it('is migrated once by several that open it at once', async () => {
    const schema = await postgresSchema(version)
    const stores = Array.from({ length: 4 }, () => openPostgres({ schema }))
    const counts = await Promise.all(stores.map((store) => store.counts()))
    const sums = counts.map((each) => each.reduce((sum, { count }) => sum + count, 0))
    expect(sums).toEqual(Array.from({ length: 4 }, () => deliveries))
    expect(await versionIn(schema)).toEqual({ version: schemaVersion, deliveries })
  })

  it('is as it was when a process is killed while it migrates, and is migrated by the next one', async () => {
    const schema = await postgresSchema(version)
    for (const table of locked) {
      const isOfBoss = table === 'queue'
      await killedBefore(`${schema}${isOfBoss ? '_pgboss' : ''}.${table}`, schema)
      await expect.poll(() => versionIn(schema)).toEqual({ version, deliveries })
    }
    const counts = (await openPostgres({ schema }).counts()).filter(({ state }) => state !== 'waiting')
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(finals)
    expect(await versionIn(schema)).toEqual({ version: schemaVersion, deliveries })
  })
})
