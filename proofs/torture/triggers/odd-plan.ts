import type { TriggerDialect } from 'deploy-hooks/triggers'
import type { RefusalCode } from '../../../src/triggers/refusal.ts'
import type { Place } from './place.ts'

export interface OddServerPlan {
  readonly place: Place
  /** The file to which it appends all that the library says of itself. */
  readonly said: string
}

/** A trigger that may be asked oddly. */
export interface OddTarget {
  readonly dialect: TriggerDialect
  readonly path: string
  readonly token: string
  /** What is special about it, for whoever reads a report. */
  readonly kind: string
}

/** What the server says when it listens. */
export interface Opened {
  /** By `triggers.node`, and by `triggers.fetch`. */
  readonly ports: { readonly node: number; readonly fetch: number }
  readonly targets: readonly OddTarget[]
  /** Digests of all tokens that it made, some of which hold no more. */
  readonly digests: readonly string[]
}

/** What it says when it is asked. */
export interface ServerReport {
  /** Exceptions and rejections that nobody handled. */
  readonly faults: readonly string[]
  readonly requests: number
  /** Requests whose answer has neither been given nor become pointless. */
  readonly unanswered: number
  /** Requests of whose bodies something was read before their token was right. */
  readonly readEarly: number
  /** In MiB. */
  readonly memory: {
    readonly firstHeap: number
    readonly lastHeap: number
    readonly mostRss: number
    readonly firstRss: number
  }
}

/** The header in which the server tells how much of a body was read before the answer. It marks what the library answered, and no other. */
export const pulledHeader = 'x-torture-pulled'

/** Of every refusal: whether it may come before the token is known to be right, and no body may have been read then. */
export const isBefore: Readonly<Record<RefusalCode, boolean>> = {
  request_malformed: false, // an Idempotency-Key is looked at behind the body
  url_too_long: true,
  https_required: true,
  token_repeated: true,
  token_misplaced: false,
  trigger_unknown: true,
  method_not_allowed: true,
  preview_refused: true,
  source_refused: true,
  rate_limited: false,
  queue_full: false,
  busy: false,
  body_too_large: false,
  body_too_slow: false,
  body_incomplete: false,
  body_malformed: false,
  params_invalid: false,
  key_reused: false,
  signature_invalid: false,
  loop_detected: false,
  deployment_unknown: true,
  api_key_invalid: true,
  failed: false,
}
