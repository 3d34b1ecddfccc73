import { createSecretKey } from 'node:crypto'
import {
  parseStandardVerificationSecret,
  withoutStandardPrefix,
  type StandardKey,
} from '../../../signing/standard-secret.ts'
import { attempt } from '../../explain/wording.ts'
import { createProof, type Prove } from '../proof.ts'
import type { StandardNearMiss } from './near-misses.ts'

/** A key that the sender may have. */
export interface KeyVariant {
  readonly version: StandardKey['version']
  readonly prove: Prove
  readonly misses: readonly StandardNearMiss[]
}

/** Keys that the sender may have: the accepted ones, further ones, and each shared one as a careless sender reads it. */
export function keyVariants(accepted: readonly string[], further: readonly string[]): readonly KeyVariant[] {
  const secrets = [
    ...accepted.map((text, index) => ({ text, misses: index === 0 ? [] : ['older-secret' as const] })),
    ...further.map((text) => ({ text: text.trim(), misses: ['other-secret' as const] })),
  ]
  return [
    ...secrets.flatMap(({ text, misses }) => asMeant(text, misses)),
    ...secrets.flatMap(({ text, misses }) => misread(text, misses)),
  ]
}

function asMeant(text: string, misses: readonly StandardNearMiss[]): readonly KeyVariant[] {
  const key = attempt(() => parseStandardVerificationSecret(text))
  return key === undefined ? [] : [{ version: key.version, prove: createProof(key), misses }]
}

function misread(text: string, misses: readonly StandardNearMiss[]): readonly KeyVariant[] {
  if (text.startsWith('whpk_')) return []
  const bare = withoutStandardPrefix(text)
  const whole = `whsec_${bare}`
  const readings: readonly (readonly [StandardNearMiss, Buffer])[] = [
    ['secret-as-text', Buffer.from(bare, 'utf8')],
    ['secret-prefix', Buffer.from(whole, 'utf8')],
    ['secret-prefix', Buffer.from(whole, 'base64')], // _ is a digit of base64url, so it decodes
  ]
  return readings.map(([miss, bytes]) => ({
    version: 'v1',
    prove: createProof({ version: 'v1', key: createSecretKey(bytes) }),
    misses: [...misses, miss],
  }))
}
