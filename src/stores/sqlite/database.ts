import { accessSync, closeSync, constants, openSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../../errors.ts'
import { faultOf, storeError } from './faults.ts'
import { shownPath } from './shown-path.ts'
import { applicationId, migrate, pragma, schemaVersion, versionOf } from './schema.ts'

/** How long a statement waits for another process's write lock. */
const busyMs = 5000
/** SQLITE_READONLY_ROLLBACK, https://www.sqlite.org/rescode.html */
const readOnlyRollback = 776

/**
 * Opens the file, and makes or migrates its schema.
 *
 * - `synchronous = FULL`: a commit is on the disk when it returns, and survives the loss of power
 *   (https://www.sqlite.org/pragma.html#pragma_synchronous).
 * - A checkpoint every 4,000 pages instead of 1,000: each stops commits for some milliseconds.
 *
 * @throws {@link StoreError} every `store_*` code but `store_closed`
 */
export function openDatabase(path: string): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    createPrivate(path)
    checkUnopened(path)
    db = new DatabaseSync(path, { timeout: busyMs, enableForeignKeyConstraints: false })
    checkOrigin(db, path)
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000')
    db.exec('PRAGMA cache_size = -16000; PRAGMA journal_size_limit = 67108864')
    migrate(db)
    return db
  } catch (error) {
    db?.close()
    throw storeError(faultOf(error, path))
  }
}

/**
 * Only its owner reads a new file: it tells who released what. SQLite gives the same mode to the files beside it.
 *
 * A file that is there is not opened: closing it again would let go of the locks of every store that this process has on it
 * (https://www.sqlite.org/howtocorrupt.html, 2.2), and another process would then delete the WAL that they write to.
 */
function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'ax', 0o600))
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST') return checkAccess(path)
    if (code === 'EROFS') throw readOnly(path, code)
    throw unavailable(path, code)
  }
}

function checkAccess(path: string): void {
  const { R_OK, W_OK } = constants
  const denied = denialOf(path, R_OK | W_OK)
  if (denied === 'EROFS' || (denied === 'EACCES' && denialOf(path, R_OK) === undefined))
    throw readOnly(path, denied)
  if (denied !== undefined) throw unavailable(path, denied)
  if (statSync(path).isDirectory()) throw unavailable(path, 'EISDIR')
}

function denialOf(path: string, mode: number): string | undefined {
  try {
    accessSync(path, mode)
    return undefined
  } catch (error) {
    return codeOf(error)
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error)
}

function readOnly(path: string, code: string): StoreError {
  return new StoreError(
    'store_read_only',
    `${shownPath(path)}: Expected a file that this process may write, got ${code}.`,
  )
}

function unavailable(path: string, code: string): StoreError {
  const store = code === 'ENOSPC' || code === 'EDQUOT' ? 'store_full' : 'store_unavailable'
  return new StoreError(
    store,
    `${shownPath(path)}: Expected a file in a folder that exists and can be written, got ${code}.`,
  )
}

/** A connection that may write would move another application's WAL into its file by being closed. */
function checkUnopened(path: string): void {
  const db = new DatabaseSync(path, { timeout: busyMs, readOnly: true })
  try {
    checkOrigin(db, path)
  } catch (error) {
    if (!isToBeRolledBack(error)) throw error
  } finally {
    db.close()
  }
}

/** A file whose writer was killed in the midst of its first transaction: only who may write can tell what it is. */
function isToBeRolledBack(error: unknown): boolean {
  return (error as { readonly errcode?: number }).errcode === readOnlyRollback
}

function checkOrigin(db: DatabaseSync, path: string): void {
  const origin = pragma(db, 'application_id')
  const isNew = pragma(db, 'schema_version') === 0 && origin === 0 && versionOf(db) === 0
  if (isNew) return
  if (origin !== applicationId) {
    const message = `${path}: Expected a file of this store or a new one, got another application's SQLite database. Give the store a path of its own.`
    throw new StoreError('store_foreign', message)
  }
  const version = versionOf(db)
  if (version > schemaVersion) {
    const message = `${path}: Expected schema version ${schemaVersion} or older, got ${version}: a newer deploy-hooks wrote it. Use that version.`
    throw new StoreError('store_newer', message)
  }
}
