import type { HookUrl } from '../signing/hook-url.ts'
import { furtherParameters, rawName, rawPairs, releaseParameters, unquotePlus } from '../signing/query.ts'

/** A query taken apart: the release, and what the hook URL had of its own. Everything still raw. */
export interface SignedQuery {
  /** The raw values of the five, in the order of `releaseParameters`; of a repeated one the last, of a missing one `undefined`. */
  readonly values: readonly (string | undefined)[]
  /** Those of `furtherParameters`, in their order; `undefined` when none of them is there, as for a plain release. */
  readonly further: readonly (string | undefined)[] | undefined
  /** Whether a parameter of the release stands there twice. */
  readonly isRepeated: boolean
  /** The raw pairs of the hook URL itself. */
  readonly own: readonly string[]
}

/**
 * Takes a raw query apart. Deis put a second `?` between a URL's own query and the release: when just five pairs, all of them
 * of the five, stand behind the last one, that one separates too. What stands before it is the URL's own, also where it is
 * called like what only the `native` dialect says.
 */
export function readSignedQuery(query: string): SignedQuery {
  if (!query.includes('?')) return readPairs(query, true)
  const last = query.lastIndexOf('?')
  const behind = readPairs(query.slice(last + 1), false)
  if (behind.pairs !== releaseParameters.length || behind.releasePairs !== behind.pairs)
    return readPairs(query, true)
  const before = readPairs(query.slice(0, last), false)
  const isRepeated = behind.isRepeated || before.releasePairs > 0
  return { values: behind.values, further: undefined, isRepeated, own: before.own }
}

interface Pairs extends SignedQuery {
  readonly pairs: number
  /** Of the five. */
  readonly releasePairs: number
}

const releasePrefixes = releaseParameters.map((name) => `${name}=`)

/** One pass without a list of pairs, since every delivery pays for it. */
function readPairs(query: string, isNative: boolean): Pairs {
  const values: (string | undefined)[] = [undefined, undefined, undefined, undefined, undefined]
  let further: (string | undefined)[] | undefined
  const own: string[] = []
  let isRepeated = false
  let pairs = 0
  let releasePairs = 0
  for (let start = 0; start <= query.length; pairs += 1) {
    const ampersand = query.indexOf('&', start)
    const end = ampersand === -1 ? query.length : ampersand
    // Senders write the five in this order, so as a rule the next one stands here, and no name has to be cut out.
    const next = releasePrefixes[releasePairs]
    const isNext = next !== undefined && query.startsWith(next, start)
    const nameEnd = isNext ? start + next.length - 1 : endOfName(query, start, end)
    // One that is percent-encoded is the same name: frameworks decode it too.
    const name = isNext ? '' : (unquotePlus(query.slice(start, nameEnd)) ?? '')
    const parameter = isNext ? releasePairs : (releaseParameters as readonly string[]).indexOf(name)
    const isFurther = parameter === -1 && isNative && name.startsWith('release_')
    const furtherParameter = isFurther ? (furtherParameters as readonly string[]).indexOf(name) : -1
    if (parameter !== -1) {
      isRepeated ||= values[parameter] !== undefined
      values[parameter] = query.slice(nameEnd + 1, end)
      releasePairs += 1
    } else if (furtherParameter !== -1) {
      further ??= [undefined, undefined, undefined, undefined, undefined]
      isRepeated ||= further[furtherParameter] !== undefined
      further[furtherParameter] = query.slice(nameEnd + 1, end)
    } else if (end > start) own.push(query.slice(start, end))
    start = end + 1
  }
  return { values, further, isRepeated, own, pairs, releasePairs }
}

function endOfName(query: string, start: number, end: number): number {
  const equals = query.indexOf('=', start)
  return equals === -1 || equals > end ? end : equals
}

/**
 * True when a query has the parameters of the configured URL itself and no others. They tell apart hooks that share a
 * path and a secret: `/deploy`, `/deploy?team=a` and `/deploy?team=b` do not accept each other's deliveries.
 */
export function belongsTo({ typed }: HookUrl, { own }: SignedQuery): boolean {
  if (typed.query === undefined) return own.length === 0
  return sameParameters(own, rawPairs(typed.query))
}

/** True when both have the same parameters, in whatever order and spelling: clients encode `{` or decode `%7E`. */
export function sameParameters(left: readonly string[], right: readonly string[]): boolean {
  const [one, other] = [withoutEmpty(left), withoutEmpty(right)]
  // Most that differ do so in number, and a stranger's may be thousands.
  return one.length === other.length && meaning(one) === meaning(other)
}

function withoutEmpty(pairs: readonly string[]): readonly string[] {
  return pairs.filter((pair) => pair !== '')
}

// Not encoded again, but as JSON: a request's text may be anything, unpaired surrogates too.
function meaning(pairs: readonly string[]): string {
  const decoded = pairs.map((pair) => {
    const name = rawName(pair)
    const parts = name === pair ? [name] : [name, pair.slice(name.length + 1)]
    return JSON.stringify(parts.map((part) => unquotePlus(part) ?? part))
  })
  return decoded.toSorted().join()
}
