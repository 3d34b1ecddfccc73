/** What a receiver can answer, and what its hook's URL can hold, so that masking the one in the other costs as much as may be. */
export interface HostileKind {
  readonly name: string
  /** Of the URL. */
  readonly query: string
  readonly answer: string
}

const answerBytes = 64 * 1024
const queryLength = 4000

/** By name, since they are told one by one. */
export const hostileKinds: readonly HostileKind[] = [
  {
    name: '14 × `\\"`, and an answer of 101 bytes of `\\\\"`',
    query: `a=${'\\"'.repeat(14)}x`,
    answer: `${'\\\\"'.repeat(33)}yz`,
  },
  { name: '1,340 × `%08`', query: `a=${'%08'.repeat(1340)}`, answer: full('\\b%2508\b&#8;') },
  {
    name: '500 values of backslashes',
    query: cut(
      '&',
      Array.from({ length: 500 }, (_, index) => `a=${'\\'.repeat(3 + (index % 5))}`),
    ),
    answer: full('\\'),
  },
  { name: 'a value of 3,000 `\\"`', query: `a=${'\\"'.repeat(1500)}x`, answer: full('\\\\\\"') },
  { name: 'a value of 1,300 `%26`', query: `a=${'%26'.repeat(1300)}y`, answer: full('&amp;') },
  { name: '3,900 times one letter', query: `a=${'a'.repeat(3900)}b`, answer: full('a') },
  {
    name: '800 tokens, all of them echoed',
    query: cut('&', tokens()),
    answer: full(tokens().join(' ')),
  },
  {
    name: '600 tokens with escapes, all echoed as they are and in JSON',
    query: cut('&', escapedTokens()),
    answer: full(
      escapedTokens()
        .map((token) => `${token} ${JSON.stringify(token)}`)
        .join(''),
    ),
  },
]

function full(unit: string): string {
  return unit.repeat(Math.ceil(answerBytes / unit.length)).slice(0, answerBytes)
}

function cut(separator: string, parts: readonly string[]): string {
  let query = ''
  for (const part of parts) if (query.length + part.length < queryLength) query += (query && separator) + part
  return query
}

function tokens(): readonly string[] {
  return Array.from({ length: 800 }, (_, index) => (1_679_616 - 1 - index * 7).toString(36).padStart(4, '0'))
}

function escapedTokens(): readonly string[] {
  return Array.from({ length: 600 }, (_, index) => `\\"${(index * 53).toString(36)}%22`)
}
