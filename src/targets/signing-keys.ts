import { hash } from 'node:crypto'
import type { SignatureAlgorithm } from '../signing/hmac.ts'
import { parseStandardSecret } from '../signing/standard-secret.ts'
import type { SignerName } from './signers.ts'

// Both hash functions work on blocks of 64 bytes (FIPS 180-4, section 1).
const blockBytes = 64

/**
 * What HMAC makes of each secret under a scheme, in a spelling that is equal when the keys are. It is the key itself: for comparing,
 * and for nothing else.
 *
 * All of the secrets count, and not the one that signs alone: receivers take every one of them while keys rotate.
 *
 * @param secrets checked, and good for the scheme
 */
export function signingKeys(
  scheme: SignerName,
  secrets: readonly string[],
  algorithm: SignatureAlgorithm,
): readonly string[] {
  if (scheme === 'url') return secrets.map((secret) => hmacKey(algorithm, Buffer.from(secret, 'utf8')))
  if (scheme === 'hub-sha256') return secrets.map((secret) => hmacKey('sha256', Buffer.from(secret, 'utf8')))
  return secrets
    .map((secret) => parseStandardSecret(secret))
    .filter(({ version }) => version === 'v1') // the others are keys of Ed25519, which no other scheme has
    .map(({ key }) => hmacKey('sha256', key.export()))
}

/** RFC 2104: a key that is longer than a block is hashed, and a shorter one is filled up with zeros. */
function hmacKey(algorithm: SignatureAlgorithm, secret: Buffer): string {
  const key = secret.length > blockBytes ? hash(algorithm, secret, 'buffer') : secret
  return `${algorithm} ${key.toString('hex').replace(/(?:00)+$/u, '')}`
}
