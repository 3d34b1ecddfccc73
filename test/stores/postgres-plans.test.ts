import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import pg from 'pg'
import { postgresStore } from '../../src/stores/postgres/index.ts'
import { moveStatementsFor } from '../../src/stores/postgres/hook-moves.ts'
import { statementsFor } from '../../src/stores/postgres/statements.ts'
import { newDelivery } from './postgres-fixture.ts'

const schema = `plans_${process.pid}`
const sql = { ...statementsFor(schema), ...moveStatementsFor(schema) }
const deliveries = 6000
const ids = Array.from({ length: 26 }, (_, index) => ({ id: `dlv_${index * 200}`, token: index + 1 }))
const hooks = [{ position: 0, hook_id: 'a', most: 64 }]

const moves = [JSON.stringify([{ former: 'a', id: 'b' }]), 64, 10]

const asked: Readonly<Partial<Record<keyof typeof sql, readonly unknown[]>>> = {
  get: [JSON.stringify(ids)],
  standing: [JSON.stringify(ids)],
  renew: [JSON.stringify(ids.map((each) => ({ ...each, until: 1 })))],
  release: [JSON.stringify(ids)],
  mark: [JSON.stringify(ids)],
  settle: [JSON.stringify(ids.map((each) => ({ ...each, state: 'delivered', attempts: 1, number: 1 })))],
  claim: [JSON.stringify(hooks), 10, 20, 1, 64],
  firsts: [JSON.stringify(hooks)],
  firstsOfAll: [],
  moveWaiting: moves,
  movePage: [...moves, 0],
}

/** Reads of the whole table, anywhere in a plan. */
function scansIn(plan: unknown): readonly unknown[] {
  if (Array.isArray(plan)) return plan.flatMap(scansIn)
  if (typeof plan !== 'object' || plan === null) return []
  const { 'Node Type': type, 'Relation Name': table } = plan as Record<string, unknown>
  const own = type === 'Seq Scan' && table === 'deliveries' ? [plan] : []
  return [...own, ...Object.values(plan).flatMap(scansIn)]
}

const many = Array.from({ length: 500 }, (_, index) => ({ id: `dlv_${index * 10}`, token: index + 1 }))
const manyMoves = [
  JSON.stringify(many.map(({ id }) => ({ former: id, id: 'b' })).concat({ former: 'a', id: 'b' })),
  500,
  10,
]

/** With as many rows as come at once when thousands of hooks are at work. */
const askedOfMany: typeof asked = {
  get: [JSON.stringify(many)],
  standing: [JSON.stringify(many)],
  renew: [JSON.stringify(many.map((each) => ({ ...each, until: 1 })))],
  release: [JSON.stringify(many)],
  mark: [JSON.stringify(many)],
  settle: [
    JSON.stringify(
      many.map((each) => ({
        ...each,
        state: 'delivered',
        attempts: 1,
        number: 1,
        started_at: 1,
        ended_at: 1,
        connects: 1,
        total_ms: 1,
        outcome: 'delivered',
        reason: 'status-200',
      })),
    ),
  ],
  reschedule: [JSON.stringify(many.map(({ id }) => ({ id, due_at: 1 })))],
  claim: [JSON.stringify([{ ...hooks[0], most: 500 }]), 9000, 20, 1, 500],
  moveWaiting: manyMoves,
  movePage: [...manyMoves, 0],
}

/** Rows that were compared for nothing, in all of a plan. */
function comparedIn(plan: unknown): number {
  if (Array.isArray(plan)) return plan.reduce<number>((sum, each) => sum + comparedIn(each), 0)
  if (typeof plan !== 'object' || plan === null) return 0
  const { 'Rows Removed by Join Filter': removed = 0, 'Actual Loops': loops = 1 } = plan as Record<
    string,
    unknown
  >
  return Number(removed) * Number(loops) + comparedIn(Object.values(plan))
}

describe.each(['before', 'after'])('%s the tables were analysed', (when) => {
  const client = new pg.Client({ connectionString: inject('postgres') })
  beforeAll(async () => {
    await client.connect()
    await using store = postgresStore({ connectionString: inject('postgres'), schema, keepMs: Infinity })
    await store.record(
      Array.from({ length: deliveries }, (_, index) =>
        newDelivery(`dlv_${index}`, { hookId: 'a', dueAt: index }),
      ),
      9,
    )
    if (when === 'after') await client.query(`ANALYZE ${schema}.deliveries, ${schema}.releases`)
    return async () => {
      await client.query(`DROP SCHEMA ${schema}, ${schema}_pgboss CASCADE`)
      await client.end()
    }
  })

  it.each(Object.entries(asked))('%s reads no whole table for a few of its rows', async (name, values) => {
    const text = `EXPLAIN (FORMAT JSON) ${sql[name as keyof typeof sql]}`
    const { rows } = await client.query<Record<'QUERY PLAN', unknown>>(text, [...values])
    expect(scansIn(rows[0]?.['QUERY PLAN'])).toEqual([])
  })

  it.each(Object.entries(askedOfMany))('%s compares no row with all others', async (name, values) => {
    await client.query('BEGIN')
    onTestFinished(() => client.query('ROLLBACK').then(() => undefined))
    const leases = many.map(({ id, token }) => `('${id}', ${token})`).join()
    await client.query(
      `UPDATE ${schema}.deliveries d SET leased_until = 1, token = l.token FROM (VALUES ${leases}) l (id, token) WHERE d.id = l.id`,
    )
    const text = `EXPLAIN (ANALYZE, FORMAT JSON) ${sql[name as keyof typeof sql]}`
    const { rows } = await client.query<Record<'QUERY PLAN', unknown>>(text, [...(values ?? [])])
    expect(comparedIn(rows[0]?.['QUERY PLAN'])).toBeLessThan(10 * many.length)
  })
})
