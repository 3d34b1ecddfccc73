import type { Row } from '../rows.ts'
import type { Moved, MoveOptions } from '../store.ts'
import type { Database } from './database.ts'
import { laneQueue, liveFor } from './lanes/lane-table.ts'
import { bossSchemaOf, quoted } from './schema.ts'
import { equals } from './search-path.ts'
import { notify, rowsOf } from './statements.ts'
import { keptJson } from './text.ts'
import { arrayOf, wholeTime } from './values.ts'

/** The cursor while what waits is moved, which an index finds; then it is the row that was looked at last. */
const waiting = 'waiting'

/**
 * Gives to new ids of hooks what is there under former ones. All of it may be repeated, and be done by several at once: what another one
 * has locked is passed over.
 */
export class HookMoves {
  readonly #database: Pick<Database, 'query' | 'repeat'>
  readonly #sql: MoveStatements

  constructor(database: Pick<Database, 'query' | 'repeat'>, schema: string) {
    this.#database = database
    this.#sql = moveStatementsFor(schema)
  }

  async step(ids: ReadonlyMap<string, string>, { limit, now, cursor }: MoveOptions): Promise<Moved> {
    const asked = arrayOf(Array.from(ids, ([former, id]) => keptJson({ former, id })))
    if (cursor !== undefined && cursor !== waiting)
      return pageMoved(await this.#ask(this.#sql.movePage, [asked, limit, wholeTime(now), Number(cursor)]))
    if (cursor === undefined) {
      await this.#ask(this.#sql.moveStates, [asked])
      await this.#ask(this.#sql.moveLanes, [asked])
    }
    const [row] = await this.#ask(this.#sql.moveWaiting, [asked, limit, wholeTime(now)])
    const moved = Number(row?.['moved'])
    return { moved, next: moved < limit ? '0' : waiting }
  }

  #ask(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return this.#database.repeat(() => this.#database.query(text, values))
  }
}

function pageMoved([row]: readonly Row[]): Moved {
  const moved = Number(row?.['moved'])
  return typeof row?.['next'] === 'number' ? { moved, next: String(row['next']) } : { moved }
}

export type MoveStatements = Readonly<Record<'moveStates' | 'moveLanes' | 'moveWaiting' | 'movePage', string>>

/** $1 are the ids, $2 is how many deliveries at most, $3 the time. */
export function moveStatementsFor(name: string): MoveStatements {
  const schema = quoted(name)
  return {
    moveStates: statesOf(schema),
    moveLanes: lanesOf(schema, bossSchemaOf(name)),
    moveWaiting: waitingOf(schema, name),
    movePage: pageOf(schema),
  }
}

const given = `g AS MATERIALIZED (SELECT * FROM ${rowsOf('$1', 'g', 'former text, id text')})`

/** Of two states the later one stays. Waits for others that move them, so that whoever reads them next finds them moved. */
function statesOf(schema: string): string {
  return `WITH ${given}, gone AS (
      DELETE FROM ${schema}.hooks WHERE id = ANY (ARRAY(
        SELECT h.id FROM ${schema}.hooks h JOIN g ON h.id = g.former ORDER BY h.id FOR UPDATE OF h
      )) RETURNING id AS former, enabled, since, reason, url, memory
    )
    INSERT INTO ${schema}.hooks AS h (id, enabled, since, reason, url, memory)
    SELECT g.id, gone.enabled, gone.since, gone.reason, gone.url, gone.memory FROM gone JOIN g ON g.former = gone.former ORDER BY g.id
    ON CONFLICT (id) DO UPDATE SET enabled = excluded.enabled, since = excluded.since, reason = excluded.reason,
      url = excluded.url, memory = excluded.memory
      WHERE h.since < excluded.since`
}

/**
 * What was remembered of a lane goes along, unless a worker of the version before has it, or one of this version has the new one
 * already. The job that stands for it goes: pg-boss would keep it for two weeks.
 */
