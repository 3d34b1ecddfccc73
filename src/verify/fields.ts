import { HookVerificationError } from '../errors.ts'
import { unquotePlus } from '../signing/query.ts'
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
export function releaseOf({ values, isRepeated }: SignedQuery): VerifiedRelease {
  if (isRepeated) throw new HookVerificationError('parameter_repeated')
  // In the order of `releaseParameters`; by index, since taking an array apart by a pattern costs as much as decoding a value.
  return {
    app: valueOf(values[0]),
    version: valueOf(values[1]),
    user: valueOf(values[4]),
    sha: valueOf(values[3]),
    summary: valueOf(values[2]),
  }
}

function valueOf(raw: string | undefined): string {
  if (raw === undefined) throw new HookVerificationError('release_incomplete')
  const value = unquotePlus(raw)
  if (value === undefined) throw new HookVerificationError('release_malformed')
  return value
}
