import type { HookUrl } from '../signing/hook-url.ts'
import { alphabetised, rawPairs } from '../signing/query.ts'
import { withHost } from './candidates.ts'
import type { ReadRequest } from './request.ts'

/** One way in which sender and verifier differ. */
export type NearMiss =
  | 'unsigned'
  | 'basic-credentials'
  | 'repeated-header'
  | 'not-a-signature'
  | 'signature-prefix'
  | 'upper-case-signature'
  | 'query-missing'
  | 'wrong-algorithm'
  | 'trailing-slash'
  | 'scheme'
  | 'port'
  | 'host-case'
  | 'host'
  | 'path-prefix'
  | 'path'
  | 'tilde'
  | 'plus-space'
  | 'escape-case'
  | 'parameters-reordered'
  | 'second-question-mark'
  | 'own-parameters'
  | 'signed-as-typed'
  | 'older-secret'
  | 'other-secret'
  | 'secret-blanks'
  | 'secret-quotes'

/** A text that may have been signed, and how it differs from the expected one. */
export interface Variant {
  readonly text: string
  readonly misses: readonly NearMiss[]
}

/** Applies every change to every variant once more, and keeps the unchanged ones. */
function widened(
  variants: readonly Variant[],
  miss: NearMiss,
  change: (text: string) => readonly string[],
): readonly Variant[] {
  const more = variants.flatMap(({ text, misses }) =>
    change(text)
      .filter((changed) => changed !== text)
      .map((changed) => ({ text: changed, misses: misses.includes(miss) ? misses : [...misses, miss] })),
  )
  return [...variants, ...more]
}

/** Spellings of scheme to path that the sender may have signed. */
export function baseVariants({ typed, wire }: HookUrl, read: ReadRequest): readonly Variant[] {
  const [host] = read.host
  let variants: readonly Variant[] = [
    { text: wire.base, misses: [] },
    { text: typed.base, misses: [] },
  ]
  variants = widened(variants, 'path-prefix', withoutPrefixes)
  variants = widened(variants, 'path', (base) => withRequestPath(base, read.base))
  if (host !== undefined) variants = widened(variants, 'host', (base) => [withHost(base, host)])
  variants = widened(variants, 'scheme', (base) => [otherScheme(base)])
  variants = widened(variants, 'port', (base) => otherPorts(base, host))
  variants = widened(variants, 'host-case', (base) => [
    withHost(base, hostOf(base).toLowerCase()),
    withHost(base, hostOf(base).toUpperCase()),
  ])
  return widened(variants, 'trailing-slash', (base) => [otherSlash(base)])
}

function hostOf(base: string): string {
  return base.split('/', 3)[2] ?? ''
}

function originOf(base: string): string {
  return base.split('/', 3).join('/')
}

function otherScheme(base: string): string {
  return /^https:/iu.test(base) ? base.replace(/^https/iu, 'http') : base.replace(/^http/iu, 'https')
}

/** With the default port of either scheme, with the port of the request's Host, without any. */
function otherPorts(base: string, host: string | undefined): readonly string[] {
  const name = hostOf(base).replace(/:\d+$/u, '')
  const port = host?.match(/:\d+$/u)?.[0]
  return ['', ':80', ':443', ...(port === undefined ? [] : [port])].map((suffix) =>
    withHost(base, `${name}${suffix}`),
  )
}

function otherSlash(base: string): string {
  return base.endsWith('/') ? base.slice(0, -1) : `${base}/`
}

/** `/api/hooks/deploy` as `/hooks/deploy` and `/deploy`: a router or proxy stripped what was before. */
function withoutPrefixes(base: string): readonly string[] {
  const origin = originOf(base)
  const segments = base.slice(origin.length).split('/').slice(1)
  return segments.slice(1).map((_segment, index) => `${origin}/${segments.slice(index + 1).join('/')}`)
}

/** The path that the request came for, and both paths after one another: a prefix that one side does not know. */
function withRequestPath(base: string, requestBase: string): readonly string[] {
  const path = requestBase.replace(/^[a-z]+:\/\/[^/]*/iu, '')
  const origin = originOf(base)
  return path === '' ? [] : [`${origin}${path}`]
}

