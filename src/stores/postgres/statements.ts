import { deliveryColumns } from '../rows.ts'
import { patienceMs } from './patience.ts'
import { quoted } from './schema.ts'
import { differs, equals } from './search-path.ts'

type StatementName =
  | 'record'
  | 'tell'
  | 'widen'
  | 'tellWithin'
  | 'recordWithin'
  | 'standing'
  | 'claimed'
  | 'claim'
  | 'renew'
  | 'release'
  | 'mark'
  | 'settle'
  | 'settledBefore'
  | 'reschedule'
  | 'firsts'
  | 'firstsOfAll'
  | 'get'
  | 'latest'
  | 'attempts'
  | 'counts'
  | 'prune'
  | 'pruneLedger'
  | 'former'
  | 'setHooks'
  | 'hooks'
  | 'handBack'
  | 'claimer'

/** SQL of every operation, for one schema: each a single statement, whatever the number of rows. */
export type Statements = Readonly<Record<StatementName, string>>

/** Rows of a parameter: JSON as text, so that no client takes it for anything else. */
export function rowsOf(parameter: string, alias: string, columns: string): string {
  return `pg_catalog.json_to_recordset(${parameter}::pg_catalog.text::pg_catalog.json) AS ${alias} (${columns})`
}

/** As in the indexes deliveries_due and deliveries_leased. */
const due = `d.state = 'waiting' AND d.leased_until IS NULL`
const leased = 'd.leased_until IS NOT NULL'
/** Keeps the planner, which expects a hundred rows of any parameter, from reading the whole table for them. */
const byId = `d.id ${equals} ANY (ARRAY(SELECT id FROM g))`
/** Fences: what a claimer says counts while no one has claimed the delivery since. No token is ever given twice. */
const claimed = `d.id = g.id AND d.token = g.token AND d.state = 'waiting' AND ${byId}`
const unleased = 'leased_until = NULL, token = NULL'

export function statementsFor(name: string): Statements {
  const schema = quoted(name)
  return {
    ...recording(schema, name),
    ...claiming(schema),
    ...settling(schema, name),
    ...reading(schema),
    ...keeping(schema),
  }
}

/** Tells workers to look at these hooks: something is due there, or will be. A longer payload than this is refused. */
export function notify(channel: string, from: string): string {
  return `SELECT pg_catalog.pg_notify('${channel}', hook_id) FROM (SELECT DISTINCT hook_id FROM ${from}
    WHERE pg_catalog.octet_length(hook_id) OPERATOR(pg_catalog.<) 8000) hinted`
}

/**
 * What is being recorded in another's open transaction is waited for by whoever records it too, for so many milliseconds: others are
 * recorded by the same statement. Set within it, since a connection may be the caller's, or a pooler's.
 */
const patience = `CROSS JOIN (SELECT pg_catalog.set_config('lock_timeout', '${patienceMs}', true)) AS patience`

/** Deliveries as they come, in the order given, with what they have of the telling or the release. */
const columns = `hook_id pg_catalog.text, release int, recorded_at bigint, due_at bigint, leased_until bigint, token bigint,
  replay_of pg_catalog.text, "grouping" pg_catalog.text`

/** A number as text, which is empty for none. */
function patienceOf(parameter: string): string {
  const given = `${parameter}::pg_catalog.text`
  return `CASE WHEN ${given} ${equals} '' THEN NULL ELSE ${given}::int END`
}

