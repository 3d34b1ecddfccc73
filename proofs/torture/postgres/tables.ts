import { Client } from 'pg'
import { storedDeliveries, type StoredDelivery } from '../stored.ts'

type Row = Readonly<Record<string, unknown>>

/** The tables of a store in PostgreSQL, read without the library. */

/** On a connection of its own. */
async function rowsOf(connectionString: string, text: string): Promise<readonly Row[]> {
  const client = new Client({ connectionString, application_name: 'deploy-hooks torture' })
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

/** Rows as JSON: so that numbers are numbers. */
async function objectsOf(connectionString: string, from: string): Promise<readonly Row[]> {
  const rows = await rowsOf(connectionString, `SELECT to_json(r) AS row FROM (${from}) r`)
  return rows.map(({ row }) => row as Row)
}

export async function readTables(
  connectionString: string,
  schema: string,
): Promise<ReadonlyMap<string, StoredDelivery>> {
  return storedDeliveries(
    await objectsOf(connectionString, `SELECT * FROM ${schema}.deliveries`),
    await objectsOf(connectionString, `SELECT * FROM ${schema}.attempts ORDER BY delivery_seq, number`),
  )
}

/** What workers that ended should have handed back. */
export async function leftIn(
  connectionString: string,
  schema: string,
): Promise<{ readonly leased: number; readonly lanes: number }> {
  const [row] = await objectsOf(
    connectionString,
    `SELECT (SELECT count(*) FROM ${schema}.deliveries WHERE leased_until IS NOT NULL) AS leased,
      (SELECT count(*) FROM ${schema}.lanes WHERE worker IS NOT NULL) AS lanes`,
  )
  return { leased: Number(row?.['leased']), lanes: Number(row?.['lanes']) }
}

/** How many lanes each worker has that has shown itself within 3 s. */
export async function lanesOfTheLiving(connectionString: string, schema: string): Promise<readonly number[]> {
  const rows = await objectsOf(
    connectionString,
    `SELECT count(*) AS lanes FROM ${schema}.lanes JOIN ${schema}.workers USING (worker)
      WHERE seen_at > clock_timestamp() - interval '3 seconds' GROUP BY worker`,
  )
  return rows.map(({ lanes }) => Number(lanes))
}
