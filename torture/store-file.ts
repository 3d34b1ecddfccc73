import { readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'

/** The store's file, read without the library: what it says is checked against what the receiver says. */

interface StoredAttempt {
  readonly number: number
  readonly startedAt: number
  readonly endedAt: number
  readonly status?: number
  /** The receipt's number, which was the answer's body. */
  readonly receipt?: number
  readonly outcome: string
  readonly code?: string
  readonly nextAt?: number
}

export interface StoredDelivery {
  readonly id: string
  /** What was recorded together has the same. */
  readonly release: number
  readonly state: string
  readonly attemptsMade: number
  readonly recordedAt: number
  readonly settledAt?: number
  /** First to last. */
  readonly attempts: StoredAttempt[]
}

export function readDeliveries(path: string): ReadonlyMap<string, StoredDelivery> {
  using db = new DatabaseSync(path, { readOnly: true })
  const deliveries = new Map<number, StoredDelivery>()
  for (const row of db.prepare('SELECT * FROM deliveries').iterate()) {
    const {
      seq,
      id,
      release_seq: release,
      state,
      attempts,
      recorded_at: recordedAt,
      settled_at: settledAt,
    } = row
    const values = {
      id,
      release,
      state,
      attemptsMade: attempts,
      recordedAt,
      ...given({ settledAt }),
      attempts: [],
    }
    deliveries.set(Number(seq), values as unknown as StoredDelivery)
  }
  for (const row of db.prepare('SELECT * FROM attempts ORDER BY delivery_seq, number').iterate()) {
    const { delivery_seq: seq, number, started_at: startedAt, ended_at: endedAt, status, code, outcome } = row
    const receipt = row['excerpt'] === null ? null : Number(row['excerpt'])
    const optional = given({ status, code, receipt, nextAt: row['next_at'] })
    const attempt = { number, startedAt, endedAt, outcome, ...optional } as unknown as StoredAttempt
    deliveries.get(Number(seq))?.attempts.push(attempt)
  }
  return new Map([...deliveries.values()].map((delivery) => [delivery.id, delivery]))
}

/** What SQLite finds wrong with the file: nothing, normally. */
export function faultsOf(path: string): readonly string[] {
  using db = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
  const found = db
    .prepare('PRAGMA integrity_check')
    .all()
    .map((row) => String(row['integrity_check']))
  return found.filter((fault) => fault !== 'ok')
}

/** Deliveries that are leased to somebody, and processes that are said to live. */
export function leasesIn(path: string): { readonly leased: number; readonly owners: number } {
  using db = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
  const text = `SELECT (SELECT count(*) FROM deliveries WHERE leased_until IS NOT NULL OR owner IS NOT NULL) AS leased,
    (SELECT count(*) FROM owners) AS owners`
  const row = db.prepare(text).get()
  return { leased: Number(row?.['leased']), owners: Number(row?.['owners']) }
}

/** Files beside it that are not SQLite's: a closed store leaves none. */
export function lockFilesOf(path: string): readonly string[] {
  const name = `${basename(path)}-`
  return readdirSync(dirname(path)).filter(
    (file) => file.startsWith(name) && !['-wal', '-shm'].some((end) => file === basename(path) + end),
  )
}

function given(values: Readonly<Record<string, SQLOutputValue | undefined>>): object {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null && value !== undefined),
  )
}
