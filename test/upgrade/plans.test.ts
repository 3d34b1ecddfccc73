import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { migrationSql } from '../../src/stores/postgres/index.ts'
import { stands } from '../../src/stores/postgres/former-scopes.ts'
import { laterOfScope } from '../../src/stores/sqlite/former-rows.ts'
import { largerPostgres, postgresSchema, sqliteFile, start } from './before.ts'
import { newPool, open as openPostgres } from '../stores/postgres-fixture.ts'
import { open as openSqlite } from '../stores/sqlite-fixture.ts'

/** Of a plan, whatever reads a whole table. */
function scansIn(plan: unknown): readonly unknown[] {
  if (Array.isArray(plan)) return plan.flatMap(scansIn)
  if (typeof plan !== 'object' || plan === null) return []
  const { 'Node Type': type, 'Relation Name': table } = plan as Record<string, unknown>
  const own = type === 'Seq Scan' && table === 'releases' ? [plan] : []
  return [...own, ...Object.values(plan).flatMap(scansIn)]
}

describe('whether a release of the version before still counts', () => {
  it('is found in a file by an index that has no release of this version', async () => {
    const path = await sqliteFile()
    await openSqlite(path).close()
    using db = new DatabaseSync(path)
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${laterOfScope}`).all('web', null, 1)
    expect(plan.map(({ detail }) => detail)).toEqual([
      'SEARCH r USING INDEX releases_untold (app=? AND <expr>=? AND rowid>?)',
      expect.stringContaining('USING INDEX deliveries_release (release_seq=?)'),
    ])
  })

  it.each(['before', 'after'])(
    'is found in a schema without reading it, %s it was analysed',
    async (when) => {
      const old = await largerPostgres()
      await old.open().counts()
      await old.ask(
        (prefix) => `INSERT INTO ${prefix}releases (deliveries, app, version, "user", summary, told)
        SELECT 1, 'another', 'v' || number, 'gabrtv', '', true FROM generate_series(1, 20000) AS number`,
      )
      if (when === 'after') await old.ask((prefix) => `ANALYZE ${prefix}releases`)
      const [row] = await old.ask(
        (prefix) => `EXPLAIN (FORMAT JSON) SELECT ${stands(prefix.slice(0, -1))}
        FROM (SELECT 'web' AS app, NULL AS environment, 'v5' AS version, NULL AS sha, 'released' AS stage) t,
          (SELECT 30::bigint AS release_seq) f, (SELECT false AS is_result) i`,
      )
      expect(scansIn(row?.['QUERY PLAN'])).toEqual([])
    },
  )

  it('is gathered before a schema is locked', async () => {
    const sql = await migrationSql({ from: 1 })
    const [gathered, locked] = [/INSERT INTO "deploy_hooks"\.former_scopes/u, /ALTER TABLE/u].map((each) =>
      sql.search(each),
    )
    expect(gathered).toBeGreaterThan(0)
    expect(locked).toBeGreaterThan(gathered as number)
  })

  it('takes a schema no transaction of its own, when no hook was added since', async () => {
    const schema = await postgresSchema()
    const dispatcher = start(openPostgres({ schema, pool: newPool() }), { workers: false })
    const version4 = { app: 'web', version: 4, user: 'gabrtv' }
    await dispatcher.dispatch(version4) // opened, and with prepared what it asks for
    const asked = vi.spyOn(pg.Client.prototype, 'query')
    onTestFinished(() => asked.mockRestore())
    expect((await dispatcher.dispatch(version4)).repeated).toBe(true)
    const statements = asked.mock.calls.length
    const version7 = { app: 'api', version: 7, user: 'gabrtv', sha: '35b3726', environment: 'staging' }
    expect((await dispatcher.dispatch(version7)).repeated).toBe(true)
    expect(asked.mock.calls.length - statements).toBe(statements)
  })
})
