import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { createDispatcher, type Delivery, type Dispatcher, type Store } from '../../src/index.ts'
import { postgresStore } from '../../src/stores/postgres/index.ts'
import { answer, fakeTransport } from './fake-transport.ts'
import { NewsModel } from './news-model.ts'
import { hooks, type Facts, type Step } from './news-steps.ts'
import { copyOf, factsIn, hearers } from './news-walk.ts'
import { newLog } from './started.ts'

const all: ReadonlySet<number> = new Set(hooks.keys())
let walks = 0
let calls = 0

/** A worker that takes what the SQL function left, and a controller that leaves it. */
export class NewsInbox implements AsyncDisposable {
  readonly #schema: string
  readonly #pool: pg.Pool
  readonly #store: Store
  readonly #dispatcher: Dispatcher

  /** @param schema migrated */
  constructor(connectionString: string, schema: string) {
    this.#schema = schema
    this.#pool = new pg.Pool({ connectionString, max: 1 })
    this.#store = postgresStore({ connectionString, schema, keepMs: Infinity, migrate: false })
    this.#dispatcher = createDispatcher({
      hooks: hooks.map((hook) => ({ ...hook, url: `http://${hook.id}.example/` })),
      store: this.#store,
      transport: fakeTransport(() => answer(204)),
      logger: newLog(),
    })
  }

  /** Leaves what is told, in transactions that are committed or not, and compares what was recorded of it. Time does not pass. */
  async walk(steps: readonly Step[]): Promise<void> {
    const app = `sql${(walks += 1)}`
    const now = Date.now()
    const expected = new Map<string, readonly string[]>()
    let model = new NewsModel()
    for (const step of steps) {
      if (step.is !== 'told') continue
      const next = copyOf(model)
      await this.#pool.query('BEGIN')
      for (const given of step.tellings) {
        const facts = factsIn(given, app, now)
        const call = `call${(calls += 1)}`
        const { to } = next.tell(facts, hearers(facts, all), now, true)
        if (step.isCommitted) expected.set(call, to.toSorted())
        await this.#leave(facts, call)
      }
      await this.#pool.query(step.isCommitted ? 'COMMIT' : 'ROLLBACK')
      if (step.isCommitted) model = next
    }
    await this.#taken()
    const deliveries = await this.#deliveries(app)
    const sent = Map.groupBy(deliveries, ({ release }) => release.user)
    for (const [call, to] of expected)
      assert.deepEqual((sent.get(call) ?? []).map(({ hookId }) => hookId).toSorted(), to, call)
    areInOrder(deliveries, [...expected.keys()])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispatcher.close({ deadlineMs: 0 })
    await this.#store.close()
    await this.#pool.end()
  }

  async #leave({ at, key, ...facts }: Facts, call: string): Promise<void> {
    const time = at === undefined ? undefined : new Date(at).toISOString()
    const release = JSON.stringify({ ...facts, user: call, at: time })
    await this.#pool.query(`SELECT ${this.#schema}.dispatch($1::jsonb, $2)`, [release, key ?? null])
  }

  async #taken(): Promise<void> {
    const left = `SELECT count(*)::int AS count FROM ${this.#schema}_pgboss.job WHERE name = 'releases' AND state <> 'completed'`
    for (;;) {
      const { rows } = await this.#pool.query<{ count: number }>(left)
      if (rows[0]?.count === 0) return
      await sleep(10)
    }
  }

  async #deliveries(app: string): Promise<readonly Delivery[]> {
    return (await this.#store.list({ app }, { limit: 1000 })).deliveries
  }
}

/** Recorded in the order in which they were left, at the times at which they were, also those of one transaction. */
function areInOrder(deliveries: readonly Delivery[], callsInOrder: readonly string[]): void {
  const order = deliveries.map(({ release }) => callsInOrder.indexOf(release.user))
  assert.deepEqual(
    order,
    order.toSorted((one, other) => one - other),
    'Recorded in another order',
  )
  const times = deliveries.map(({ recordedAt }) => recordedAt)
  assert.deepEqual(
    times,
    times.toSorted((one, other) => one - other),
    'Recorded at other times',
  )
}
