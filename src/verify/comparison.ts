import { timingSafeEqual } from 'node:crypto'

/**
 * Compares two texts of the length of a signature in constant time; a text of another length is not the same. The buffers
 * are its own, so that comparing makes none. A character past ASCII takes more than a byte: such a text does not fit.
 */
export function createComparison(length: number): (digest: string, signature: string) => boolean {
  const left = Buffer.alloc(length)
  const right = Buffer.alloc(length)
  return (digest, signature) => {
    if (signature.length !== length) return false // or the start of a longer one would do
    const fits = left.write(digest, 'utf8') === length && right.write(signature, 'utf8') === length
    return fits && timingSafeEqual(left, right)
  }
}
