import { HookVerificationError } from '../errors.ts'
import { unquotePlus, type ReleaseParameter } from '../signing/query.ts'
import type { SignedQuery } from './signed-query.ts'

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
 * Reads the five fields from the query that was proven, not from a framework's parser, which may see other values.
 *
 * @throws {@link HookVerificationError} `parameter_repeated`, `release_incomplete`, `release_malformed`
 */
export function releaseOf({ release }: SignedQuery): VerifiedRelease {
  const values = new Map<ReleaseParameter, string>()
  for (const [name, raw] of release) {
    if (values.has(name)) throw new HookVerificationError('parameter_repeated')
    const value = unquotePlus(raw)
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
