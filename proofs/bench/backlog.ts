import { stat } from 'node:fs/promises'
import type { BacklogFile } from './backlog-file-process.ts'
import type { BacklogFigure } from './backlog-process.ts'
import { runInChild } from '../shared/child.ts'
import { contest, type ContestOptions, type Contestant, type Standing } from '../shared/contest.ts'
import { createScratchFolder, type ScratchFolder } from '../shared/scratch-folder.ts'

export interface BacklogOptions extends ContestOptions {
  readonly few: number
  readonly many: number
}

export interface Backlog {
  readonly standings: readonly Standing<BacklogFigure>[]
  /** Of the file with many. */
  readonly file: BacklogFile & { readonly bytesEach: number }
}

/** What a process has to do with deliveries that wait and are not due: a few, or very many. */
export async function measureBacklog({ few, many, ...options }: BacklogOptions): Promise<Backlog> {
  await using folder = await createScratchFolder()
  const contestantOf = (waiting: number): Contestant<BacklogFigure> => ({
    name: `${waiting.toLocaleString('en')} waiting`,
    does: '5 hooks, SQLite store',
    measure: () => runInChild(new URL('backlog-process.ts', import.meta.url), [pathOf(folder, waiting)]),
  })
  await makeFile(folder, few)
  const file = await makeFile(folder, many)
  const { size } = await stat(pathOf(folder, many))
  const little = contestantOf(few)
  const standings = await contest([little, contestantOf(many)], little, options)
  return { standings, file: { ...file, bytesEach: size / many } }
}

function pathOf(folder: ScratchFolder, waiting: number): string {
  return folder.file(`${waiting}.db`)
}

function makeFile(folder: ScratchFolder, waiting: number): Promise<BacklogFile> {
  const script = new URL('backlog-file-process.ts', import.meta.url)
  return runInChild(script, [pathOf(folder, waiting), String(waiting)])
}