function lanesOf(schema: string, boss: string): string {
  return `WITH ${given}, free AS MATERIALIZED (
      SELECT l.hook_id FROM ${schema}.lanes l JOIN g ON l.hook_id = g.former
      WHERE l.worker IS NULL OR NOT EXISTS (
        SELECT FROM ${schema}.workers w WHERE w.worker = l.worker AND w.seen_at > pg_catalog.clock_timestamp() - ${liveFor})
      ORDER BY l.hook_id FOR UPDATE OF l SKIP LOCKED
    ), gone AS (
      DELETE FROM ${schema}.lanes WHERE hook_id = ANY (ARRAY(SELECT hook_id FROM free))
      RETURNING hook_id AS former, job, term, since, memory
    ), jobless AS (
      DELETE FROM ${boss}.job WHERE name = '${laneQueue}' AND state OPERATOR(pg_catalog.<) 'active'
        AND singleton_key = ANY (ARRAY(SELECT former FROM g))
    )
    INSERT INTO ${schema}.lanes (hook_id, worker, job, term, since, memory)
    SELECT g.id, NULL, gone.job, gone.term, gone.since, gone.memory FROM gone JOIN g ON g.former = gone.former ORDER BY g.id
    ON CONFLICT (hook_id) DO NOTHING`
}

/** Due, or with a lease that has ended: by the indexes of both. */
function waitingOf(schema: string, channel: string): string {
  const of = (condition: string, order: string): string => `SELECT * FROM (
          SELECT d.seq FROM ${schema}.deliveries d WHERE ${condition} AND d.hook_id = g.former
          ORDER BY d.${order} LIMIT $2 FOR UPDATE SKIP LOCKED) AS of_${order}`
  return `WITH ${given}, found AS MATERIALIZED (
      SELECT f.seq, g.id FROM g CROSS JOIN LATERAL (
        ${of(`d.state = 'waiting' AND d.leased_until IS NULL`, 'due_at')}
        UNION ALL
        ${of('d.leased_until IS NOT NULL AND d.leased_until <= $3', 'leased_until')}
      ) AS f LIMIT $2
    ), moved AS (
      UPDATE ${schema}.deliveries d SET hook_id = found.id FROM found
      WHERE d.seq = found.seq AND d.seq = ANY (ARRAY(SELECT seq FROM found)) RETURNING d.hook_id
    ), hinted AS MATERIALIZED (${notify(channel, 'moved')})
    SELECT (SELECT pg_catalog.count(*) FROM moved) AS moved, (SELECT pg_catalog.count(*) FROM hinted) AS hinted`
}

/** $4 is the row behind which it looks. */
function pageOf(schema: string): string {
  return `WITH ${given}, looked AS MATERIALIZED (
      SELECT seq, hook_id, leased_until FROM ${schema}.deliveries WHERE seq > $4 ORDER BY seq LIMIT $2
    ), wanted AS MATERIALIZED (
      SELECT looked.seq, g.id FROM looked JOIN g ON g.former = looked.hook_id
      WHERE looked.leased_until IS NULL OR looked.leased_until <= $3
    ), found AS MATERIALIZED (
      SELECT d.seq, w.id FROM ${schema}.deliveries d JOIN wanted w ON w.seq = d.seq
      WHERE d.seq = ANY (ARRAY(SELECT seq FROM wanted)) AND (d.leased_until IS NULL OR d.leased_until <= $3)
      FOR UPDATE OF d SKIP LOCKED
    ), moved AS (
      UPDATE ${schema}.deliveries d SET hook_id = found.id FROM found
      WHERE d.seq = found.seq RETURNING 1
    )
    SELECT (SELECT pg_catalog.count(*) FROM moved) AS moved,
      (SELECT CASE WHEN pg_catalog.count(*) ${equals} $2 THEN pg_catalog.max(seq) END FROM looked) AS next`
}
