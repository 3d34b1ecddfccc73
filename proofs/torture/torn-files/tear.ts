import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Chance } from '../../../src/testing/store/chance.ts'
import { engineReader, type StoreParts } from './engine-reader.ts'
import { fileDamages } from './file-damage.ts'
import { readCopy, type Reading } from './judge.ts'
import { mainDamages } from './main-damage.ts'
import type { Moment } from './moment.ts'
import { secondCrash } from './second-crash.ts'
import { expectedOf, writeSource, type Source, type StoreFiles } from './source.ts'
import { Tallies, type Tally } from './tally.ts'

export interface TearOptions {
  /** Copies with damage beside the main file, which checksums cover. */
  readonly count: number
  /** Copies with a damaged main file, which has none. */
  readonly mainCount: number
  readonly seed: number
  /** Commits of each history that are in the WAL alone. */
  readonly steps: number
  readonly parts: StoreParts
  /** Every so many copies are read through a store with its thread, the others through an engine. */
  readonly throughStores: number
}

/** What came of the copies, kind by kind. */
export interface TornFiles {
  readonly covered: readonly Tally[]
  readonly uncovered: readonly Tally[]
  /** Copies that showed something else than what precedes damage which checksums cover, each with what repeats it. */
  readonly violations: readonly string[]
}

/**
 * Damages copies of known stores and reads each of them: never a row that was not written, and of what was written all that
 * precedes the damage. What the format has no checksums for is counted, and ends with rows or a `StoreError`.
 */
export async function tearFiles(options: TearOptions): Promise<TornFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'deploy-hooks-torn-'))
  try {
    return await new Tearing(options, folder).run()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

class Tearing {
  readonly #options: TearOptions
  readonly #folder: string
  readonly #chance: Chance
  readonly #covered = new Tallies()
  readonly #uncovered = new Tallies()
  readonly #violations: string[] = []
  #copies = 0

  constructor(options: TearOptions, folder: string) {
    this.#options = options
    this.#folder = folder
    this.#chance = new Chance(options.seed)
  }

  async run(): Promise<TornFiles> {
    const { steps } = this.#options
    const young = await this.#source('young', 0)
    const old = await this.#source('old', Math.ceil(steps / 2))
    await this.#damageFiles(young, old)
    await this.#crashTwice([young, old])
    await this.#damageMainFile(old)
    await this.#exchangeWals(young, old)
    return { covered: this.#covered.all, uncovered: this.#uncovered.all, violations: this.#violations }
  }

  #source(name: string, checkpointed: number): Promise<Source> {
    const { parts, steps } = this.#options
    const path = join(this.#folder, `${name}.db`)
    return writeSource({ path, store: parts.openStore(path), chance: this.#chance, checkpointed, steps })
  }

  async #damageFiles(young: Source, old: Source): Promise<void> {
    for (const [kind, damage] of this.#inTurn(fileDamages, this.#options.count)) {
      const [source, other] = this.#chance.below(2) === 0 ? [young, old] : [old, young]
      const files = damage(source, this.#chance, other.files)
      this.#cover(kind, await this.#read(files), expectedOf(source, files))
    }
  }

  async #crashTwice(sources: readonly Source[]): Promise<void> {
    const kind = 'WAL damaged, written to and killed'
    for (let crash = 0; crash < this.#options.count / 20; crash += 1) {
      const path = join(this.#folder, `crash-${crash}.db`)
      const source = this.#chance.pick(sources)
      const { files, expected } = await secondCrash(source, path, this.#chance, this.#options.parts)
      this.#cover(kind, await this.#read(files), expected)
    }
  }

  async #damageMainFile({ closed, momentAfter, layout }: Source): Promise<void> {
    const expected = momentAfter(layout.commitEnds.length)
    for (const [kind, damage] of this.#inTurn(mainDamages, this.#options.mainCount))
      this.#uncovered.add(kind, await this.#read({ main: damage(closed, this.#chance) }), expected)
  }

  /** SQLite does not know to which main file a WAL belongs. */
  async #exchangeWals(young: Source, old: Source): Promise<void> {
    for (const [{ files, momentAfter }, other] of [[young, old] as const, [old, young] as const]) {
      const reading = await this.#read({ main: files.main, wal: other.files.wal })
      this.#uncovered.add('WAL of another store', reading, momentAfter(0))
    }
  }

  /** So many, of each kind as many as of the others. */
  #inTurn<Value>(
    kinds: Readonly<Record<string, Value>>,
    count: number,
  ): readonly (readonly [string, Value])[] {
    const entries = Object.entries(kinds)
    return Array.from({ length: count }, (_, index) => entries[index % entries.length] as [string, Value])
  }

  #read(files: StoreFiles): Promise<Reading> {
    this.#copies += 1
    const { parts, throughStores } = this.#options
    const folder = join(this.#folder, `copy-${this.#copies}`)
    const isThroughStore = this.#copies % throughStores === 0
    return readCopy(folder, files, isThroughStore ? parts.openStore : (path) => engineReader(parts, path))
  }

  #cover(kind: string, reading: Reading, expected: Moment): void {
    const wrong = this.#covered.add(kind, reading, expected)
    if (wrong === undefined) return
    this.#violations.push(`copy ${this.#copies} of seed ${this.#options.seed} (${kind}) ${wrong}`)
  }
}