function recording(
  schema: string,
  channel: string,
): Pick<Statements, 'record' | 'recordWithin' | 'standing' | 'tell' | 'widen' | 'tellWithin'> {
  // Numbered in the order given, and inserted in the order of their ids: so that two who record the same wait for one another only
  // one way round. Which rows are fresh is told by their tokens, which no other row ever has.
  const insert = (given: string): string => `given AS MATERIALIZED (
        SELECT *, pg_catalog.nextval('${schema}.deliveries_seq_seq') AS seq FROM (${given}) AS g
      ), facts AS MATERIALIZED (
        SELECT *, pg_catalog.nextval('${schema}.releases_seq_seq') AS release_seq FROM ${rowsOf(
          '$2',
          'r',
          `release int, app pg_catalog.text, version pg_catalog.text, "user" pg_catalog.text, sha pg_catalog.text,
          summary pg_catalog.text, facts pg_catalog.json`,
        )} WHERE release ${equals} ANY (SELECT release FROM given)
      ), added AS (
        INSERT INTO ${schema}.deliveries
          (seq, id, hook_id, release_seq, state, attempts, recorded_at, due_at, leased_until, token, replay_of, again, grouping)
        SELECT seq, id, hook_id, release_seq, 'waiting', 0, recorded_at, due_at, leased_until, token, replay_of, again, grouping
          FROM given JOIN facts ON facts.release ${equals} given.release ORDER BY id COLLATE pg_catalog."C", seq
        ON CONFLICT (id) DO NOTHING RETURNING token, hook_id, release_seq, due_at, leased_until
      ), kept AS (
        INSERT INTO ${schema}.releases (seq, deliveries, app, version, "user", sha, summary, facts, told)
        SELECT release_seq, (SELECT pg_catalog.count(*) FROM added WHERE added.release_seq ${equals} facts.release_seq),
          app, version, "user", sha, summary, facts, true FROM facts
          WHERE release_seq ${equals} ANY (SELECT release_seq FROM added)
      ), hinted AS MATERIALIZED (${notify(channel, '(SELECT * FROM added WHERE leased_until IS NULL) waiting')})`
  const record = (within: '' | typeof patience): string =>
    `WITH ${insert(
      `SELECT * FROM ${rowsOf('$1', 'd', `id pg_catalog.text, again boolean, ${columns}`)} ${within}`,
    )} SELECT token FROM added UNION ALL SELECT NULL FROM hinted`
  // Tellings, and how long each may wait for others.
  const told = (tellings: string, patience: string, widen: boolean): string =>
    `${schema}.tell(${tellings}::pg_catalog.text::pg_catalog.json, ${patienceOf(patience)}, ${widen})`
  // $3 are the tellings. What is told is recorded under its first id, or another.
  const tell = (widen: boolean, text: string): string => `WITH told AS MATERIALIZED (
        SELECT * FROM ${told('$3', '$4', widen)}
      ), ${insert(`SELECT CASE WHEN ordinal ${equals} '' THEN first_id ELSE again_id END AS id,
          CASE WHEN ordinal ${differs} '' THEN true END AS again,
          hook_id, release, recorded_at, due_at, leased_until, token, replay_of,
          CASE WHEN news ${equals} 'told' THEN d.grouping END AS grouping
        FROM ${rowsOf('$1', 'd', `position int, first_id pg_catalog.text, again_id pg_catalog.text, ${columns}`)}
        JOIN told ON n ${equals} release
        WHERE news ${differs} 'repeated' AND hook_id ${equals} ANY (hooks) ORDER BY position`)}
      SELECT token${text}, NULL AS n, NULL AS news, NULL AS ordinal, NULL${text === '' ? '::pg_catalog.json' : ''} AS hooks, NULL AS unsure FROM added
      UNION ALL SELECT NULL, n${text}, news, ordinal, pg_catalog.to_json(hooks)${text}, unsure${text} FROM told
      UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL FROM hinted`
  return {
    record: record(patience),
    recordWithin: record(''),
    tell: tell(false, ''),
    widen: `SELECT n, news, ordinal, pg_catalog.to_json(hooks) AS hooks, unsure FROM ${told('$1', '$2', true)}`,
    tellWithin: tell(true, '::pg_catalog.text'),
    standing: `WITH g AS MATERIALIZED (SELECT * FROM ${rowsOf('$1', 'g', 'id pg_catalog.text')})
      SELECT d.token, ${deliveryColumns}
      FROM ${schema}.deliveries d JOIN ${schema}.releases r ON r.seq ${equals} d.release_seq
      WHERE ${byId}`,
  }
}

