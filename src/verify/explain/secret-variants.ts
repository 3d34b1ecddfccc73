import { createSigner, type SignatureAlgorithm } from '../../signing/hmac.ts'
import type { Budget } from './budget.ts'
import { levelsOf, variantsOf, type Levels, type Variant } from './variants.ts'

/** A secret that the sender may have, ready to sign. */
export interface Key extends Variant {
  readonly sign: (message: string) => string
}

// Preparing a key takes as long as writing so many characters.
const perKey = 1000

/** Keys of secrets that the sender may have. */
export function keysOf(secrets: Levels, algorithm: SignatureAlgorithm, budget: Budget): Levels<Key> {
  function* prepared(distance: number): Generator<Key> {
    for (const secret of secrets.at(distance)) {
      budget.read(perKey)
      budget.hash(secret.text.length) // a long one is hashed to be a key
      yield { ...secret, sign: createSigner(secret.text, algorithm) }
    }
  }
  return { distances: secrets.distances, at: levelsOf(prepared) }
}

/** Secrets that the sender may have: the accepted ones, further ones, and each as it looks after a careless copy. */
export function secretVariants(
  accepted: readonly string[],
  further: Iterable<string>,
  budget: Budget,
): Levels {
  return variantsOf(
    startsOf(accepted, further),
    [
      { miss: 'secret-blanks', apply: withOtherBlanks },
      { miss: 'secret-quotes', apply: withOtherQuotes },
    ],
    2,
    budget,
  )
}

function* startsOf(accepted: readonly string[], further: Iterable<string>): Generator<Variant> {
  for (const [index, text] of accepted.entries()) {
    yield index === 0 ? { text, misses: [], distance: 0 } : { text, misses: ['older-secret'], distance: 1 }
  }
  for (const text of further) yield { text, misses: ['other-secret'], distance: 1 }
}

function withOtherBlanks(secret: string): readonly string[] {
  return [
    secret.trim(),
    secret.trimStart(),
    secret.trimEnd(),
    `${secret}\n`,
    `${secret}\r\n`,
    `${secret} `,
    ` ${secret}`,
    ` ${secret} `,
  ]
}

function withOtherQuotes(secret: string): readonly string[] {
  return [`"${secret}"`, `'${secret}'`, secret.replace(/^(?<quote>["'])(?<inner>.*)\k<quote>$/su, '$<inner>')]
}
