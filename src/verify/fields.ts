import { HookVerificationError } from '../errors.ts'
import {
  isReleaseParameter,
  rawName,
  rawPairs,
  releaseParameters,
  unquotePlus,
  type ReleaseParameter,
} from '../signing/query.ts'

/** The release as it was signed. */
export interface VerifiedRelease {
  readonly app: string
  /** `v4`; the parameter is called `release`. */
  readonly version: string
  readonly user: string
  /** Empty when no commit made the release. */
  readonly sha: string
  readonly summary: string
}

/**
 * Reads the five fields from a verified raw query, not from a framework's parser, which may see other values.
 *
 * @throws {@link HookVerificationError} `parameter_repeated`, `release_incomplete`, `release_malformed`
 */
export function releaseOf(query: string): VerifiedRelease {
  const values = new Map<ReleaseParameter, string>()
  for (const pair of releasePairs(query)) {
    const raw = rawName(pair)
    const name = unquotePlus(raw)
    if (name === undefined || !isReleaseParameter(name)) continue
    if (values.has(name)) throw new HookVerificationError('parameter_repeated')
    const value = unquotePlus(pair.slice(raw.length + 1))
    if (value === undefined) throw new HookVerificationError('release_malformed')
    values.set(name, value)
  }
  const field = (name: ReleaseParameter): string => {
    const value = values.get(name)
    if (value === undefined) throw new HookVerificationError('release_incomplete')
    return value
  }
  return {
    app: field('app'),
    version: field('release'),
    user: field('user'),
    sha: field('sha'),
    summary: field('release_summary'),
  }
}

/**
 * The raw pairs of a query. Deis put a second `?` between a URL's own query and the release: when just the five
 * parameters stand behind the last one, that one separates too.
 */
function releasePairs(query: string): readonly string[] {
  const last = query.lastIndexOf('?')
  if (last === -1) return rawPairs(query)
  const behind = rawPairs(query.slice(last + 1))
  const isRelease =
    behind.length === releaseParameters.length && behind.every((pair) => isReleaseParameter(rawName(pair)))
  return isRelease ? [...rawPairs(query.slice(0, last)), ...behind] : rawPairs(query)
}