function claiming(
  schema: string,
): Pick<Statements, 'claim' | 'claimed' | 'claimer' | 'firsts' | 'firstsOfAll'> {
  const asked = 'position int, hook_id text, most int'
  const dueOf = `SELECT d.seq, d.release_seq, d.due_at AS at FROM ${schema}.deliveries d
    WHERE ${due} AND d.hook_id = asked.hook_id`
  const leasedOf = `SELECT d.seq, d.release_seq, d.leased_until AS at FROM ${schema}.deliveries d
    WHERE ${leased} AND d.hook_id = asked.hook_id`
  const firstOf = `(${dueOf} ORDER BY d.due_at LIMIT 1) UNION ALL (${leasedOf} ORDER BY d.leased_until LIMIT 1)`
  const hookAfter = (before: string): string => {
    const first = (waiting: string): string =>
      `(SELECT d.hook_id FROM ${schema}.deliveries d WHERE ${waiting} AND d.hook_id > ${before} ORDER BY d.hook_id LIMIT 1)`
    return `SELECT * FROM (${first(due)} UNION ALL ${first(leased)} ORDER BY hook_id LIMIT 1) AS nearest`
  }
  return {
    // A lease that has ended makes a delivery claimable again. $4 is the first of the tokens, which are in the order of the claims.
    // $5, the largest of the limits, and ANY (ARRAY()) keep the planner from expecting, and reading, a tenth of the table.
    claim: `WITH picked AS MATERIALIZED (
        SELECT seq, release_seq, pg_catalog.row_number() OVER (ORDER BY position, at, seq) - 1 AS nth
        FROM ${rowsOf('$1', 'asked', asked)} CROSS JOIN LATERAL (
          SELECT * FROM (
            SELECT * FROM (${dueOf} AND d.due_at <= $2 ORDER BY d.due_at LIMIT $5 FOR UPDATE SKIP LOCKED) AS waiting
            UNION ALL
            SELECT * FROM (${leasedOf} AND d.leased_until <= $2 ORDER BY d.leased_until LIMIT $5 FOR UPDATE SKIP LOCKED) AS ended
          ) AS both_kinds ORDER BY at LIMIT asked.most
        ) AS longest
      ), given AS (
        UPDATE ${schema}.deliveries d SET leased_until = $3, token = $4::bigint + p.nth
        FROM picked p JOIN ${schema}.releases r ON r.seq = p.release_seq
        WHERE d.seq = p.seq AND d.seq = ANY (ARRAY(SELECT seq FROM picked))
        RETURNING d.token, ${deliveryColumns}
      ) SELECT * FROM given ORDER BY token`,
    claimed: `SELECT d.token, ${deliveryColumns} FROM ${rowsOf('$1', 'asked', asked)}
      JOIN ${schema}.deliveries d ON ${leased} AND d.hook_id = asked.hook_id AND d.token >= $2 AND d.token < $3
      JOIN ${schema}.releases r ON r.seq = d.release_seq ORDER BY d.token`,
    claimer: `SELECT pg_catalog.nextval('${schema}.claimers') AS claimer`,
    firsts: `SELECT hook_id, at FROM ${rowsOf('$1', 'asked', 'hook_id text')} CROSS JOIN LATERAL (${firstOf}) AS first`,
    firstsOfAll: `WITH RECURSIVE asked AS (${hookAfter(`''`)} UNION ALL
        SELECT next.hook_id FROM asked CROSS JOIN LATERAL (${hookAfter('asked.hook_id')}) AS next
      ) SELECT hook_id, at FROM asked CROSS JOIN LATERAL (${firstOf}) AS first`,
  }
}

