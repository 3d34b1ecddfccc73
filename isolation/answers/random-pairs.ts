import { hostileKinds, type HostileKind } from './kinds.ts'

/** A hook, and what its receiver answers to one request after the other. */
export interface HostilePair {
  readonly kind: string
  readonly url: string
  /** Of the hook, beside its URL. */
  readonly secrets: readonly string[]
  readonly answers: readonly { readonly how: string; readonly text: string }[]
}

/** Of what escapes are made, whole and in halves, and a few other characters. */
const units = [
  ...['\\', '\\\\', '\\"', '"', '\\/', '/', '\\u005c', '\\u0022', '\\u00', '\\b', '\n'],
  ...['%', '%25', '%2525', '%08', '%5c', '%3', '%2', '%35', '%C3%A9', '%C3', '%F0%9F%92%A5'],
  ...['&', '&amp;', '&amp;amp;', '&#34;', '&quot;', '&#', '&#x', ';', '#'],
  ...['u', 'u0', 'a', 'A', '1', '0', 'b', 'ab', 'é', 'İ', 'ß', '日', '💥', '+', '-', '_', '=', '.', ' '],
]

const longestUrl = 4096
export const answerBytes: number = 64 * 1024
/** Made by chance; the rest of an answer is the same again. */
const answerPart = 6000
const answersEach = 5

/** Numbers from 0 on below `below`; the same for the same seed. */
export type Random = (below: number) => number

export function randomOf(seed: number): Random {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor(((state >>> 8) / 2 ** 24) * below)
  }
}

/** Without an end: every eighth is one of the named kinds. */
export function* hostilePairs(random: Random): Generator<HostilePair, never> {
  for (;;) {
    const named = hostileKinds[random(8 * hostileKinds.length)]
    yield named === undefined ? randomPair(random) : namedPair(named)
  }
}

function namedPair({ name, query, answer }: HostileKind): HostilePair {
  const answers = Array.from({ length: answersEach }, () => ({ how: '', text: answer }))
  return { kind: name, url: `http://h/x?${query}`, secrets: [], answers }
}

function randomPair(random: Random): HostilePair {
  const [values, query] = queryOf(random)
  const path = random(3) === 0 ? `/${inUrl(textOf(random, random(500)))}` : '/x'
  const url = `http://h${path}?${inUrl(query)}`.slice(0, longestUrl).toWellFormed()
  const secrets = random(5) === 0 ? Array.from({ length: 30 }, () => `s${textOf(random, 200)}`) : []
  const answers = Array.from({ length: answersEach }, () => answerOf(random, url, secrets))
  return { kind: values, url, secrets, answers }
}

function queryOf(random: Random): readonly [values: string, query: string] {
  const values =
    ['one long value', 'one short value', 'many values', 'values that start alike'][random(4)] ?? ''
  switch (values) {
    case 'one long value':
      return [values, `a=${textOf(random, longestUrl)}`]
    case 'one short value':
      return [values, `a=${textOf(random, 41)}`]
    case 'many values': {
      const length = 4 + random(12)
      return [values, listOf(random, () => textOf(random, length))]
    }
    default: {
      const start = textOf(random, 60)
      return [values, listOf(random, (index) => start.slice(0, 3 + (index % 60)) + pick(random, units))]
    }
  }
}

function listOf(random: Random, text: (index: number) => string): string {
  let query = ''
  for (let index = 0; query.length < longestUrl; index += 1)
    query += `${query === '' ? '' : '&'}${random(2) === 0 ? 'a=' : ''}${text(index)}`
  return query
}

/** Repeated, in turns, mixed, or all but repeated. */
function textOf(random: Random, length: number): string {
  const parts = Array.from({ length: [1, 2, length, 1 + random(6)][random(4)] ?? 1 }, () =>
    pick(random, units),
  )
  const text = parts.join('')
  const repeated = text.repeat(Math.ceil(length / Math.max(1, text.length))).slice(0, length)
  return random(2) === 0 ? repeated : repeated.slice(0, Math.max(0, length - 3)) + pick(random, units)
}

function answerOf(
  random: Random,
  url: string,
  secrets: readonly string[],
): { readonly how: string; readonly text: string } {
  const [how, part] = partOf(random, url, secrets)
  return { how, text: part.repeat(Math.ceil(answerBytes / part.length)) }
}

function partOf(
  random: Random,
  url: string,
  secrets: readonly string[],
): readonly [how: string, part: string] {
  const query = url.slice(url.indexOf('?') + 1)
  const texts = [...secrets, ...query.split('&').map((pair) => pair.slice(pair.indexOf('=') + 1)), 'x']
  const how =
    ['of the same units', 'the URL, again and again', 'its values, spelled', 'its values, begun'][
      random(4)
    ] ?? ''
  if (how === 'of the same units') return [how, textOf(random, answerPart)]
  if (how === 'the URL, again and again') return [how, url]
  let answer = ''
  while (answer.length < answerPart) {
    const text = pick(random, texts)
    answer += `${how === 'its values, spelled' ? spelled(random, text) : text.slice(0, 1 + random(8))}${random(2) === 0 ? '' : ','}.`
  }
  return [how, answer]
}

function spelled(random: Random, text: string): string {
  const spellings = [
    () => text,
    () => JSON.stringify(text),
    () => encodeURIComponent(text.toWellFormed()),
    () => encodeURIComponent(JSON.stringify(text.toWellFormed())),
    () => Buffer.from(text).toString('base64'),
    () => Buffer.from(`user:${text}`).toString('base64'),
    () => Buffer.from(text).toString('hex'),
    () => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;'),
  ]
  return pick(random, spellings)()
}

function inUrl(text: string): string {
  return text.replaceAll(/[\s\p{Cc}#]/gu, '')
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[random(items.length)] as Item
}
