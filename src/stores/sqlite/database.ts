import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../../errors.ts'
import { faultOf, storeError } from './faults.ts'
import { applicationId, migrate, pragma, schemaVersion, versionOf } from './schema.ts'

/** How long a statement waits for another process's write lock. */
const busyMs = 5000

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

/** Only its owner reads a new file: it tells who released what. SQLite gives the same mode to the files beside it. */
function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'a', 0o600))
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'EROFS' || (code === 'EACCES' && isReadable(path))) {
      throw new StoreError(
        'store_read_only',
        `${path}: Expected a file that this process may write, got ${code}.`,
      )
    }
    const store = code === 'ENOSPC' || code === 'EDQUOT' ? 'store_full' : 'store_unavailable'
    throw new StoreError(
      store,
      `${path}: Expected a file in a folder that exists and can be written, got ${code}.`,
    )
  }
}

function isReadable(path: string): boolean {
  try {
    closeSync(openSync(path, 'r'))
    return true
  } catch {
    return false // the caller tells what is wrong; this only asks how much
  }
}

function checkOrigin(db: DatabaseSync, path: string): void {
  const isNew = pragma(db, 'schema_version') === 0
  if (isNew) return
  if (pragma(db, 'application_id') !== applicationId) {
    const message = `${path}: Expected a file of this store or a new one, got another application's SQLite database.`
    throw new StoreError('store_foreign', message)
  }
  const version = versionOf(db)
  if (version > schemaVersion) {
    const message = `${path}: Expected schema version ${schemaVersion} or older, got ${version}: a newer deploy-hooks wrote it. Use that version.`
    throw new StoreError('store_newer', message)
  }
}
