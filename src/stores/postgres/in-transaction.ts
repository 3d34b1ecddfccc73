import { StoreError } from '../../errors.ts'
import type { Row } from '../rows.ts'
import { codeOf } from './faults.ts'
import { fixedPath } from './search-path.ts'

/** Runs a statement on one connection. */
export type Run = (text: string, values?: readonly unknown[]) => Promise<readonly Row[]>

/** All of the work is committed, or nothing of it has happened, unless the error says that it may have. */
export async function inTransaction<Result>(run: Run, work: () => Promise<Result>): Promise<Result> {
  await run(`BEGIN ISOLATION LEVEL READ COMMITTED; ${fixedPath}`) // whatever the role's defaults are
  try {
    const result = await work()
    await run('COMMIT')
    return result
  } catch (error) {
    if (!isSpoiled(error)) await run('ROLLBACK') // a connection that is given up takes its transaction along
    throw error
  }
}

/** After these, a connection is not used again: it is broken, still at work, or leads to a standby. */
const spoiling: ReadonlySet<string> = new Set([
  'store_unavailable',
  'store_read_only',
  'store_busy',
  'store_io',
  'store_closed',
])

export function isSpoiled(error: unknown): boolean {
  if (!(error instanceof StoreError) || !spoiling.has(error.code)) return false
  return !/^(?:28|3D|3F|40|42|55|57014)/u.test(codeOf(error)) // after these the server goes on
}
