import { statSync } from 'node:fs'
import type { Logger } from '../../logger.ts'

/** Reading and writing, for the group and for all others. */
const ofOthers = 0o066

/**
 * Warns of files that others than their owner may read or write, as those of earlier versions. They tell who released what, and who may
 * read them can also hold the locks on them. What lies beside the file is made with its mode, now or soon, and keeps it.
 */
export function warnOfReaders(path: string, logger: Pick<Logger, 'warn'>): void {
  if (process.platform === 'win32') return // where modes do not say who may
  const beside = [`${path}-wal`, `${path}-shm`]
  const open = isOpenToOthers(path) ? [path, ...beside] : beside.filter(isOpenToOthers)
  if (open.length === 0) return
  const files = open.map((each) => `'${each.replaceAll("'", String.raw`'\''`)}'`).join(' ')
  const message = 'The files of the store are open to others than their owner, and tell who released what'
  logger.warn(`${message}: chmod 600 ${files}`)
}

function isOpenToOthers(path: string): boolean {
  const { mode = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {}
  return (mode & ofOthers) !== 0
}
