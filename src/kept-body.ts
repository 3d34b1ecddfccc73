/**
 * What is kept with a piece after its first `length` bytes. It has room for more, so that an answer in tiny chunks is not copied by
 * each of them: 64 KiB by the byte would be 2 GB.
 *
 * @param limit how much is ever kept; the piece does not go beyond it
 */
export function appended(kept: Uint8Array, length: number, piece: Uint8Array, limit: number): Uint8Array {
  const needed = length + piece.byteLength
  let room = kept
  if (needed > kept.byteLength) {
    room = new Uint8Array(Math.min(limit, Math.max(needed, 2 * kept.byteLength)))
    room.set(kept.subarray(0, length))
  }
  room.set(piece, length)
  return room
}
