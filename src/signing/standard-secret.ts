import { createSecretKey, type KeyObject } from 'node:crypto'
import { ConfigurationError } from '../errors.ts'
import { fromBase64 } from './base64.ts'
import {
  ed25519KeyBytes,
  ed25519PrivateKey,
  ed25519PublicBytes,
  ed25519PublicKey,
  isOfSmallOrder,
} from './ed25519.ts'

/** The scheme of a signature as Standard Webhooks names it: `v1` is HMAC-SHA256, `v1a` Ed25519. */
export type StandardVersion = 'v1' | 'v1a'

/** A secret, read and prepared: under `v1` the shared one, under `v1a` a private or a public key. */
export interface StandardKey {
  readonly version: StandardVersion
  readonly key: KeyObject
}

/** What a secret is, told by its prefix alone. */
const prefixes = { shared: 'whsec_', private: 'whsk_', public: 'whpk_' } as const

// Spec, "Signature scheme": between 24 bytes (192 bits) and 64 bytes (512 bits).
const leastBytes = 24
const mostBytes = 64

/**
 * Reads a secret that signs: `whsec_<base64>` of 24 to 64 bytes (the prefix may be missing, as the reference packages have
 * it), or `whsk_<base64>`, the 32 bytes of an Ed25519 private key, with or without the 32 of its public key behind them.
 *
 * @param option names the option in errors: `secret[1]`
 * @throws {@link ConfigurationError} `secret_invalid`; it never shows the secret
 */
export function parseStandardSecret(text: string, option = 'secret'): StandardKey {
  if (text.startsWith(prefixes.public)) {
    throw invalid(
      option,
      'Expected a secret that signs, got a public key (whpk_): give the private key (whsk_) of the pair.',
    )
  }
  return text.startsWith(prefixes.private) ? privateKey(text, option) : sharedKey(text, option)
}

/**
 * Reads a secret that verifies: `whsec_<base64>` as above, or `whpk_<base64>`, the 32 bytes of an Ed25519 public key.
 *
 * @throws {@link ConfigurationError} `secret_invalid`; it never shows the secret
 */
export function parseStandardVerificationSecret(text: string, option = 'secret'): StandardKey {
  if (text.startsWith(prefixes.private)) {
    throw invalid(
      option,
      'Expected a shared secret (whsec_) or a public key (whpk_), got a private key (whsk_): it stays at the sender, who gives the public key of the pair.',
    )
  }
  return text.startsWith(prefixes.public) ? publicKey(text, option) : sharedKey(text, option)
}

/** The text of a shared secret without its prefix. */
export function withoutStandardPrefix(text: string): string {
  return text.startsWith(prefixes.shared) ? text.slice(prefixes.shared.length) : text
}

function sharedKey(text: string, option: string): StandardKey {
  const bytes = decoded(withoutStandardPrefix(text), option)
  if (bytes.length < leastBytes || bytes.length > mostBytes) {
    throw invalid(
      option,
      `Expected the base64 of ${leastBytes} to ${mostBytes} bytes, got ${bytes.length}: make a secret of 32 random bytes, at both sides.`,
    )
  }
  return { version: 'v1', key: createSecretKey(bytes) }
}

function privateKey(text: string, option: string): StandardKey {
  const bytes = decoded(text.slice(prefixes.private.length), option)
  if (bytes.length !== ed25519KeyBytes && bytes.length !== 2 * ed25519KeyBytes) {
    throw invalid(
      option,
      `Expected the base64 of an Ed25519 private key, 32 bytes or 64 with its public key, got ${bytes.length}: \`createStandardKeyPair()\` makes a pair.`,
    )
  }
  const key = ed25519PrivateKey(bytes.subarray(0, ed25519KeyBytes))
  const claimed = bytes.subarray(ed25519KeyBytes)
  if (claimed.length > 0 && !ed25519PublicBytes(key).equals(claimed)) {
    throw invalid(
      option,
      'Expected an Ed25519 private key with its own public key behind it, got another one: copy all of it again.',
    )
  }
  return { version: 'v1a', key }
}

function publicKey(text: string, option: string): StandardKey {
  const bytes = decoded(text.slice(prefixes.public.length), option)
  if (bytes.length !== ed25519KeyBytes) {
    throw invalid(
      option,
      `Expected the base64 of an Ed25519 public key, 32 bytes, got ${bytes.length}: copy all of it again.`,
    )
  }
  if (isOfSmallOrder(bytes)) {
    throw invalid(
      option,
      'Expected an Ed25519 public key, got a point of small order, for which anybody can sign: ask the sender for the public key.',
    )
  }
  return { version: 'v1a', key: ed25519PublicKey(bytes) }
}

function decoded(base64: string, option: string): Buffer {
  const bytes = fromBase64(base64)
  if (bytes === undefined) {
    throw invalid(
      option,
      'Expected base64, after whsec_, whsk_ or whpk_, got something else: copy all of it, with any = at the end, and no blanks or quotes.',
    )
  }
  return bytes
}

function invalid(option: string, message: string): ConfigurationError {
  return new ConfigurationError('secret_invalid', option, message)
}
