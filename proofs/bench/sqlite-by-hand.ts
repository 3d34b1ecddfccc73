import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { ReleaseInput } from 'deploy-hooks'

/**
 * The least that makes a delivery durable, inline on the caller's thread: one insert and one update by integer key. What is
 * asked in one turn of the event loop is one transaction, as durable as the store's (WAL, FULL). It finds no repeats, leases
 * nothing to anyone, keeps no evidence, forgets nothing, and the event loop waits for the disk.
 */
export class SqliteByHand implements Disposable {
  readonly #db: DatabaseSync
  readonly #insert: StatementSync
  readonly #update: StatementSync
  #waiting: { readonly work: () => number; readonly resolve: (seq: number) => void }[] = []

  constructor(path: string) {
    this.#db = new DatabaseSync(path)
    this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000')
    this.#db.exec(
      'CREATE TABLE deliveries (seq INTEGER PRIMARY KEY, hook INTEGER NOT NULL, release TEXT NOT NULL, status INTEGER)',
    )
    this.#insert = this.#db.prepare('INSERT INTO deliveries (hook, release) VALUES (?, ?)')
    this.#update = this.#db.prepare('UPDATE deliveries SET status = ? WHERE seq = ?')
  }

  /** @returns the key of the delivery, when it is on the disk */
  record(hook: number, release: ReleaseInput): Promise<number> {
    const text = JSON.stringify(release)
    return this.#inTransaction(() => Number(this.#insert.run(hook, text).lastInsertRowid))
  }

  settle(seq: number, status: number): Promise<number> {
    return this.#inTransaction(() => Number(this.#update.run(status, seq).changes))
  }

  [Symbol.dispose](): void {
    this.#db.close()
  }

  #inTransaction(work: () => number): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>()
    if (this.#waiting.push({ work, resolve }) === 1) setImmediate(() => this.#commit())
    return promise
  }

  #commit(): void {
    const asked = this.#waiting
    this.#waiting = []
    this.#db.exec('BEGIN IMMEDIATE')
    const results = asked.map(({ work }) => work())
    this.#db.exec('COMMIT')
    for (const [index, { resolve }] of asked.entries()) resolve(results[index] ?? 0)
  }
}
