import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Store } from 'deploy-hooks'
import { postgresStore } from 'deploy-hooks/postgres'
import type { Client } from 'pg'
import type { TransportName } from '../shared/transports.ts'
import { contest, type ContestOptions, type Contestant, type Standing } from '../shared/contest.ts'
import type { WorkerPlan } from './postgres-worker-process.ts'
import { startPostgres } from '../shared/postgres-server.ts'
import { startReceiver } from './receiver.ts'
import { createRecords } from './records.ts'

export interface PostgresWorkersOptions extends ContestOptions {
  readonly transport: TransportName
  /** Processes. */
  readonly workers: readonly number[]
  readonly hooks: number
  /** Of each contestant in a round: recorded before, and due at one moment. */
  readonly deliveries: number
}

type Figure = 'perSecond'

const concurrency = 16
const releasesAtOnce = 50
/** Workers look for what is due at most this long after it was recorded. */
const noticedMs = 1500
const limitMs = 60_000

/** How many deliveries a second so many worker processes do that share a database, when many wait. */
export async function measurePostgresWorkers(
  options: PostgresWorkersOptions,
): Promise<readonly Standing<Figure>[]> {
  const { hooks, transport } = options
  await using server = await startPostgres()
  await using receiver = await startReceiver()
  await using stack = new AsyncDisposableStack()
  const urls = Array.from({ length: hooks }, (_, hook) => `${receiver.origin}/hooks/${hook}`)
  const { connectionString } = server
  const teams = await Promise.all(
    options.workers.map(async (workers) => {
      const schema = `of_${workers}`
      const store = stack.use(postgresStore({ connectionString, schema }))
      await store.counts() // makes the tables
      const team = stack.use(new Team({ connectionString, schema, transport, urls, concurrency }, workers))
      return { contestant: contestantOf(team, store, workers, options), team, schema }
    }),
  )
  for (const { team, schema } of teams) await team.share(server.client, schema, hooks)
  const contestants = teams.map(({ contestant }) => contestant)
  const [one] = contestants
  if (one === undefined) return []
  return await contest(contestants, one, options)
}

function contestantOf(
  team: Team,
  store: Store,
  workers: number,
  { transport, hooks, deliveries }: PostgresWorkersOptions,
): Contestant<Figure> {
  const does = `${transport}, ${hooks / workers} of ${hooks} hooks each`
  let round = 0
  return {
    name: workers === 1 ? '1 worker' : `${workers} workers`,
    does,
    async measure() {
      round += 1
      const dueAt = Date.now() + noticedMs + deliveries / 10
      const recordsOf = createRecords(`waiting-${round}`, dueAt)
      const finished = within(limitMs, team.arrived(deliveries))
      for (let recorded = 0; recorded < deliveries; recorded += releasesAtOnce * hooks)
        await store.record(recordsOf(releasesAtOnce, hooks).flat(), 0)
      const startedAt = Math.max(dueAt, Date.now())
      await finished
      return { perSecond: (1000 * deliveries) / (Date.now() - startedAt) }
    },
  }
}

async function within(ms: number, done: Promise<void>): Promise<void> {
  const ended = new AbortController()
  const late = async (): Promise<never> => {
    await sleep(ms, undefined, { signal: ended.signal })
    throw new Error(`Expected all deliveries to arrive in ${ms} ms`)
  }
  await Promise.race([done, late()]).finally(() => ended.abort())
}

/** Worker processes of one database. */
class Team implements AsyncDisposable {
  readonly #workers: readonly ChildProcess[]
  #arrived = 0
  #wanted = Infinity
  #finish: () => void = () => {}

  constructor(plan: WorkerPlan, workers: number) {
    const script = fileURLToPath(new URL('postgres-worker-process.ts', import.meta.url))
    this.#workers = Array.from({ length: workers }, () => fork(script, [JSON.stringify(plan)]))
    for (const worker of this.#workers) worker.on('message', (count) => this.#count(count as number))
  }

  /** Resolves when each has its share of the lanes. */
  async share(client: Client, schema: string, hooks: number): Promise<void> {
    const most = Math.ceil(hooks / this.#workers.length)
    const endsAt = Date.now() + limitMs
    for (;;) {
      const { rows } = await client.query<{ lanes: string }>(
        `SELECT count(*) AS lanes FROM ${schema}.lanes WHERE worker IS NOT NULL GROUP BY worker`,
      )
      const shares = rows.map(({ lanes }) => Number(lanes))
      if (shares.reduce((sum, share) => sum + share, 0) === hooks && Math.max(...shares) <= most) return
      if (Date.now() > endsAt) throw new Error(`Expected even shares of the lanes, got ${shares.join(', ')}`)
      await sleep(100)
    }
  }

  /** Resolves when so many more have arrived. */
  arrived(deliveries: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#arrived = 0
    this.#wanted = deliveries
    this.#finish = resolve
    return promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#workers.map(async (worker) => {
        const exited = once(worker, 'exit')
        worker.kill('SIGKILL')
        await exited
      }),
    )
  }

  #count(arrived: number): void {
    this.#arrived += arrived
    if (this.#arrived >= this.#wanted) this.#finish()
  }
}
