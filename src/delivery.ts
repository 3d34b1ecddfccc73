import type { FailureCause, Malformed, Timings } from './http/transport.ts'
import type { Release } from './release.ts'
import type { Remote, RemoteStatus } from './targets/remote.ts'

/** One release for one hook. Plain data: ids, times and outcomes, no secret and no URL of a hook. */
export interface Delivery {
  /** Stays the same over all attempts, and is the same for the same dispatch in every process. */
  readonly id: string
  readonly hookId: string
  readonly release: Release
  /** `waiting` for its first or next attempt, or in one; `delivered` and `dead` are final. */
  readonly state: 'waiting' | 'delivered' | 'dead'
  /** Attempts made. */
  readonly attempts: number
  /** Epoch milliseconds. */
  readonly recordedAt: number
  /** Epoch milliseconds of the next attempt; absent once the delivery is final. */
  readonly dueAt?: number
  /** What the last attempt came to; absent before the first. */
  readonly outcome?: Outcome
  /** Epoch milliseconds at which the delivery became final. */
  readonly settledAt?: number
  /** Id of the delivery that this one sends again. */
  readonly replayOf?: string
  /** Sent although something like it was told before, and meant so: by a key, or since it is news again. Replays are told by `replayOf`. */
  readonly again?: true
  /**
   * Its URL carries the start of the summary alone, with `…`: servers read no longer one. Told by the dispatcher, of the URL that its hook has; no
   * store keeps it.
   */
  readonly summaryCut?: true
  /** What the receiver told of it; absent when its target reads nothing. */
  readonly remote?: Remote
  /** How far a waiting delivery has come; absent before anything of it was accepted, and once it is final. */
  readonly progress?: Progress
}

/** How far a delivery has come that takes more than one exchange, or one that may not be made twice. */
export interface Progress {
  /** Requests of the target that were accepted. */
  readonly step: number
  /** Epoch milliseconds at which the last of them was accepted, or at which it was begun to send. */
  readonly at: number
  /** Number of the attempt that last came to something; 0 for none. */
  readonly attempt: number
  /** A request is on its way that may not be made twice. Who claims the delivery and finds this does not send it again. */
  readonly sending?: true
}

/** One HTTP exchange of a delivery. */
export interface Attempt {
  readonly deliveryId: string
  /** From 1. */
  readonly number: number
  /** Epoch milliseconds: from the first connection tried to the answer read. Waiting for a place is not in it. */
  readonly startedAt: number
  readonly endedAt: number
  /** Connections tried: more than 1 when the first ones never opened. */
  readonly connects: number
  /** Phases of the last connection tried. */
  readonly timings: Timings
  /** HTTP status; absent when no answer came. */
  readonly status?: number
  /** The system's code, such as `ECONNREFUSED`. Absent when an answer came; beside its status: why the rest of it did not, which changed nothing. */
  readonly code?: string
  /** The start of the answer's body, with secrets masked; or that it is left out, such as one in a coding that nobody asked for. */
  readonly excerpt?: string
  /** With the reason, and for a retry the time of the next attempt. */
  readonly outcome: Outcome
  /** Which request of the target it was, from 1, or one that asked how it went. Absent for targets of a single request. */
  readonly step?: number | 'poll'
  /** What this answer told. */
  readonly remote?: Remote
}

/** What an attempt means for its delivery: a value, never an exception. */
export type Outcome =
  | { readonly kind: 'delivered'; readonly reason: Reason }
  | {
      /** The receiver took it, and there is more to do: the next request of the target, or to ask how it went. */
      readonly kind: 'accepted'
      readonly reason: Reason
      /** Epoch milliseconds of that. */ readonly at: number
    }
  | {
      readonly kind: 'retry'
      readonly reason: Reason
      /** Epoch milliseconds of the next attempt. */ readonly at: number
    }
  | { readonly kind: 'dead'; readonly reason: Reason; readonly verdict: Verdict }

/**
 * What was seen: `status-503`, `timeout`, `unreachable`.
 *
 * - `not-http`, `malformed-line-ends` and the like: what of the answer is not HTTP, so that not even its status could be read, or its body was needed
 * - `rejected`: the status was one that the target accepts, and the body said that it failed
 * - `remote-failed` and the like: how what the receiver started ended
 * - `aborted`: the dispatcher was closed while a request was on its way that may not be made twice
 * - `unrenderable`: the target could make no request of the release
 * - `url-too-long`: nor one whose URL servers read, even without a summary
 * - `hook-disabled`, `superseded`: nothing was sent
 */
export type Reason =
  | `status-${number}`
  | FailureCause
  | Malformed
  | 'rejected'
  | `remote-${RemoteStatus}`
  | 'unrenderable'
  | 'url-too-long'
  | 'hook-disabled'
  | 'superseded'

/**
 * Why nothing more is tried:
 *
 * - `exhausted`: the schedule is used up
 * - `refused`: the receiver, or the proxy before it, answered 3xx, 4xx or what is not HTTP as often as `refusedAttempts` allows
 * - `gone`: 410, which also disables the hook
 * - `unwanted`: the receiver answered `webhook-delivery: disable` or `abort-message`; `disable` disables the hook too
 * - `blocked`: the egress guard forbids the address
 * - `retry-after`: the receiver asked for more time than `maxRetryAfterMs`
 * - `hook-disabled`: the hook was disabled before the attempt, which was not made
 * - `ambiguous`: the receiver may have acted on it, and its target may not be asked twice
 * - `failed`: the receiver took it, and what it started failed or was canceled
 * - `unfinished`: the receiver took it, and did not tell of an end in time
 * - `unrenderable`: the target cannot make a request of this release
 * - `url-too-long`: the URL of this release is longer than servers read, even without a summary
 * - `superseded`: a newer release of the app was recorded for the hook
 */
export type Verdict = (typeof verdicts)[number]

export const verdicts = [
  'exhausted',
  'refused',
  'gone',
  'unwanted',
  'blocked',
  'retry-after',
  'hook-disabled',
  'ambiguous',
  'failed',
  'unfinished',
  'unrenderable',
  'url-too-long',
  'superseded',
] as const
