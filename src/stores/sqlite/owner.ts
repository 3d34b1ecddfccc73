import { randomUUID } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const sqliteBusy = 5

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
    this.#db = new DatabaseSync(this.#path)
    this.#db.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE')
  }

  release(): void {
    this.#db.close()
    rmSync(this.#path, { force: true })
  }
}

/** Whether the process with this lock lives. The file of one that does not is removed. */
export function isAlive(storePath: string, name: string): boolean {
  const path = join(dirname(storePath), name)
  if (!existsSync(path)) return false
  const db = new DatabaseSync(path, { timeout: 0 })
  try {
    db.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE; COMMIT')
  } catch (error) {
    if (((error as { readonly errcode?: number }).errcode ?? 0) % 256 === sqliteBusy) return true
    throw error
  } finally {
    db.close()
  }
  rmSync(path, { force: true })
  return false
}
