import { answerBytes } from './answer-plan.ts'

/** What the URL of a hook can hold, and its receiver answer, so that looking for the one in the other costs as much as may be. */
export interface HostileKind {
  readonly name: string
  readonly url: string
  readonly answer: string
  /** Of the hook, and of its target. @default none */
  readonly secrets?: readonly string[]
  readonly targetSecrets?: readonly string[]
  /** Of requests that go elsewhere than to the hook. @default none */
  readonly bases?: readonly string[]
}

const start = 'http://h.example/?'
/** Of a URL, or of all URLs that a target's requests go to. */
const longest = 4096

/** By name, since they are told one by one. The first five stopped or held up an event loop, when masking was done by regular expressions. */
export const hostileKinds: readonly HostileKind[] = [
  {
    name: 'a URL of 41 characters, `\\"` repeated, and an answer of 101 bytes, `\\\\\\\\"` repeated',
    url: `${start}a=${'\\"'.repeat(10)}x`,
    answer: `${'\\\\\\\\"'.repeat(20)}y`,
  },
  { name: '1,340 × `%08`', url: `${start}a=${'%08'.repeat(1340)}`, answer: full('\\b%2508\b&#8;') },
  {
    name: '500 values of backslashes',
    url: filled(Array.from({ length: 500 }, (_, index) => `a=${'\\'.repeat(3 + (index % 5))}`)),
    answer: full('\\'),
  },
  { name: 'a value of 3,000 backslashes', url: `${start}a=${'\\'.repeat(3000)}`, answer: full('\\\\%5C') },
  { name: 'a value of 3,000 `\\"`', url: `${start}a=${'\\"'.repeat(1500)}x`, answer: full('\\\\\\"') },
  { name: '1,350 × `%26`', url: `${start}a=${'%26'.repeat(1350)}y`, answer: full('&amp;') },
  { name: '4,000 times one letter', url: `${start}a=${'a'.repeat(4000)}b`, answer: full('a') },
  { name: 'tokens that are all echoed', url: filled(tokens()), answer: full(tokens().join(' ')) },
  {
    name: 'tokens with escapes, echoed as they are and in JSON',
    url: filled(escapedTokens()),
    answer: full(
      escapedTokens()
        .map((token) => `${token} ${JSON.stringify(token)}`)
        .join(''),
    ),
  },
  {
    name: 'values that start alike, each nine times as long as it is sent',
    url: filled(wide('\u{65E5}')),
    answer: full(`${encodeURIComponent('\u{65E5}'.repeat(5))}${'\u{65E5}'.repeat(5)}`),
  },
  {
    name: 'a secret path of 450 segments that start alike',
    url: filled(
      Array.from({ length: 450 }, (_, index) => `aaaaaa${index}`),
      'http://h.example/',
      '/',
    ),
    answer: full('aaaaaa1/aaaaaa2%2F'),
  },
  {
    name: 'all that a hook may have: 60 secrets of 5,000 characters that start alike, and two URLs',
    url: filled(wide('\u{65E5}')),
    secrets: secretsOf('\u{65E5}'),
    targetSecrets: secretsOf('\u{6708}'),
    bases: [filled(wide('\u{6708}'))],
    answer: full(`${'\u{65E5}'.repeat(5)}${encodeURIComponent('\u{6708}'.repeat(5))}%22`),
  },
]

/** Over and over, as long as an answer that is read may be. */
export function full(unit: string): string {
  return unit.repeat(Math.ceil(answerBytes / Buffer.byteLength(unit)))
}

/** A URL with as many of these, in its query, as it may have. */
function filled(parts: readonly string[], from: string = start, separator = '&'): string {
  let url = from
  for (const part of parts)
    if (url.length + part.length < longest) url += (url === from ? '' : separator) + part
  return url
}

function secretsOf(character: string): readonly string[] {
  return Array.from({ length: 30 }, (_, index) => `${character.repeat(4)}"${index}`.repeat(800))
}

function tokens(): readonly string[] {
  return Array.from({ length: 800 }, (_, index) => (36 ** 4 - 1 - index * 7).toString(36))
}

function escapedTokens(): readonly string[] {
  return Array.from({ length: 600 }, (_, index) => `\\"${(index * 53).toString(36)}%22`)
}

function wide(character: string): readonly string[] {
  return Array.from({ length: 600 }, (_, index) => character.repeat(5) + String.fromCodePoint(0x4e00 + index))
}