// 5,040 orders of 7 parameters are tried in a few milliseconds a secret; those of 8 would take ten times that.
const mostReordered = 6

/** Spellings of the query that the sender may have signed. */
export function queryVariants(query: string, urls: readonly HookUrl[]): readonly Variant[] {
  let variants: readonly Variant[] = [{ text: query, misses: [] }]
  variants = widened(variants, 'second-question-mark', (text) => secondQuestionMarks(text, urls))
  variants = widened(variants, 'own-parameters', (text) => ownParameters(text, urls))
  variants = widened(variants, 'parameters-reordered', (text) => [alphabetised(rawPairs(text)).join('&')])
  variants = widened(variants, 'plus-space', (text) => [
    text.replaceAll('+', '%20'),
    text.replaceAll('%20', '+'),
  ])
  variants = widened(variants, 'tilde', (text) => [
    text.replaceAll('~', '%7E'),
    text.replaceAll(/%7e/giu, '~'),
  ])
  variants = widened(variants, 'escape-case', (text) => [
    escapes(text, 'toLowerCase'),
    escapes(text, 'toUpperCase'),
  ])
  const orders = orderings(rawPairs(query)).map((pairs) => ({
    text: pairs.join('&'),
    misses: ['parameters-reordered'] as const,
  }))
  return [...variants, ...orders]
}

function secondQuestionMarks(query: string, urls: readonly HookUrl[]): readonly string[] {
  const last = query.lastIndexOf('?')
  if (last !== -1)
    return [alphabetised([...rawPairs(query.slice(0, last)), ...rawPairs(query.slice(last + 1))]).join('&')]
  return urls.flatMap(({ typed }) => {
    if (typed.query === undefined) return []
    const own = new Set(rawPairs(typed.query))
    return [
      `${typed.query}?${rawPairs(query)
        .filter((pair) => !own.has(pair))
        .join('&')}`,
    ]
  })
}

/** With the hook URL's own parameters added, or taken away. */
function ownParameters(query: string, urls: readonly HookUrl[]): readonly string[] {
  const pairs = rawPairs(query)
  const release = pairs.filter((pair) => /^(?:app|release|release_summary|sha|user)=/u.test(pair))
  const added = urls.map(({ wire }) =>
    alphabetised([...new Set([...pairs, ...rawPairs(wire.query ?? '').filter((pair) => pair !== '')])]).join(
      '&',
    ),
  )
  return [release.join('&'), ...added]
}

function escapes(query: string, change: 'toLowerCase' | 'toUpperCase'): string {
  return query.replaceAll(/%[0-9a-f]{2}/giu, (escape) => escape[change]())
}

function orderings(pairs: readonly string[]): readonly (readonly string[])[] {
  if (pairs.length > mostReordered) return []
  if (pairs.length <= 1) return [pairs]
  return pairs.flatMap((pair, index) => orderings(pairs.toSpliced(index, 1)).map((rest) => [pair, ...rest]))
}

/** Secrets that the sender may have: the accepted ones, further ones, and each as it looks after a careless copy. */
export function secretVariants(accepted: readonly string[], further: readonly string[]): readonly Variant[] {
  const variants: readonly Variant[] = [
    ...accepted.map((text, index) => ({ text, misses: index === 0 ? [] : (['older-secret'] as const) })),
    ...further.map((text) => ({ text, misses: ['other-secret'] as const })),
  ]
  const blanks = widened(variants, 'secret-blanks', (secret) => [
    secret.trim(),
    `${secret}\n`,
    `${secret}\r\n`,
    ` ${secret}`,
    `${secret} `,
    ` ${secret} `,
  ])
  return widened(blanks, 'secret-quotes', (secret) => [
    `"${secret}"`,
    `'${secret}'`,
    secret.replace(/^(?<quote>["'])(?<inner>.*)\k<quote>$/su, '$<inner>'),
  ])
}
