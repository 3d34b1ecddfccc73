import type { Chance } from '../../../src/testing/store/chance.ts'
import { filled, flipped } from './wal-damage.ts'

const pageBytes = 4096
const headerBytes = 100

/** Damage to the main file, which has no checksums: what is wrong with it is found, or not. */
export const mainDamages: Readonly<Record<string, (main: Buffer, chance: Chance) => Buffer>> = {
  "a byte of the file's header replaced": (main, chance) => {
    const at = chance.below(headerBytes)
    return filled(main, at, at + 1, () => chance.below(256))
  },
  "the file's header zeroed": (main) => filled(main, 0, headerBytes, () => 0),
  'one bit flipped': (main, chance) => flipped(main, chance, 1),
  'a thousand bits flipped': (main, chance) => flipped(main, chance, 1000),
  'a page of noise': (main, chance) => filled(main, ...pageOf(main, chance), () => chance.below(256)),
  'a page zeroed': (main, chance) => filled(main, ...pageOf(main, chance), () => 0),
  'a page twice': (main, chance) => {
    const copy = Buffer.from(main)
    main.copy(copy, pageOf(main, chance)[0], ...pageOf(main, chance))
    return copy
  },
  'cut in half': (main) => main.subarray(0, main.length / 2),
  'cut to half a page': (main) => main.subarray(0, pageBytes / 2),
  'cut anywhere': (main, chance) => main.subarray(0, 1 + chance.below(main.length - 1)),
  'cut at the end of a page': (main, chance) => main.subarray(0, pageOf(main, chance)[1]),
  'a page more': (main, chance) => Buffer.concat([main, Buffer.alloc(pageBytes, chance.below(256))]),
}

function pageOf(main: Buffer, chance: Chance): [from: number, to: number] {
  const from = chance.below(main.length / pageBytes) * pageBytes
  return [from, from + pageBytes]
}
