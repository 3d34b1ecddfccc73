import { readFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import type { Store } from 'deploy-hooks'
import { History } from './history.ts'
import type { Moment } from './moment.ts'
import type { Chance } from '../../../src/testing/store/chance.ts'
import { commitsBefore, firstDifference, layoutOf, type WalLayout } from './wal-layout.ts'

/** A store's files as a kill or the loss of power leaves them, and what the store had acknowledged after each commit. */
export interface Source {
  readonly files: Required<StoreFiles>
  /** The main file after the store was closed: it holds everything. */
  readonly closed: Buffer
  readonly layout: WalLayout
  /** What must be shown when so many commits of the WAL are whole. */
  readonly momentAfter: (commits: number) => Moment
}

export interface StoreFiles {
  readonly main: Buffer
  /** Absent: the file is not there. */
  readonly wal?: Buffer
  readonly shm?: Buffer
}

export interface SourceOptions {
  /** Where to make it: nothing is there. */
  readonly path: string
  readonly store: Store
  readonly chance: Chance
  /** Commits to be in the main file, and commits to be in the WAL alone. */
  readonly checkpointed: number
  readonly steps: number
}

/** Writes a history, and copies the files while the store is open: closing it would empty the WAL. */
export async function writeSource({
  path,
  store,
  chance,
  checkpointed,
  steps,
}: SourceOptions): Promise<Source> {
  const history = new History(store, chance)
  await history.write(checkpointed)
  if (checkpointed > 0) restartWal(path)
  await history.write(steps)
  const files = await readFiles(path)
  await store.close()
  const layout = layoutOf(files.wal)
  const { moments } = history
  const momentAfter = (commits: number): Moment => {
    const before = moments.length - 1 - (layout.commitEnds.length - commits)
    return moments[Math.max(0, before)] as Moment // the first commit of a new file is no step
  }
  return { files, closed: await readFile(path), layout, momentAfter }
}

/** What must be shown of a copy with this WAL: each commit before the first byte that differs, and none after it. */
export function expectedOf({ files, layout, momentAfter }: Source, { wal }: StoreFiles): Moment {
  return momentAfter(commitsBefore(layout, wal === undefined ? 0 : firstDifference(files.wal, wal)))
}

/** Reading a database's file lets go of this process's locks on it: harmless here, as no other process has it open. */
export async function readFiles(path: string): Promise<Required<StoreFiles>> {
  const [main, wal, shm] = await Promise.all(['', '-wal', '-shm'].map((end) => readFile(`${path}${end}`)))
  return { main, wal, shm } as Required<StoreFiles> // as many as were asked for
}

/** The next commit then overwrites the WAL from its start, and leaves what is behind it. */
function restartWal(path: string): void {
  const db = new DatabaseSync(path)
  db.exec('PRAGMA wal_checkpoint(RESTART)')
  db.close()
}
