/**
 * Damages copies of a store's files in every way a disk, a cut copy or a lost power supply may, and counts what is read from
 * them: `npm run proofs -- torture/torn-files --count 1000 --seed 1`.
 */
import { parseArgs } from 'node:util'
import { sqliteStore } from 'deploy-hooks/sqlite'
import { openDatabase } from '../../dist/stores/sqlite/database.js'
import { Engine } from '../../dist/stores/sqlite/engine.js'
import { faultOf, storeError } from '../../dist/stores/sqlite/faults.js'
import { wholeNumber } from '../shared/argument-values.ts'
import { runParts } from '../shared/parts.ts'
import type { Report } from '../shared/report.ts'
import { sumOf, tableOf } from './torn-files/table.ts'
import { tearFiles, type TornFiles } from './torn-files/tear.ts'

export interface TornFilesOptions {
  /** Copies with a damaged WAL or `-shm`; a third as many again have a damaged main file. */
  readonly count: number
  /** What is chosen by chance repeats with it. */
  readonly seed: number
}

/** Every so many copies are read through the public store, whose thread takes longer to start than to read a file. */
const throughStores = 10
const keep = 100_000

export async function tornFiles(options: TornFilesOptions): Promise<Report> {
  return reportOf(await tear(options))
}

function tear({ count, seed }: TornFilesOptions): Promise<TornFiles> {
  return tearFiles({
    count,
    mainCount: Math.ceil(count / 3),
    seed,
    steps: 300,
    throughStores,
    parts: {
      openStore: (path) => sqliteStore({ path }),
      openEngine: (path) => new Engine(openDatabase(path), path, keep),
      storeErrorOf: (error, path) => storeError(faultOf(error, path)),
    },
  })
}

function reportOf({ covered, uncovered, violations }: TornFiles): Report {
  return {
    title: 'torn files',
    figures: {
      'copies with a damaged WAL or -shm': sumOf(covered, 'copies'),
      'showing what precedes the damage': sumOf(covered, 'exact'),
      'showing anything else': sumOf(covered, 'otherwise'),
      'copies with a damaged main file': sumOf(uncovered, 'copies'),
      'showing everything': sumOf(uncovered, 'exact'),
      'showing other rows': sumOf(uncovered, 'otherwise'),
    },
    violations,
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { count: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
  })
  const options = { count: wholeNumber('count', values.count), seed: wholeNumber('seed', values.seed) }
  const torn = async (): Promise<Report> => {
    const files = await tear(options)
    console.log(tableOf('what checksums cover', files.covered))
    console.log(tableOf('what nothing covers', files.uncovered))
    return reportOf(files)
  }
  await runParts([torn], {
    allIsWell: 'Where checksums cover a file, it showed what was written, and nothing else.',
  })
}