function settling(
  schema: string,
  channel: string,
): Pick<Statements, 'renew' | 'release' | 'mark' | 'settle' | 'settledBefore' | 'reschedule' | 'handBack'> {
  const claim = 'id text, token bigint'
  const tried = `number int, started_at bigint, ended_at bigint, connects int, dns_ms float8, connect_ms float8, tls_ms float8,
    first_byte_ms float8, total_ms float8, status int, code text, excerpt text, outcome text, step int, told jsonb`
  const changed = `${claim}, state text, attempts int, due_at bigint, settled_at bigint, reason text, verdict text, next_at bigint,
    remote jsonb, progress jsonb`
  const deliveries = `${schema}.deliveries d`
  // Locked in the order of their ids, as by all who change several: they wait for one another only one way round.
  const held = (
    columns: string,
  ): string => `WITH g AS MATERIALIZED (SELECT * FROM ${rowsOf('$1', 'g', columns)}), held AS MATERIALIZED (
        SELECT d.seq, g.* FROM g JOIN ${deliveries} ON ${claimed} ORDER BY d.id FOR UPDATE OF d
      )`
  const isHeld = 'd.seq = g.seq'
  return {
    renew: `${held(`${claim}, until bigint`)}
      UPDATE ${deliveries} SET leased_until = g.until FROM held g WHERE ${isHeld} RETURNING g.id, g.token`,
    release: `${held(`${claim}, due_at bigint`)}, handed AS (
        UPDATE ${deliveries} SET due_at = coalesce(g.due_at, d.due_at), ${unleased}
        FROM held g WHERE ${isHeld} RETURNING d.hook_id, d.due_at
      ) ${notify(channel, 'handed')}`,
    mark: `${held(`${claim}, progress jsonb`)}
      UPDATE ${deliveries} SET progress = g.progress FROM held g WHERE ${isHeld} RETURNING g.id, g.token`,
    // A final delivery keeps its token, as an attempt does: so who repeats this after a lost connection finds that it was done.
    settle: `${held(`${changed}, ${tried}`)}, changed AS (
        UPDATE ${deliveries} SET state = g.state, attempts = g.attempts, due_at = g.due_at, settled_at = g.settled_at,
          reason = g.reason, verdict = g.verdict, next_at = g.next_at, remote = g.remote, progress = g.progress,
          leased_until = NULL, token = CASE WHEN g.state = 'waiting' THEN NULL ELSE g.token END
        FROM held g WHERE ${isHeld} RETURNING g.*
      ), tried AS (
        INSERT INTO ${schema}.attempts (delivery_seq, token, number, started_at, ended_at, connects, dns_ms, connect_ms, tls_ms,
          first_byte_ms, total_ms, status, code, excerpt, outcome, reason, verdict, next_at, step, remote)
        SELECT seq, token, number, started_at, ended_at, connects, dns_ms, connect_ms, tls_ms,
          first_byte_ms, total_ms, status, code, excerpt, outcome, reason, verdict, next_at, step, told
        FROM changed WHERE number IS NOT NULL
      ) SELECT id, token FROM changed`,
    settledBefore: `SELECT g.id, g.token FROM ${rowsOf('$1', 'g', `${claim}, number int`)} JOIN ${deliveries} ON d.id = g.id
      WHERE d.token = g.token AND d.state <> 'waiting' OR EXISTS (
        SELECT FROM ${schema}.attempts a WHERE a.delivery_seq = d.seq AND a.number = g.number AND a.token = g.token)`,
    reschedule: `WITH found AS (
        SELECT d.seq, g.due_at FROM ${rowsOf('$1', 'g', 'id text, due_at bigint')} JOIN ${deliveries} ON d.id = g.id
        WHERE ${due} ORDER BY d.id FOR UPDATE OF d
      ), moved AS (
        UPDATE ${deliveries} SET due_at = found.due_at FROM found WHERE d.seq = found.seq RETURNING d.id, d.hook_id, d.due_at
      ), hinted AS MATERIALIZED (${notify(channel, 'moved')})
      SELECT id FROM moved UNION ALL SELECT NULL FROM hinted`,
    handBack: `WITH own AS MATERIALIZED (
        SELECT d.seq FROM ${deliveries} WHERE ${leased} AND d.state = 'waiting'
          AND d.token / $2::bigint IN (SELECT claimer FROM ${rowsOf('$1', 'own', 'claimer bigint')})
        ORDER BY d.id FOR UPDATE OF d
      ), handed AS (
        UPDATE ${deliveries} SET ${unleased} FROM own WHERE d.seq = own.seq RETURNING d.hook_id, d.due_at
      ) ${notify(channel, 'handed')}`,
  }
}

