import type { Row } from '../../rows.ts'
import type { Database } from '../database.ts'
import { bossSchemaOf, quoted } from '../schema.ts'
import { equals } from '../search-path.ts'
import { tokensOfAClaimer } from '../tokens.ts'

/** The queue of pg-boss: a job for each hook. */
export const laneQueue = 'lanes'

/** A job of pg-boss that stands for a lane, and how often it was taken before. */
export interface LaneTerm {
  readonly job: string
  readonly term: number
}

export interface TakenLane extends LaneTerm {
  readonly hookId: string
  /** As the last holder left it: `null` for nothing, and `undefined` when there was none. */
  readonly memory: unknown
}

export interface Beat {
  /** This worker's number. */
  readonly self: number
  /** By hook, who has its lane. */
  readonly lanes: ReadonlyMap<string, LaneTerm & { readonly worker: number; readonly isMine: boolean }>
  /** Jobs whose heartbeat goes on: those that nobody has taken since. */
  readonly touched: ReadonlySet<string>
  /** Workers that were seen lately, by their number: how many lanes each has, of whatever hooks. */
  readonly live: ReadonlyMap<number, number>
}

export interface LaneTableOptions {
  readonly database: Database
  readonly schema: string
  /** A number that nobody else has. */
  readonly newWorker: () => Promise<number>
  /** Whose tokens this process gives out. */
  readonly claimers: () => readonly number[]
}

/** A worker that was not seen for so long takes no part. */
export const liveFor = `interval '10 seconds'`

/** Who has which lane, in tables of ours: what pg-boss gives out, with the order of its terms, so that whoever comes late is refused. */
export class LaneTable {
  readonly #database: Database
  readonly #schema: string
  readonly #channel: string
  readonly #newWorker: () => Promise<number>
  readonly #claimers: () => readonly number[]
  #worker = 0
  #hasLeft = false

  constructor({ database, schema, newWorker, claimers }: LaneTableOptions) {
    this.#database = database
    this.#schema = quoted(schema)
    this.#channel = schema
    this.#newWorker = newWorker
    this.#claimers = claimers
  }

