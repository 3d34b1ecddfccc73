import { readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { storedDeliveries, type StoredDelivery } from './stored.ts'

/** The store's file, read without the library. */

export function readDeliveries(path: string): ReadonlyMap<string, StoredDelivery> {
  using db = new DatabaseSync(path, { readOnly: true })
  return storedDeliveries(
    db.prepare('SELECT * FROM deliveries').iterate(),
    db.prepare('SELECT * FROM attempts ORDER BY delivery_seq, number').iterate(),
  )
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
