import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

/** Of an HMAC by an object: the padded key, twice, and the hash that is hashed again. */
const besides = 160
let bytes = 0

/** Counts what is given to hash functions from now on. To be called before what imports them is loaded. */
export function countHashedBytes(): void {
  const { hash, createHmac, verify } = crypto
  Object.assign(crypto, {
    hash: (...given: Parameters<typeof hash>) => {
      bytes += sizeOf(given[1])
      return hash(...given)
    },
    createHmac: (...given: Parameters<typeof createHmac>) => {
      const hmac = createHmac(...given)
      const update = hmac.update.bind(hmac)
      bytes += besides
      return Object.assign(hmac, { update: (data: Uint8Array) => update(counted(data)) })
    },
    verify: (...given: Parameters<typeof verify>) => {
      counted(given[1] as Uint8Array)
      return verify(...given)
    },
  })
  syncBuiltinESMExports()
}

/** Since it was asked for last. */
export function takeHashedBytes(): number {
  const taken = bytes
  bytes = 0
  return taken
}

function counted(data: Uint8Array): Uint8Array {
  bytes += data.byteLength
  return data
}

function sizeOf(data: crypto.BinaryLike): number {
  return typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength
}
