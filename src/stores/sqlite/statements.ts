import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { deliveryColumns } from '../rows.ts'
import { prepared } from './prepared.ts'

const joined = 'deliveries d JOIN releases r ON r.seq = d.release_seq'
/** As in the indexes deliveries_due and deliveries_leased: what is fresh is written to the second alone. */
const due = `state = 'waiting' AND leased_until IS NULL`
const leased = 'leased_until IS NOT NULL'
/** Fences: what a claimer says counts while no one has claimed the delivery since. No token is ever given twice. */
const claimed = `id = ? AND token = ? AND state = 'waiting'`
const unleased = 'leased_until = NULL, owner = NULL, token = NULL'

type StatementName =
  | 'addRelease'
  | 'dropRelease'
  | 'addDelivery'
  | 'delivery'
  | 'claimable'
  | 'firstDue'
  | 'firstLeased'
  | 'lease'
  | 'renew'
  | 'release'
  | 'mark'
  | 'settle'
  | 'reschedule'
  | 'addAttempt'
  | 'latest'
  | 'attempts'
  | 'counts'
  | 'setHook'
  | 'hooks'
  | 'addOwner'
  | 'dropOwner'
  | 'otherOwners'
  | 'releaseAll'

const texts: Readonly<Record<StatementName, string>> = {
  addRelease:
    'INSERT INTO releases (app, version, user, sha, summary, facts, told) VALUES (?, ?, ?, ?, ?, ?, 1)',
  dropRelease: 'DELETE FROM releases WHERE seq = ?',

  addDelivery: `INSERT INTO deliveries
    (id, hook_id, release_seq, state, attempts, recorded_at, due_at, leased_until, owner, token, replay_of, again, grouping)
    VALUES (?, ?, ?, 'waiting', 0, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
  delivery: `SELECT ${deliveryColumns} FROM ${joined} WHERE d.id = ?`,

  // A lease that has ended makes a delivery claimable again.
  claimable: `SELECT ${deliveryColumns} FROM (
      SELECT * FROM (SELECT seq, due_at AS at FROM deliveries WHERE ${due} AND hook_id = ?1 AND due_at <= ?2
        ORDER BY due_at LIMIT ?3)
      UNION ALL
      SELECT * FROM (SELECT seq, leased_until AS at FROM deliveries WHERE ${leased} AND hook_id = ?1 AND leased_until <= ?2
        ORDER BY leased_until LIMIT ?3)
    ) c JOIN deliveries d ON d.seq = c.seq JOIN releases r ON r.seq = d.release_seq ORDER BY c.at LIMIT ?3`,
  firstDue: `SELECT hook_id, due_at AS at FROM deliveries WHERE ${due} AND hook_id > ? ORDER BY hook_id, due_at LIMIT 1`,
  firstLeased: `SELECT hook_id, leased_until AS at FROM deliveries WHERE ${leased} AND hook_id > ?
    ORDER BY hook_id, leased_until LIMIT 1`,
  lease: 'UPDATE deliveries SET leased_until = ?, owner = ?, token = ? WHERE seq = ?',
  renew: `UPDATE deliveries SET leased_until = ?, owner = ? WHERE ${claimed}`,
  release: `UPDATE deliveries SET due_at = coalesce(?, due_at), ${unleased} WHERE ${claimed}`,
  mark: `UPDATE deliveries SET progress = ? WHERE ${claimed}`,
  settle: `UPDATE deliveries SET state = ?, attempts = ?, due_at = ?, settled_at = ?, reason = ?, verdict = ?, next_at = ?,
    remote = ?, progress = ?, ${unleased}
    WHERE ${claimed}`,
  reschedule: `UPDATE deliveries SET due_at = ? WHERE id = ? AND state = 'waiting' AND leased_until IS NULL`,

  latest: `SELECT ${deliveryColumns} FROM ${joined} WHERE d.hook_id = ? AND d.grouping = ? ORDER BY d.seq DESC LIMIT ?`,

  // RETURNING the seq from `settle` would cost twice this look-up. Named: a newer version may add columns while this one runs.
  addAttempt: `INSERT INTO attempts
    (delivery_seq, number, started_at, ended_at, connects, dns_ms, connect_ms, tls_ms, first_byte_ms, total_ms,
      status, code, excerpt, outcome, reason, verdict, next_at, step, remote)
    VALUES ((SELECT seq FROM deliveries WHERE id = ?)${', ?'.repeat(18)})`,
  attempts: `SELECT * FROM attempts WHERE delivery_seq = (SELECT seq FROM deliveries WHERE id = ?) ORDER BY number`,

  counts: `SELECT hook_id, 'waiting' AS state, sum(count) AS count FROM (
      SELECT hook_id, count(*) AS count FROM deliveries WHERE ${due} GROUP BY hook_id
      UNION ALL SELECT hook_id, count(*) FROM deliveries WHERE ${leased} GROUP BY hook_id
    ) GROUP BY hook_id
    UNION ALL SELECT hook_id, state, count(*) FROM deliveries WHERE settled_at IS NOT NULL GROUP BY hook_id, state`,

  setHook: 'INSERT OR REPLACE INTO hooks (id, enabled, since, reason, url, memory) VALUES (?, ?, ?, ?, ?, ?)',
  hooks: 'SELECT * FROM hooks ORDER BY id',

  addOwner: 'INSERT INTO owners (lock, reads_log) VALUES (?, 1)',
  dropOwner: 'DELETE FROM owners WHERE seq = ?',
  otherOwners: 'SELECT seq, lock FROM owners WHERE seq <> ?',
  releaseAll: `UPDATE deliveries SET ${unleased} WHERE ${leased} AND owner = ?`,
}

export type Statements = Readonly<Record<StatementName, StatementSync>>

/** Every statement with a fixed text, prepared once. */
export function prepareStatements(db: DatabaseSync): Statements {
  return prepared(db, texts)
}
