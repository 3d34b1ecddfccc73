import type { NewDelivery } from 'deploy-hooks'
import { postgresStore } from 'deploy-hooks/postgres'
import { startPostgres, type PostgresServer } from '../shared/postgres-server.ts'
import { attemptOf, createRecords } from './records.ts'

export interface PostgresRetentionOptions {
  /** Recorded and settled in all. */
  readonly deliveries: number
  /** As many are forgotten at a time, so that twice as many are there at most. */
  readonly every: number
}

/** At one time. */
interface Kept {
  /** Recorded and settled by then. */
  readonly deliveries: number
  readonly rows: number
  /** Of `deliveries` and its indexes. */
  readonly megabytes: number
  readonly deadRows: number
  readonly vacuums: number
}

export interface PostgresRetention {
  /** After each turn; the last one is after a vacuum and one more turn. */
  readonly times: readonly Kept[]
  readonly vacuumMs: number
  readonly prunedPerSecond: number
  readonly pruneMicros: number
  readonly pruneWalBytes: number
  /** To drop a table with as many deliveries, and one with their attempts: milliseconds. */
  readonly dropMs: number
  readonly dropWalBytes: number
}

const schema = 'kept'
const atOnce = 1000

/** What old deliveries leave in the tables, and what it costs to forget them. */
export async function measurePostgresRetention({
  deliveries,
  every,
}: PostgresRetentionOptions): Promise<PostgresRetention> {
  await using server = await startPostgres()
  await using store = postgresStore({ connectionString: server.connectionString, schema, keepMs: Infinity })
  const recordsOf = createRecords('kept')
  const times: Kept[] = []
  let pruned = 0
  let pruneMs = 0
  let pruneWal = 0
  const settle = async (records: readonly NewDelivery[]): Promise<void> => {
    const recorded = await store.record(records, Date.now() + 30_000)
    await Promise.all(
      recorded.map(({ delivery, token = 0 }) => store.settle({ delivery, token }, attemptOf(delivery.id))),
    )
  }
  let olderThan = Date.now()
  let done = 0
  const settleMore = async (): Promise<void> => {
    for (let some = 0; some < every; some += atOnce) await settle(recordsOf(atOnce, 1).flat())
    done += every
  }
  const look = async (): Promise<void> => {
    times.push({ deliveries: done, ...(await keptBy(server)) })
  }
  while (done < deliveries) {
    await settleMore()
    const walBefore = await walOf(server)
    const startedAt = performance.now()
    pruned += await store.prune(olderThan)
    pruneMs += performance.now() - startedAt
    pruneWal += (await walOf(server)) - walBefore
    olderThan = Date.now()
    await look()
  }
  const vacuumedAt = performance.now()
  await server.client.query(`VACUUM ${schema}.deliveries`)
  const vacuumMs = performance.now() - vacuumedAt
  await settleMore()
  await look()
  return {
    times,
    vacuumMs,
    prunedPerSecond: (1000 * pruned) / pruneMs,
    pruneMicros: (1000 * pruneMs) / pruned,
    pruneWalBytes: pruneWal / pruned,
    ...(await dropped(server)),
  }
}

async function keptBy({ client }: PostgresServer): Promise<Omit<Kept, 'deliveries'>> {
  const { rows } = await client.query<Record<keyof Kept, string>>(
    `SELECT (SELECT count(*) FROM ${schema}.deliveries) AS rows, n_dead_tup AS "deadRows", autovacuum_count AS vacuums,
      pg_total_relation_size(relid) / 1e6 AS megabytes FROM pg_stat_user_tables
      WHERE schemaname = '${schema}' AND relname = 'deliveries'`,
  )
  const [row] = rows
  return {
    rows: Number(row?.rows),
    megabytes: Number(row?.megabytes),
    deadRows: Number(row?.deadRows),
    vacuums: Number(row?.vacuums),
  }
}

async function dropped(server: PostgresServer): Promise<{ dropMs: number; dropWalBytes: number }> {
  for (const table of ['deliveries', 'attempts', 'releases'])
    await server.client.query(
      `CREATE TABLE ${schema}.copy_of_${table} (LIKE ${schema}.${table} INCLUDING ALL);
       INSERT INTO ${schema}.copy_of_${table} SELECT * FROM ${schema}.${table}`,
    )
  const walBefore = await walOf(server)
  const startedAt = performance.now()
  for (const table of ['deliveries', 'attempts', 'releases'])
    await server.client.query(`DROP TABLE ${schema}.copy_of_${table}`)
  const dropMs = performance.now() - startedAt
  return { dropMs, dropWalBytes: (await walOf(server)) - walBefore }
}

async function walOf({ client }: PostgresServer): Promise<number> {
  const { rows } = await client.query<{ wal: string }>(`SELECT pg_current_wal_insert_lsn() - '0/0' AS wal`)
  return Number(rows[0]?.wal)
}
