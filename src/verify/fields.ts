import { HookVerificationError } from '../errors.ts'
import { unquotePlus } from '../signing/query.ts'
import { isStage, type Stage } from '../stages.ts'
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
  /** What became of it. Absent when it was not sent: it is `released`, or the sender's dialect is `deis`, which has no stages. */
  readonly stage?: Stage
  /** Absent, as the two below, when it was not sent. */
  readonly environment?: string
  /** The platform's own id of this rollout: the same for all of its stages. */
  readonly deployment?: string
  /** Reserved: it is given back as it was signed, and no version of this library sends one yet. */
  readonly time?: string
}

/**
 * Reads the release from the query that was proven, not from a framework's parser, which may see other values.
 *
 * @throws {@link HookVerificationError} `parameter_repeated`, `release_incomplete`, `release_malformed`
 */
export function releaseOf({ values, further, isRepeated }: SignedQuery): VerifiedRelease {
  if (isRepeated) throw new HookVerificationError('parameter_repeated')
  // In the order of `releaseParameters`; by index, since taking an array apart by a pattern costs as much as decoding a value.
  const five = {
    app: valueOf(values[0]),
    version: valueOf(values[1]),
    user: valueOf(values[4]),
    sha: valueOf(values[3]),
    summary: valueOf(values[2]),
  }
  if (further === undefined) return five // nearly always
  const deployment = furtherValueOf(further[1])
  const environment = furtherValueOf(further[2])
  const stage = stageOf(further[3])
  const time = furtherValueOf(further[4])
  return {
    ...five,
    ...(stage === undefined ? undefined : { stage }),
    ...(environment === undefined ? undefined : { environment }),
    ...(deployment === undefined ? undefined : { deployment }),
    ...(time === undefined ? undefined : { time }),
  }
}

/**
 * The delivery's id, where it was sent.
 *
 * @throws {@link HookVerificationError} `release_malformed`
 */
export function deliveryOf({ further }: SignedQuery): string | undefined {
  return further === undefined ? undefined : furtherValueOf(further[0])
}

function valueOf(raw: string | undefined): string {
  if (raw === undefined) throw new HookVerificationError('release_incomplete')
  const value = unquotePlus(raw)
  if (value === undefined) throw new HookVerificationError('release_malformed')
  return value
}

/** What says nothing is not sent: were it taken, there would be two keys for one release. */
function furtherValueOf(raw: string | undefined): string | undefined {
  if (raw === undefined) return undefined
  const value = valueOf(raw)
  if (value === '') throw new HookVerificationError('release_malformed')
  return value
}

/** One that is not known may mean anything: a receiver must not take it for a success. */
function stageOf(raw: string | undefined): Stage | undefined {
  const stage = furtherValueOf(raw)
  if (stage === undefined || isStage(stage)) return stage
  throw new HookVerificationError('release_malformed')
}
