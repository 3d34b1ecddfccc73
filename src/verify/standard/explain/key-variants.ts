import { createSecretKey } from 'node:crypto'
import {
  parseStandardVerificationSecret,
  withoutStandardPrefix,
  type StandardKey,
} from '../../../signing/standard-secret.ts'
import type { Budget } from '../../explain/budget.ts'
import { replayed } from '../../explain/replayed.ts'
import { attempt } from '../../explain/wording.ts'
import { createProof, type Prove } from '../proof.ts'
import type { StandardNearMiss } from './near-misses.ts'

/** A key that the sender may have. */
export interface KeyVariant {
  readonly version: StandardKey['version']
  readonly prove: Prove
  readonly misses: readonly StandardNearMiss[]
}

interface Start {
  readonly text: string
  readonly misses: readonly StandardNearMiss[]
}

// Preparing a key takes as long as reading so many characters: a shared one, and a point on the curve.
const perKey = { v1: 1000, v1a: 20_000 } as const

/**
 * Keys that the sender may have: the accepted ones, further ones, and each shared one as a careless sender reads it. Made one by one.
 *
 * @throws {@link BudgetSpent}
 */
export function* keyVariants(
  accepted: readonly string[],
  further: Iterable<string>,
  budget: Budget,
): Generator<KeyVariant> {
  const starts = replayed(startsOf(accepted, further))
  for (const { text, misses } of starts) {
    budget.read(text.length + perKey[text.startsWith('whpk_') ? 'v1a' : 'v1'])
    const key = attempt(() => parseStandardVerificationSecret(text))
    if (key !== undefined) yield { version: key.version, prove: createProof(key), misses }
  }
  for (const { text, misses } of starts) {
    budget.read(3 * (text.length + perKey.v1))
    yield* misread(text, misses)
  }
}

function* startsOf(accepted: readonly string[], further: Iterable<string>): Generator<Start> {
  for (const [index, text] of accepted.entries()) yield { text, misses: index === 0 ? [] : ['older-secret'] }
  for (const text of further) yield { text: text.trim(), misses: ['other-secret'] }
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
