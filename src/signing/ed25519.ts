import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

/** Bytes of a private key (its seed), and of a public one (RFC 8032, section 5.1.5). */
export const ed25519KeyBytes = 32

// What stands before the bytes of a key in DER (RFC 8410): Node imports no Ed25519 key without it.
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const spki = Buffer.from('302a300506032b6570032100', 'hex')

export function ed25519PrivateKey(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' })
}

export function ed25519PublicKey(bytes: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([spki, bytes]), format: 'der', type: 'spki' })
}

/** The 32 bytes of the public key that belongs to a private one. */
export function ed25519PublicBytes(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(spki.length)
}

/**
 * The seven y-coordinates, with both spellings of 0 and 1, of the points of order 1, 2, 4 and 8. With one of them as public
 * key, signatures that nobody made verify: measured under OpenSSL 3.0, which Node 22 has, one made-up signature fits one
 * message in eight or more; OpenSSL 3.5 takes none. All zeros, as a placeholder has them, is one of these keys.
 */
const smallOrder: ReadonlySet<string> = new Set([
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
])

/** Whether anybody can sign for this public key. */
export function isOfSmallOrder(publicKey: Uint8Array): boolean {
  const y = Buffer.from(publicKey)
  y[ed25519KeyBytes - 1] = (y[ed25519KeyBytes - 1] ?? 0) & 0x7f // the highest bit is the sign of x
  return smallOrder.has(y.toString('hex'))
}
