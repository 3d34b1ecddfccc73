import { variantsOf, type Variant } from './variants.ts'

/** Secrets that the sender may have: the accepted ones, further ones, and each as it looks after a careless copy. */
export function secretVariants(accepted: readonly string[], further: readonly string[]): readonly Variant[] {
  const starts: readonly Variant[] = [
    ...accepted.map((text, index) =>
      index === 0
        ? { text, misses: [], distance: 0 }
        : { text, misses: ['older-secret' as const], distance: 1 },
    ),
    ...further.map((text) => ({ text, misses: ['other-secret' as const], distance: 1 })),
  ]
  return variantsOf(
    starts,
    [
      { miss: 'secret-blanks', apply: withOtherBlanks },
      { miss: 'secret-quotes', apply: withOtherQuotes },
    ],
    2,
  )
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
