import { StoreError, type StoreErrorCode } from '../../errors.ts'
import { shownPath } from './shown-path.ts'

/** A fault of the store as plain data: it crosses from the thread that has it to the one that throws it. */
export interface Fault {
  readonly code: StoreErrorCode
  readonly message: string
}

// Primary result codes, https://www.sqlite.org/rescode.html
const meanings: Readonly<Record<number, readonly [code: StoreErrorCode, whatToDo: string]>> = {
  // Every statement of this store is right for its own schema.
  1: [
    'store_corrupt',
    'Expected the tables of this store. Keep the file, and start with another or a backup.',
  ],
  3: ['store_unavailable', 'Expected a file that this process may open.'],
  5: ['store_busy', 'Expected the write lock within 5 s; another process holds it. Nothing was recorded.'],
  6: ['store_busy', 'Expected the write lock within 5 s; another process holds it. Nothing was recorded.'],
  8: ['store_read_only', 'Expected a file and a folder that this process may write.'],
  // What was written before a sync failed may be found when the file is next opened, if nothing is written over it before.
  10: [
    'store_io',
    'Expected the disk to take and sync what was written. Ask again: nothing is recorded twice.',
  ],
  11: [
    'store_corrupt',
    'Expected a sound SQLite database. Keep the file, and start with another or a backup.',
  ],
  13: [
    'store_full',
    'Expected free space on the disk. Nothing was recorded; what was recorded before stays.',
  ],
  14: ['store_unavailable', 'Expected a path in a folder that exists and that this process may write.'],
  26: ['store_corrupt', 'Expected a SQLite database. Keep the file, and start with another or a backup.'],
}

/** Reads an error of SQLite's. Its own text holds no values, only names of this schema. */
export function faultOf(error: unknown, path: string): Fault {
  if (error instanceof StoreError) return { code: error.code, message: error.message }
  const { message, errcode } = error as Error & { readonly errcode?: number }
  const where = shownPath(path)
  if (isUnreadable(error)) return { code: 'store_corrupt', message: `${where}: ${unreadable}` }
  const [code, whatToDo] = meanings[(errcode ?? 0) & 0xff] ?? ['store_failed', 'This is a defect: report it.']
  return { code, message: `${where}: ${whatToDo} SQLite says: ${message} (${errcode ?? 'no code'})` }
}

/** A value that no store wrote. `JSON.parse` quotes it, so that its message is not passed on. */
function isUnreadable(error: unknown): boolean {
  return error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ERR_OUT_OF_RANGE'
}

const unreadable =
  'Expected values that a store wrote, got others. Keep the file, and start with another or a backup.'

export function storeError({ code, message }: Fault): StoreError {
  return new StoreError(code, message)
}
