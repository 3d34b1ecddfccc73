import type { HookUrl } from '../signing/hook-url.ts'
import {
  isReleaseParameter,
  rawName,
  rawPairs,
  releaseParameters,
  unquotePlus,
  type ReleaseParameter,
} from '../signing/query.ts'

/** A query taken apart: the release, and what the hook URL had of its own. Everything still raw. */
export interface SignedQuery {
  /** Name and raw value, in the order in which they stand there; a repeated name is still repeated. */
  readonly release: readonly (readonly [ReleaseParameter, string])[]
  /** The raw pairs of the hook URL itself. */
  readonly own: readonly string[]
}

/** Takes a raw query apart. A name that is percent-encoded is the same name: frameworks decode it too. */
export function readSignedQuery(query: string): SignedQuery {
  const release: (readonly [ReleaseParameter, string])[] = []
  const own: string[] = []
  for (const pair of pairsOf(query)) {
    const raw = rawName(pair)
    const name = unquotePlus(raw)
    if (name !== undefined && isReleaseParameter(name)) release.push([name, pair.slice(raw.length + 1)])
    else if (pair !== '') own.push(pair)
  }
  return { release, own }
}

/**
 * The raw pairs of a query. Deis put a second `?` between a URL's own query and the release: when just the five
 * parameters stand behind the last one, that one separates too.
 */
function pairsOf(query: string): readonly string[] {
  const last = query.lastIndexOf('?')
  if (last === -1) return rawPairs(query)
  const behind = rawPairs(query.slice(last + 1))
  const isRelease =
    behind.length === releaseParameters.length && behind.every((pair) => isReleaseParameter(rawName(pair)))
  return isRelease ? [...rawPairs(query.slice(0, last)), ...behind] : rawPairs(query)
}

/**
 * True when a query has the parameters of the configured URL itself and no others. They tell apart hooks that share a
 * path and a secret: `/deploy`, `/deploy?team=a` and `/deploy?team=b` do not accept each other's deliveries.
 */
export function belongsTo({ typed }: HookUrl, { own }: SignedQuery): boolean {
  return sameParameters(own, rawPairs(typed.query ?? ''))
}

/** True when both have the same parameters, in whatever order and spelling: clients encode `{` or decode `%7E`. */
export function sameParameters(left: readonly string[], right: readonly string[]): boolean {
  return meaning(left) === meaning(right)
}

// Not encoded again, but as JSON: a request's text may be anything, unpaired surrogates too.
function meaning(pairs: readonly string[]): string {
  const decoded = pairs
    .filter((pair) => pair !== '')
    .map((pair) => {
      const name = rawName(pair)
      const parts = name === pair ? [name] : [name, pair.slice(name.length + 1)]
      return JSON.stringify(parts.map((part) => unquotePlus(part) ?? part))
    })
  return decoded.toSorted().join()
}