  async join(hooks: readonly string[]): Promise<void> {
    if (this.#worker === 0) this.#worker = await this.#newWorker()
    await this.#ask(
      `WITH gone AS (
         DELETE FROM ${this.#schema}.workers WHERE seen_at < pg_catalog.clock_timestamp() - interval '1 minute' AND worker <> $1
       )
       INSERT INTO ${this.#schema}.workers (worker, hooks, seen_at) VALUES ($1, $2::text[], pg_catalog.clock_timestamp())
       ON CONFLICT (worker) DO UPDATE SET hooks = excluded.hooks, seen_at = excluded.seen_at`,
      [this.#worker, hooks],
    )
  }

  /**
   * Says that this worker lives, and keeps the lanes it has. In one statement, so that a slow database tells as soon as it can; and by
   * the term, which `touch()` of pg-boss does not ask for: a job that went to another worker a moment ago is not taken for this one's.
   *
   * @param onSend called right before the statement is sent, whenever it is: waiting for a connection is no part of a heartbeat's age
   */
  async beat(
    hooks: readonly string[],
    held: readonly LaneTerm[],
    onSend: () => void = () => undefined,
  ): Promise<Beat> {
    const [row] = await this.#ask(
      `WITH seen AS (
         UPDATE ${this.#schema}.workers SET seen_at = pg_catalog.clock_timestamp() WHERE worker = $1 RETURNING 1
       ), touched AS (
         UPDATE ${bossSchemaOf(this.#channel)}.job j SET heartbeat_on = pg_catalog.clock_timestamp()
         FROM ROWS FROM (pg_catalog.unnest($3::uuid[]), pg_catalog.unnest($4::int[])) AS held (job, term)
         WHERE j.name = '${laneQueue}' AND j.state ${equals} 'active' AND j.id = held.job AND j.retry_count = held.term
         RETURNING j.id
       )
       SELECT
         EXISTS (SELECT FROM seen) AS known,
         (SELECT coalesce(pg_catalog.json_agg(id), '[]') FROM touched) AS touched,
         (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_array(w.worker, coalesce(l.lanes, 0))), '[]') FROM ${this.#schema}.workers w
           LEFT JOIN (SELECT worker, pg_catalog.count(*) AS lanes FROM ${this.#schema}.lanes GROUP BY worker) l USING (worker)
           WHERE w.seen_at > pg_catalog.clock_timestamp() - ${liveFor} OR w.worker = $1) AS live,
         (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_array(hook_id, worker, job, term)), '[]') FROM ${this.#schema}.lanes
           WHERE worker IS NOT NULL AND hook_id = ANY($2::text[])) AS lanes`,
      [this.#worker, hooks, held.map(({ job }) => job), held.map(({ term }) => term)],
      onSend,
    )
    if (row?.['known'] !== true && !this.#hasLeft) await this.join(hooks)
    const lanes = JSON.parse(String(row?.['lanes'])) as readonly (readonly [string, number, string, number])[]
    return {
      self: this.#worker,
      lanes: new Map(
        lanes.map(([hookId, worker, job, term]) => [
          hookId,
          { worker, job, term, isMine: worker === this.#worker },
        ]),
      ),
      touched: new Set(JSON.parse(String(row?.['touched'])) as readonly string[]),
      live: new Map(JSON.parse(String(row?.['live'])) as readonly (readonly [number, number])[]),
    }
  }

  /** @returns hooks that one of these workers knows */
  async hooksOf(workers: readonly number[]): Promise<ReadonlySet<string>> {
    const rows = await this.#ask(
      `SELECT DISTINCT pg_catalog.unnest(hooks) AS hook FROM ${this.#schema}.workers WHERE worker = ANY($1::bigint[])`,
      [workers],
    )
    return new Set(rows.map(({ hook }) => String(hook)))
  }

  /** Enters lanes that pg-boss has given, and ends the leases that others had in them. @returns those that no later term has taken */
  async take(given: readonly (LaneTerm & { readonly hookId: string })[]): Promise<readonly TakenLane[]> {
    const rows = await this.#ask(
      `WITH previous AS (
         SELECT hook_id, memory FROM ${this.#schema}.lanes WHERE hook_id = ANY($1::text[])
       ), taken AS (
         INSERT INTO ${this.#schema}.lanes AS l (hook_id, worker, job, term, since)
         SELECT hook_id, $4, job, term, pg_catalog.clock_timestamp()
         FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::uuid[]), pg_catalog.unnest($3::int[]))
           AS given (hook_id, job, term)
         ORDER BY hook_id
         ON CONFLICT (hook_id) DO UPDATE
           SET worker = excluded.worker, job = excluded.job, term = excluded.term, since = excluded.since,
             memory = NULL -- it is the new holder's, and outdated soon
           WHERE l.job IS DISTINCT FROM excluded.job OR l.term <= excluded.term
         RETURNING l.hook_id, l.job, l.term
       ), left_behind AS MATERIALIZED (
         SELECT d.seq FROM ${this.#schema}.deliveries d JOIN taken USING (hook_id)
         WHERE d.leased_until IS NOT NULL AND d.token / $5::bigint <> ALL($6::bigint[])
         ORDER BY d.id FOR UPDATE OF d -- in the order in which all others lock
       ), ended AS (
         UPDATE ${this.#schema}.deliveries SET leased_until = NULL, token = NULL
         WHERE seq = ANY (ARRAY(SELECT seq FROM left_behind))
       )
       SELECT taken.*, previous.memory, previous.hook_id IS NULL AS is_new
       FROM taken LEFT JOIN previous USING (hook_id)`,
      [
        given.map(({ hookId }) => hookId),
        given.map(({ job }) => job),
        given.map(({ term }) => term),
        this.#worker,
        tokensOfAClaimer,
        this.#claimers(),
      ],
    )
    return rows.map((row) => ({
      hookId: String(row['hook_id']),
      job: String(row['job']),
      term: Number(row['term']),
      memory: row['is_new'] === true ? undefined : (JSON.parse(String(row['memory'])) as unknown), // NULL reads as null
    }))
  }

  async remember(hookId: string, term: LaneTerm, memory: unknown): Promise<void> {
    await this.#update(hookId, term, 'memory = $5::jsonb', memory)
  }

  /** @returns whether it was still this process's */
  release(hookId: string, term: LaneTerm, memory: unknown): Promise<boolean> {
    return this.#update(hookId, term, 'memory = $5::jsonb, worker = NULL', memory)
  }

  /** Is no worker any more. Lanes that it still has go on until they are released. */
  async leave(): Promise<void> {
    this.#hasLeft = true
    await this.#ask(`DELETE FROM ${this.#schema}.workers WHERE worker = $1`, [this.#worker])
  }

  async hint(hint: string): Promise<void> {
    await this.#ask('SELECT pg_catalog.pg_notify($1, $2)', [this.#channel, hint])
  }

  /** All of them may be repeated. */
  #ask(text: string, values: readonly unknown[], onSend?: () => void): Promise<readonly Row[]> {
    return this.#database.repeat(() => this.#database.query(text, values, { onSend }))
  }

  async #update(hookId: string, { job, term }: LaneTerm, set: string, memory: unknown): Promise<boolean> {
    const rows = await this.#ask(
      `UPDATE ${this.#schema}.lanes SET ${set}
       WHERE hook_id = $1 AND worker = $2 AND job = $3 AND term = $4 RETURNING 1`,
      [hookId, this.#worker, job, term, JSON.stringify(memory)],
    )
    return rows.length > 0
  }
}
