import type { PaceOptions } from '../pace.ts'
import type { RequestMethod } from '../http/transport.ts'
import type { Release } from '../release.ts'
import type { SignerName } from './signers.ts'
import type { Remote, RemoteStatus } from './remote.ts'

/** What a target makes a request of. All of it is the same for every attempt of a delivery, so that a repeat has the same bytes. */
export interface TargetContext<Secrets extends string = string> {
  readonly release: Release
  /** A key against repeats. */
  readonly deliveryId: string
  /** Something like it was told before, and this is meant to be told too: the signed URL names the delivery. @default false */
  readonly again?: boolean | undefined
  /** Epoch milliseconds at which the delivery was recorded. */
  readonly recordedAt: number
  /** The target's own, by name. */
  readonly secrets: Readonly<Record<Secrets, string>>
  /** What the answers to earlier requests of the delivery told; empty before the first. */
  readonly remote: Remote
}

/** A value, or how it is made of the release. A function that throws ends the delivery as `unrenderable`. */
export type Made<Value, Secrets extends string = string> =
  Value | ((context: TargetContext<Secrets>) => Value)

/** Parameters or headers by name; those that are `undefined` are left out. */
export type Fields = Readonly<Record<string, string | undefined>>

/** With the Content-Type that belongs to it, unless the headers name another. */
export type TargetBody =
  | { readonly json: unknown }
  | { readonly form: Fields }
  | { readonly text: string; readonly type?: string | undefined }

/**
 * JSON Pointers (RFC 6901) into an answer's body; the first that finds a text, a number or a boolean counts. Bodies are read as
 * JSON whatever their Content-Type says.
 */
export type Pointers = string | readonly string[]

/**
 * What a status means:
 *
 * - `accepted`: the receiver took the request
 * - `retry`: not now, on the schedule
 * - `refused`: tried as often as `refusedAttempts` of the schedule says
 * - `final`: nothing but another configuration helps, so it is tried once
 * - `gone`: nothing more is wanted: the hook is disabled
 * - `failed`: the receiver took it, and what it started has failed
 */
export type AnswerMeaning = (typeof answerMeanings)[number]

export const answerMeanings = ['accepted', 'retry', 'refused', 'final', 'gone', 'failed'] as const

/** An answer, for predicates. */
export interface TargetAnswer {
  readonly status: number
  /** The body's first 64 KiB. */
  readonly text: string
  /** `undefined` when the text is no JSON. */
  readonly json: unknown
}

/** Where a request goes and what it carries. */
export interface RequestShape<Secrets extends string = string> {
  /** @default 'POST', for a poll 'GET' */
  readonly method?: RequestMethod | undefined
  /** What `path` and `query` are added to: the hook's URL, its origin alone, or this absolute URL. @default 'hook' */
  readonly base?: 'hook' | 'origin' | `https://${string}` | `http://${string}` | undefined
  /** Segments behind the path of the base, each percent-encoded. An empty one, `.` or `..` cannot be sent. */
  readonly path?: Made<readonly string[], Secrets> | undefined
  /** Ends the path with a slash, without which some servers redirect. @default false */
  readonly trailingSlash?: boolean | undefined
  /**
   * Merged into the parameters that the URL has: one of the same name is replaced. `'release'` stands for those of the signed URL
   * (docs/verifying.md: on the wire), in the hook's dialect.
   */
  readonly query?: 'release' | Made<Fields, Secrets> | undefined
  /** Besides `User-Agent`, `Accept-Encoding: identity`, `Idempotency-Key`, `Content-Type` and `Content-Length`, all but the last of which may be replaced. */
  readonly headers?: Made<Fields, Secrets> | undefined
  /** @default none */
  readonly body?: Made<TargetBody, Secrets> | undefined
}

