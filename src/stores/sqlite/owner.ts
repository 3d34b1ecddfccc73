import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, openSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Without a journal's file. */
const lock = 'PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE'

/**
 * Proof that the process which leased a delivery still lives: it holds SQLite's lock on a file of its own beside the store's.
 * The system lets go of the lock when the process ends, however it ends, on every platform and over containers that share
 * the folder; process ids would tell neither (docs/decisions/0010).
 */
export class OwnerLock {
  /** The lock file's name, in the store's folder. */
  readonly name: string
  readonly #path: string
  readonly #db: DatabaseSync

  constructor(storePath: string) {
    this.name = `${basename(storePath)}-owner-${randomUUID()}`
    this.#path = join(dirname(storePath), this.name)
    closeSync(openSync(this.#path, 'ax', 0o600)) // SQLite would let others read it, who could then hold its lock
    this.#db = new DatabaseSync(this.#path)
    this.#db.exec(lock)
  }

  release(): void {
    this.#db.close()
    rmSync(this.#path, { force: true })
  }
}

/**
 * Whether the process with this lock lives. The file of one that does not is removed. What cannot be told is taken for alive:
 * leases end by themselves.
 */
export function isAlive(storePath: string, name: string): boolean {
  const path = join(dirname(storePath), name)
  if (basename(path) !== name || !name.includes('-owner-') || !existsSync(path)) return false
  try {
    const db = new DatabaseSync(path, { timeout: 0 })
    try {
      db.exec(`${lock}; COMMIT`)
    } finally {
      db.close()
    }
    rmSync(path, { force: true })
    return false
  } catch {
    return true
  }
}

/** Removes lock files of processes that ended before they were listed. Only for who holds the store's write lock. */
export function removeUnlisted(storePath: string, listed: ReadonlySet<string>): void {
  const prefix = `${basename(storePath)}-owner-`
  for (const name of readdirSync(dirname(storePath)))
    if (name.startsWith(prefix) && !listed.has(name)) isAlive(storePath, name)
}
