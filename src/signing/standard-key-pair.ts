import { generateKeyPairSync } from 'node:crypto'
import { ed25519PublicBytes } from './ed25519.ts'

/** An Ed25519 key pair as Standard Webhooks writes it. */
export interface StandardKeyPair {
  /** `whsk_…`: signs. It stays at the sender. */
  readonly privateKey: string
  /** `whpk_…`: verifies, and is no secret. For every receiver. */
  readonly publicKey: string
}

/**
 * Makes an Ed25519 key pair for Standard Webhooks: with one, receivers can verify and cannot sign.
 *
 * The specification says base64 and the prefixes; that `whsk_` holds the public key behind the private one is how Svix,
 * where the format comes from, writes and reads it.
 *
 * @example
 * const { privateKey, publicKey } = createStandardKeyPair()
 */
export function createStandardKeyPair(): StandardKeyPair {
  const { privateKey } = generateKeyPairSync('ed25519')
  const publicBytes = ed25519PublicBytes(privateKey)
  const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url')
  return {
    privateKey: `whsk_${Buffer.concat([seed, publicBytes]).toString('base64')}`,
    publicKey: `whpk_${publicBytes.toString('base64')}`,
  }
}
