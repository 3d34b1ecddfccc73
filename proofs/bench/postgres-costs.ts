import { createDispatcher } from 'deploy-hooks'
import { postgresStore } from 'deploy-hooks/postgres'
import { undiciTransport } from 'deploy-hooks/undici'
import { Client, Pool } from 'pg'
import { closedLoop } from './closed-loop.ts'
import { contest, type ContestOptions, type Contestant, type Standing } from '../shared/contest.ts'
import { deliver } from './delivered.ts'
import { startPostgres, type PostgresServer } from '../shared/postgres-server.ts'
import { startReceiver } from './receiver.ts'
import { createReleases } from './releases.ts'

export interface PostgresCostsOptions extends ContestOptions {
  readonly loads: readonly {
    readonly inFlight: number
    readonly deliveries: number
    readonly hooks: number
  }[]
}

/** For each delivery: statements that the server was asked, bytes of write-ahead log, rows, and bytes of tables and indexes. */
export type CostFigure = 'statements' | 'walBytes' | 'rows' | 'bytes'

const secret = 'a secret of the usual length, of 43 characters'

/** What a delivery costs the server: all that is asked of it, also what pg-boss asks. */
export async function measurePostgresCosts({
  loads,
  ...options
}: PostgresCostsOptions): Promise<readonly Standing<CostFigure>[]> {
  await using server = await startPostgres()
  await using receiver = await startReceiver()
  await using stack = new AsyncDisposableStack()
  const contestants = loads.map(({ inFlight, deliveries, hooks }): Contestant<CostFigure> => {
    const schema = `in_flight_${inFlight}_${hooks}`
    const counted = countingPool(server.connectionString)
    stack.defer(() => counted.pool.end())
    const store = stack.use(postgresStore({ pool: counted.pool, schema }))
    const urls = Array.from({ length: hooks }, (_, hook) => `${receiver.origin}/hooks/${hook}`)
    const dispatcher = stack.use(
      createDispatcher({
        hooks: urls.map((url) => ({ url, concurrency: 64 })),
        secret,
        egress: { allow: ['127.0.0.1'] },
        store,
        transport: undiciTransport(),
      }),
    )
    const next = createReleases('dispatched')
    return {
      name: `${inFlight} in flight`,
      does: hooks === 1 ? '1 hook' : `${hooks} hooks for each release`,
      async measure() {
        await store.counts() // the first time, it makes the tables
        const before = await sizesOf(server, schema)
        const askedBefore = counted.asked()
        const loop = { deliveries, inFlight: Math.ceil(inFlight / hooks) }
        await closedLoop(loop, () => deliver(dispatcher, next()), hooks)
        const asked = counted.asked() - askedBefore
        const after = await sizesOf(server, schema)
        return {
          statements: asked / deliveries,
          walBytes: (after.wal - before.wal) / deliveries,
          rows: (after.rows - before.rows) / deliveries,
          bytes: (after.bytes - before.bytes) / deliveries,
        }
      },
    }
  })
  const [first] = contestants
  if (first === undefined) return []
  return await contest(contestants, first, options)
}

interface Sizes {
  readonly wal: number
  readonly rows: number
  readonly bytes: number
}

async function sizesOf({ client }: PostgresServer, schema: string): Promise<Sizes> {
  const { rows } = await client.query<Record<keyof Sizes, string>>(
    `SELECT pg_current_wal_insert_lsn() - '0/0' AS wal,
      (SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relkind = 'r') AS bytes,
      (SELECT count(*) FROM ${schema}.deliveries) + (SELECT count(*) FROM ${schema}.releases)
        + (SELECT count(*) FROM ${schema}.attempts) AS rows`,
    [schema],
  )
  const [row] = rows
  return { wal: Number(row?.wal), rows: Number(row?.rows), bytes: Number(row?.bytes) }
}

/** A pool that counts what is asked on its connections. */
function countingPool(connectionString: string): { readonly pool: Pool; asked(): number } {
  let asked = 0
  class CountingClient extends Client {
    constructor(config?: ConstructorParameters<typeof Client>[0]) {
      super(config)
      const query = this.query.bind(this) as (...args: unknown[]) => unknown
      const counted = (...args: unknown[]): unknown => {
        asked += 1
        return query(...args)
      }
      Object.assign(this, { query: counted })
    }
  }
  const pool = new Pool({ connectionString, Client: CountingClient })
  return { pool, asked: () => asked }
}
