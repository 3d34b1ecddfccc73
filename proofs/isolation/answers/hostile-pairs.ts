import type { Chance } from '../../../src/testing/store/chance.ts'
import { full, hostileKinds, type HostileKind } from './hostile-kinds.ts'

/** A hook, and what its receiver answers to one request after the other. */
export interface HostileHook extends Omit<HostileKind, 'answer' | 'name'> {
  readonly kind: string
  readonly answers: readonly string[]
}

/** Of what escapes are made, whole and in halves, and a few other characters. */
const units = [
  ['\\', '\\\\', '\\"', '"', '\\/', '/', '\\u005c', '\\u0022', '\\u00', '\\b', '\n'],
  ['%', '%25', '%2525', '%08', '%5c', '%3', '%2', '%35', '%C3%A9', '%C3', '%F0%9F%92%A5'],
  ['&', '&amp;', '&amp;amp;', '&#34;', '&quot;', '&#', '&#x', ';', '#'],
  ['u', 'u0', 'a', 'A', '1', '0', 'b', 'ab', 'é', 'İ', 'ß', '日', '💥', '+', '-', '_', '=', '.', ' '],
].flat()

const longestUrl = 4096
const answersEach = 5
/** Made by chance; the rest of an answer is the same again. */
const answerPart = 6000
/** In 100. */
const named = 12

const spellings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => JSON.stringify(text),
  (text) => encodeURIComponent(text.toWellFormed()),
  (text) => new URLSearchParams({ text }).toString(),
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(`user:${text}`).toString('base64'),
  (text) => Buffer.from(text).toString('hex'),
  (text) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;'),
]

/** Without an end: some of the named kinds, most made by chance of the same units on both sides. */
export function* hostileHooks(chance: Chance): Generator<HostileHook, never> {
  for (;;) yield chance.percent(named) ? namedHook(chance, chance.pick(hostileKinds)) : randomHook(chance)
}

/** Its own answer comes first, then such as others have. */
function namedHook(chance: Chance, { name, answer, ...hook }: HostileKind): HostileHook {
  const others = Array.from({ length: answersEach - 1 }, () => answerTo(chance, hook.url, hook.secrets))
  return { ...hook, kind: name, answers: [answer, ...others] }
}

function randomHook(chance: Chance): HostileHook {
  const [kind, query] = queryBy(chance)
  const path = chance.percent(33) ? inUrl(textOf(chance, chance.below(500))) : 'x'
  const url = `http://h.example/${path}?${inUrl(query)}`.slice(0, longestUrl).toWellFormed()
  const secrets = chance.percent(20)
    ? Array.from({ length: 30 }, () => `s${textOf(chance, 200)}s`)
    : undefined
  const answers = Array.from({ length: answersEach }, () => answerTo(chance, url, secrets))
  return { kind, url, ...(secrets && { secrets }), answers }
}

function queryBy(chance: Chance): readonly [kind: string, query: string] {
  switch (chance.below(4)) {
    case 0:
      return ['one long value', `a=${textOf(chance, longestUrl)}`]
    case 1:
      return ['one short value', `a=${textOf(chance, 41)}`]
    case 2: {
      const length = chance.between(4, 15)
      return ['many short values', listOf(chance, () => textOf(chance, length))]
    }
    default: {
      const start = textOf(chance, 60)
      return [
        'values that start alike',
        listOf(chance, (index) => start.slice(0, 3 + (index % 60)) + chance.pick(units)),
      ]
    }
  }
}

function listOf(chance: Chance, text: (index: number) => string): string {
  let query = ''
  for (let index = 0; query.length < longestUrl; index += 1)
    query += `${query === '' ? '' : '&'}${chance.percent(50) ? 'a=' : ''}${text(index)}`
  return query
}

/** Units that are repeated, in turns, mixed, or all but repeated. */
function textOf(chance: Chance, length: number): string {
  const count = chance.pick([1, 2, length, chance.between(1, 6)])
  const text = Array.from({ length: Math.max(1, count) }, () => chance.pick(units)).join('')
  const repeated = text.repeat(Math.ceil(length / text.length)).slice(0, length)
  return chance.percent(50) ? repeated : repeated.slice(0, Math.max(0, length - 3)) + chance.pick(units)
}

/** As it is, or in JSON, where a target reads several of its fields. */
function answerTo(chance: Chance, url: string, secrets: readonly string[] = []): string {
  const text = full(partOf(chance, url, secrets))
  if (chance.percent(50)) return text
  const link = `https://h.example/${encodeURIComponent(text.slice(0, 300).toWellFormed())}`
  return JSON.stringify({ error: text, id: text.slice(0, 400), url: link, text: text.slice(0, 50_000) })
}

function partOf(chance: Chance, url: string, secrets: readonly string[]): string {
  const query = url.slice(url.indexOf('?') + 1)
  const texts = [...secrets, ...query.split('&').map((pair) => pair.slice(pair.indexOf('=') + 1)), 'x']
  const ways: readonly (() => string)[] = [
    () => textOf(chance, answerPart),
    () => url,
    () => listed(chance, () => nested(chance, chance.pick(texts).slice(0, answerPart))),
    () => listed(chance, () => chance.pick(texts).slice(0, chance.between(1, 8))),
  ]
  return chance.pick(ways)()
}

function listed(chance: Chance, text: () => string): string {
  let list = ''
  while (list.length < answerPart) list += `${text()}${chance.percent(50) ? '' : ','}.`
  return list
}

/** Spelled in one way, what comes of it in another, and so on. */
function nested(chance: Chance, text: string): string {
  let spelled = text
  for (let depth = chance.between(1, 4); depth > 0 && spelled.length <= answerPart; depth -= 1)
    spelled = chance.pick(spellings)(spelled)
  return spelled.slice(0, answerPart)
}

function inUrl(text: string): string {
  return text.replaceAll(/[\s\p{Cc}#]/gu, '')
}
