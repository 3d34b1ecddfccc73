import type { Chance } from '../../../src/testing/store/chance.ts'
import { frameHeaderBytes, walHeaderBytes, type WalLayout } from './wal-layout.ts'

/** Gives a damaged copy, and leaves the original as it is. */
export type Damage = (wal: Buffer, chance: Chance, layout: WalLayout) => Buffer

/** What becomes of the file of a disk that lies, a copy that was cut off, or memory that flips. */
export const walDamages: Readonly<Record<string, Damage>> = {
  'cut anywhere': (wal, chance) => wal.subarray(0, chance.below(wal.length)),
  'cut at the end of a commit': (wal, chance, { commitEnds }) => wal.subarray(0, chance.pick(commitEnds)),
  'cut one byte before the end of a commit': (wal, chance, { commitEnds }) =>
    wal.subarray(0, chance.pick(commitEnds) - 1),
  'cut in the header': (wal, chance) => wal.subarray(0, chance.below(walHeaderBytes)),
  'one bit flipped': (wal, chance) => flipped(wal, chance, 1),
  'two to sixteen bits flipped': (wal, chance) => flipped(wal, chance, 2 + chance.below(15)),
  'a thousand bits flipped': (wal, chance) => flipped(wal, chance, 1000),
  'a bit of the header flipped': (wal, chance) => flipped(wal, chance, 1, 0, walHeaderBytes),
  "a bit of a frame's header flipped": (wal, chance, layout) => {
    const frame = frameAt(chance, layout)
    return flipped(wal, chance, 1, frame, frame + frameHeaderBytes)
  },
  "a frame's checksum replaced": (wal, chance, layout) => {
    const frame = frameAt(chance, layout)
    return filled(wal, frame + 16, frame + 24, () => chance.below(256))
  },
  'a range zeroed': (wal, chance) => filled(wal, ...rangeIn(wal, chance), () => 0),
  'zeroed to the end': (wal, chance) => filled(wal, chance.below(wal.length), wal.length, () => 0),
  'a range of noise': (wal, chance) => filled(wal, ...rangeIn(wal, chance), () => chance.below(256)),
  'sectors of the last commits unwritten': (wal, chance, layout) => unwritten(wal, chance, layout),
  'a range cut out': (wal, chance) => without(wal, ...rangeIn(wal, chance)),
  'frames cut out': (wal, chance, layout) => {
    const frame = frameAt(chance, layout)
    return without(wal, frame, frame + layout.frameBytes * (1 + chance.below(4)))
  },
  'a range twice': (wal, chance) => twice(wal, ...rangeIn(wal, chance)),
  'a frame twice': (wal, chance, layout) => {
    const frame = frameAt(chance, layout)
    return twice(wal, frame, frame + layout.frameBytes)
  },
  'two frames exchanged': (wal, chance, layout) => exchanged(wal, chance, layout),
  'bytes added at the end': (wal, chance) =>
    Buffer.concat([wal, Buffer.alloc(1 + chance.below(9000), chance.below(256))]),
  empty: () => Buffer.alloc(0),
}

/** Flips different bits, so that none is flipped back. */
export function flipped(
  file: Buffer,
  chance: Chance,
  count: number,
  from: number = 0,
  to: number = file.length,
): Buffer {
  const copy = Buffer.from(file)
  const bits = new Set<number>()
  while (bits.size < count) bits.add(from * 8 + chance.below((to - from) * 8))
  for (const bit of bits) {
    const byte = bit >>> 3
    copy[byte] = (copy[byte] ?? 0) ^ (1 << (bit & 7))
  }
  return copy
}

export function filled(file: Buffer, from: number, to: number, byte: () => number): Buffer {
  const copy = Buffer.from(file)
  for (let at = from; at < to; at += 1) copy[at] = byte()
  return copy
}

function without(file: Buffer, from: number, to: number): Buffer {
  return Buffer.concat([file.subarray(0, from), file.subarray(to)])
}

function twice(file: Buffer, from: number, to: number): Buffer {
  return Buffer.concat([file.subarray(0, to), file.subarray(from)])
}

function exchanged(wal: Buffer, chance: Chance, layout: WalLayout): Buffer {
  const copy = Buffer.from(wal)
  const [one, other] = [frameAt(chance, layout), frameAt(chance, layout)]
  wal.copy(copy, one, other, other + layout.frameBytes)
  wal.copy(copy, other, one, one + layout.frameBytes)
  return copy
}

/** As the loss of power leaves what was not synced: each sector of the end is there or not. */
function unwritten(wal: Buffer, chance: Chance, { commitEnds }: WalLayout): Buffer {
  const copy = Buffer.from(wal)
  const synced = commitEnds.at(-1 - (1 + chance.below(4))) ?? walHeaderBytes
  for (let sector = Math.ceil(synced / 512) * 512; sector < copy.length; sector += 512)
    if (chance.below(2) === 0) copy.fill(0, sector, Math.min(copy.length, sector + 512))
  return copy
}

/** The start of a frame that counts. */
function frameAt(chance: Chance, { frameBytes, commitEnds }: WalLayout): number {
  const frames = ((commitEnds.at(-1) ?? walHeaderBytes) - walHeaderBytes) / frameBytes
  return walHeaderBytes + chance.below(frames) * frameBytes
}

/** 1 byte to 64 KiB. */
function rangeIn(file: Buffer, chance: Chance): [from: number, to: number] {
  const from = chance.below(file.length)
  return [from, Math.min(file.length, from + 1 + chance.below(2 ** (1 + chance.below(16))))]
}