/** What a request's answer means, and what is read of it. */
export interface AnswerShape {
  /** Statuses that mean `accepted`, and no other ones. @default 200 to 299 */
  readonly accepts?: readonly number[] | undefined
  /** Of other statuses, where it differs from the table of outcomes. @example { 404: 'final' } */
  readonly meanings?: Readonly<Record<number, AnswerMeaning>> | undefined
  /**
   * Looks at an accepted answer's body. `false` is `refused`; a meaning may also be named.
   * @example ({ text }) => text === 'ok'
   */
  readonly isAccepted?: ((answer: TargetAnswer) => boolean | AnswerMeaning) | undefined
  /** The receiver's name for what the release became there, a page about it (http or https, or it is left out), and what went wrong. */
  readonly id?: Pointers | undefined
  readonly url?: Pointers | undefined
  /** A function picks out what no pointer can: one of several items. @example ({ text }) => text.split('\n')[0] */
  readonly error?: Pointers | ((answer: TargetAnswer) => string | undefined) | undefined
  /** How it stands already, in the words that the target's poll knows. @default 'queued', where there is a poll */
  readonly status?: Pointers | undefined
  /** How long to wait before the next attempt, in seconds; beside the `Retry-After` header. */
  readonly retryAfter?: Pointers | undefined
}

/** One request. */
export interface TargetRequest<Secrets extends string = string> extends RequestShape<Secrets>, AnswerShape {
  /** How the request is signed by the hook's secrets. @default not at all */
  readonly sign?: SignerName | undefined
  /** What a second one of this request does, where it differs from the others of the target. @default the target's */
  readonly repeat?: (typeof repeatBehaviours)[number] | undefined
  /** A longer body is not sent: the delivery ends as `unrenderable`. In bytes. @default 1 MiB */
  readonly maxBodyBytes?: number | undefined
}

/** How to ask for the end of what a release started. */
export interface TargetPoll<Secrets extends string = string> extends RequestShape<Secrets> {
  /** Where the receiver's status stands in the answer. A function says it in one word where it takes several values to tell. */
  readonly status: Pointers | ((answer: TargetAnswer) => string | undefined)
  /** What the receiver's statuses mean, exactly as it writes them. Any other one is `unknown`, never a success. */
  readonly statuses: Readonly<Record<string, RemoteStatus>>
  readonly url?: Pointers | undefined
  readonly error?: Pointers | undefined
  /** Milliseconds between two polls. */
  readonly everyMs: number
  /** Milliseconds after which no end is awaited any more. */
  readonly untilMs: number
}

/** How a release becomes requests for one kind of receiver, and how its answers are read: data, which a user can override. */
export interface TargetDefinition<Secrets extends string = string> {
  /** In kebab-case: `github-dispatch`. */
  readonly name: string
  /** Where it is, when the hook names no URL. */
  readonly url?: string | undefined
  /** The path of the hook's URL is a secret, and never shown. @default false */
  readonly secretPath?: boolean | undefined
  /** Values that must appear nowhere but in requests: tokens, keys. */
  readonly secrets?: Readonly<Record<Secrets, string>> | undefined
  /** Sent one after the other, each when the one before was accepted. */
  readonly requests: readonly [TargetRequest<Secrets>, ...TargetRequest<Secrets>[]]
  /**
   * What a second request for the same delivery does:
   *
   * - `idempotent`: nothing, or the same again
   * - `duplicates`: a second message or marker, which does no harm
   * - `side-effect`: a second deployment, build or test run. It is not sent again when the receiver may have acted on the first: after a
   *   timeout, a broken connection, 502, 504, a success or redirect (302, 303) that the target does not name, a body in a coding that nobody
   *   asked for, or a kill of this process. The delivery ends with the verdict `ambiguous`.
   */
  readonly repeat: (typeof repeatBehaviours)[number]
  /** How often to send at most. @default as often as there is something to send */
  readonly pace?: PaceOptions | undefined
  /** Time for one exchange, in milliseconds. @default that of the dispatcher */
  readonly deadlineMs?: number | undefined
  /** Used by hooks with `waitFor: 'finished'`. @default the receiver cannot be asked */
  readonly poll?: TargetPoll<Secrets> | undefined
}

export const repeatBehaviours = ['idempotent', 'duplicates', 'side-effect'] as const

/**
 * A target as `defineTarget` has checked it. To override parts, spread it: `{ ...slack(), pace: { perSecond: 2 } }`. Its secrets are not
 * seen in it, nor in what is spread; any other copy of it has none.
 */
export type Target = TargetDefinition

/** One that knows where it is, so that its hooks need no `url`. */
export type LocatedTarget = Target & { readonly url: string }

/** One that can be asked how it went, so that its hooks may have `waitFor: 'finished'`. */
export type PollableTarget = Target & { readonly poll: TargetPoll }