function reading(schema: string): Pick<Statements, 'get' | 'latest' | 'attempts' | 'counts' | 'hooks'> {
  const joined = `${schema}.deliveries d JOIN ${schema}.releases r ON r.seq = d.release_seq`
  return {
    get: `WITH g AS MATERIALIZED (SELECT * FROM ${rowsOf('$1', 'g', 'id text')})
      SELECT ${deliveryColumns} FROM ${joined} WHERE ${byId}`,
    latest: `SELECT ${deliveryColumns} FROM ${joined} WHERE d.hook_id = $1 AND d.grouping = $2 ORDER BY d.seq DESC LIMIT $3`,
    attempts: `SELECT a.* FROM ${schema}.attempts a JOIN ${schema}.deliveries d ON d.seq = a.delivery_seq
      WHERE d.id = $1 ORDER BY a.number`,
    counts: `SELECT hook_id, state, pg_catalog.count(*) AS count FROM ${schema}.deliveries GROUP BY hook_id, state`,
    hooks: `SELECT * FROM ${schema}.hooks ORDER BY id`,
  }
}

/** Tables of what was told that forget by themselves. */
const ledger = ['told_scopes', 'told_rollouts', 'told_keys'] as const

function keeping(schema: string): Pick<Statements, 'prune' | 'pruneLedger' | 'former' | 'setHooks'> {
  return {
    // One at a time prunes: the counts of releases are read and written.
    prune: `WITH old AS MATERIALIZED (
        SELECT seq FROM ${schema}.deliveries WHERE settled_at < $1 ORDER BY settled_at LIMIT $2 FOR UPDATE SKIP LOCKED
      ), gone AS (
        DELETE FROM ${schema}.deliveries d USING old WHERE d.seq = old.seq RETURNING d.release_seq
      ), untried AS (
        DELETE FROM ${schema}.attempts a USING old WHERE a.delivery_seq = old.seq
      ), less AS MATERIALIZED (
        SELECT release_seq, pg_catalog.count(*) AS count FROM gone GROUP BY release_seq
      ), fewer AS (
        UPDATE ${schema}.releases r SET deliveries = deliveries - less.count FROM less
        WHERE r.seq = less.release_seq AND r.deliveries > less.count
      ), none AS (
        DELETE FROM ${schema}.releases r USING less WHERE r.seq = less.release_seq AND r.deliveries <= less.count
      ) SELECT pg_catalog.count(*) AS count FROM gone`,
    // A row that is written meanwhile is passed over, and looked at again: it is remembered for longer.
    pruneLedger: `WITH ${ledger
      .map(
        (table) => `${table} AS (
        DELETE FROM ${schema}.${table} AS gone WHERE ctid = ANY (ARRAY(
          SELECT ctid FROM ${schema}.${table} WHERE forget_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING gone.*
      )`,
      )
      .join(', ')}, told_moments AS (
        DELETE FROM ${schema}.told_moments WHERE rollout = ANY (ARRAY(SELECT rollout FROM told_rollouts))
      ) SELECT greatest(${ledger.map((table) => `(SELECT pg_catalog.count(*) FROM ${table})`).join(', ')}) AS count`,
    former: `SELECT pg_catalog.max(until) AS until FROM ${schema}.former`,
    // In the order of their ids, as all who change several.
    setHooks: `INSERT INTO ${schema}.hooks (id, enabled, since, reason, url, memory)
      SELECT id, enabled, since, reason, url, memory
      FROM ${rowsOf('$1', 'h', 'id text, enabled int, since bigint, reason text, url text, memory json')}
      ORDER BY id COLLATE "C"
      ON CONFLICT (id) DO UPDATE SET enabled = excluded.enabled, since = excluded.since, reason = excluded.reason,
        url = excluded.url, memory = excluded.memory`,
  }
}
