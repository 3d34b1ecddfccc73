/** Where things are in a write-ahead log: https://www.sqlite.org/fileformat2.html#the_write_ahead_log */
export interface WalLayout {
  /** A frame: 24 bytes of header, and a page. */
  readonly frameBytes: number
  /** Where each commit's last frame ends, first to last. What follows is left from before the last checkpoint. */
  readonly commitEnds: readonly number[]
}

export const walHeaderBytes = 32
export const frameHeaderBytes = 24

/** Reads the layout of an undamaged WAL. */
export function layoutOf(wal: Buffer): WalLayout {
  const frameBytes = frameHeaderBytes + wal.readUInt32BE(8)
  const salt = wal.subarray(16, 24)
  const commitEnds: number[] = []
  for (let frame = walHeaderBytes; frame + frameBytes <= wal.length; frame += frameBytes) {
    if (!wal.subarray(frame + 8, frame + 16).equals(salt)) break
    const pagesAfterCommit = wal.readUInt32BE(frame + 4)
    if (pagesAfterCommit > 0) commitEnds.push(frame + frameBytes)
  }
  return { frameBytes, commitEnds }
}

/** How many commits stand whole before the first byte that differs: what a reader may trust. */
export function commitsBefore({ commitEnds }: WalLayout, byte: number): number {
  return commitEnds.filter((end) => end <= byte).length
}

/** The first byte in which two files differ, or the length of the shorter one. */
export function firstDifference(one: Buffer, other: Buffer): number {
  let same = 0
  let most = Math.min(one.length, other.length)
  while (same < most) {
    const middle = Math.ceil((same + most) / 2)
    if (one.subarray(same, middle).equals(other.subarray(same, middle))) same = middle
    else most = middle - 1
  }
  return same
}
