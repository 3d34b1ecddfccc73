/**
 * Every error of this library, in one place: one base class, and a `code` that narrows in a `switch`.
 *
 * A message says what was expected, what came and what to do. It never holds a secret, an `Authorization`
 * value, or the text of a hook URL: URLs carry tokens.
 */

import { shownText } from './shown-text.ts'
import { shownValue } from './shown-value.ts'

/** A mistake in the configuration, found at construction. */
export type ConfigurationErrorCode =
  | 'hook_url_invalid'
  | 'hook_url_whitespace'
  | 'hook_url_scheme'
  | 'hook_url_credentials'
  | 'hook_url_fragment'
  | 'hook_url_parameter'
  | 'hook_duplicate'
  | 'secret_invalid'
  | 'option_invalid'
  | 'transaction_unsupported'

/** What is wrong with a store. What it had acknowledged before stays. */
export type StoreErrorCode =
  | 'store_unavailable'
  | 'store_read_only'
  | 'store_foreign'
  | 'store_newer'
  | 'store_corrupt'
  | 'store_full'
  | 'store_io'
  | 'store_busy'
  | 'store_closed'
  | 'store_failed'

/** Why a request is not a genuine, complete delivery. */
export type VerificationErrorCode =
  | 'request_malformed'
  | 'request_too_long'
  | 'query_missing'
  | 'authorization_missing'
  | 'authorization_repeated'
  | 'authorization_malformed'
  | 'signature_mismatch'
  | 'parameter_repeated'
  | 'release_incomplete'
  | 'release_malformed'
  | 'delivery_seen'
  | 'webhook_id_missing'
  | 'webhook_id_malformed'
  | 'webhook_timestamp_missing'
  | 'webhook_timestamp_malformed'
  | 'webhook_timestamp_too_old'
  | 'webhook_timestamp_too_new'
  | 'webhook_signature_missing'
  | 'webhook_signature_malformed'
  | 'body_malformed'
  | 'body_too_large'
  | 'body_incomplete'
  | 'body_consumed'

/** Every code that an error of this library can carry. */
export type DeployHookErrorCode =
  | ConfigurationErrorCode
  | VerificationErrorCode
  | StoreErrorCode
  | 'release_invalid'
  | 'url_too_long'
  | 'dispatcher_closed'
  | 'delivery_unknown'
  | 'hook_unknown'

/** Base of every error that this library throws on purpose. `code` is stable; `message` is for people. */
export class DeployHookError extends Error {
  override readonly name: string = 'DeployHookError'
  readonly code: DeployHookErrorCode

  constructor(code: DeployHookErrorCode, message: string, options?: ErrorOptions) {
    super(shownText(message), options)
    this.code = code
  }
}

/** One thing that is wrong with a configuration. */
export interface ConfigurationProblem {
  readonly code: ConfigurationErrorCode
  /** The option at fault, as a path: `hooks[2].url`, `secret[0]`. */
  readonly option: string
  /** What was expected, what came, and what to do. */
  readonly message: string
  /** Id of the hook that it is about, when it was given one. */
  readonly hook?: string | undefined
}

/**
 * The caller's configuration cannot work. Thrown at construction, or for an option of a call before anything is done. `code` and `option`
 * are those of the first problem; the message tells all of them.
 */
export class ConfigurationError extends DeployHookError {
  override readonly name = 'ConfigurationError'
  declare readonly code: ConfigurationErrorCode
  /** The option at fault, as a path: `hooks[2].url`, `secret[0]`. */
  readonly option: string
  /** All that is wrong, in the order of the options. */
  readonly problems: readonly ConfigurationProblem[]

  constructor(
    code: ConfigurationErrorCode,
    option: string,
    message: string,
    problems: readonly ConfigurationProblem[] = [{ code, option, message }],
  ) {
    super(code, textOfProblems(problems))
    this.option = option
    this.problems = problems.map((problem) => ({ ...problem, message: shownText(problem.message) }))
  }

  /** @param problems one or more */
  static of(problems: readonly ConfigurationProblem[]): ConfigurationError {
    const [first] = problems as readonly [ConfigurationProblem]
    return new ConfigurationError(first.code, first.option, first.message, problems)
  }
}

/** A table of hooks may have the same mistake in each of its rows. */
const mostLines = 20

function textOfProblems(problems: readonly ConfigurationProblem[]): string {
  const lines = problems.slice(0, mostLines).map(({ option, message, hook }) => {
    const whose = hook === undefined ? '' : ` (hook ${hook})`
    return `${option}${whose}: ${message}`
  })
  if (problems.length === 1) return lines.join('')
  const more = problems.length - lines.length
  const rest = more === 0 ? [] : [`and ${more} more, in \`problems\` of this error`]
  return [`${problems.length} options cannot be used:`, ...lines, ...rest].join('\n- ')
}

/** The release given to `dispatch()` is incomplete or cannot be signed: nothing was recorded. `url_too_long`: `releaseUrl()` was given one that fits in no URL. */
export class ReleaseError extends DeployHookError {
  override readonly name = 'ReleaseError'
  declare readonly code: 'release_invalid' | 'url_too_long'
  /** The field at fault: `app`, `version`, `meta.region`; empty when it is the release itself. */
  readonly field: string

  constructor(field: string, message: string, code: 'release_invalid' | 'url_too_long' = 'release_invalid') {
    super(code, `${['release', field].filter(Boolean).join('.')}: ${message}`)
    this.field = field
  }
}

/** `dispatch()` was called on a dispatcher that is closing or closed. Nothing was recorded. */
export class DispatcherClosedError extends DeployHookError {
  override readonly name = 'DispatcherClosedError'
  declare readonly code: 'dispatcher_closed'

  constructor() {
    super(
      'dispatcher_closed',
      'The dispatcher is closed and takes no more releases. Dispatch before `close()`, or create another one.',
    )
  }
}

/** A store could not do what it was asked, and nothing of it has happened. */
export class StoreError extends DeployHookError {
  override readonly name = 'StoreError'
  declare readonly code: StoreErrorCode

  // oxlint-disable-next-line no-useless-constructor -- narrows the code
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}

/** Ids as this library makes them. */
const madeId = /^(?:dlv|hook)_[\da-f]{1,32}$/u

/** `replay()`, `enable()` or `disable()` was asked for what is not there: a delivery, or a hook that is not configured. */
export class ReplayError extends DeployHookError {
  override readonly name = 'ReplayError'
  declare readonly code: 'delivery_unknown' | 'hook_unknown'

  /** @param isRecorded of an id that a delivery has: no other text is quoted, which may be a URL in the place of an id, or a secret */
  constructor(
    code: 'delivery_unknown' | 'hook_unknown',
    subject: string,
    { isRecorded = false }: { readonly isRecorded?: boolean } = {},
  ) {
    const got =
      isRecorded || (typeof subject === 'string' && madeId.test(subject))
        ? `\`${subject}\``
        : shownValue(subject)
    super(
      code,
      code === 'delivery_unknown'
        ? `Expected the id of a recorded delivery, got ${got}: it was never recorded here, or it was pruned.`
        : `Expected the id of a configured hook, got ${got}: only hooks that are configured are sent to.`,
    )
  }
}

/** What each verification failure tells the sender: a status, and a sentence that gives nothing away. */
const verificationFailures: Record<VerificationErrorCode, readonly [status: number, message: string]> = {
  request_malformed: [
    400,
    'Expected a request that can be read, with `headers`, and with a `url` string where the URL is signed.',
  ],
  request_too_long: [414, 'The request URL is longer than any release this library signs.'],
  query_missing: [400, 'Expected the release in the query of the URL, got a URL without a query.'],
  authorization_missing: [
    401,
    'Expected an Authorization header with the signature, got none: the request is unsigned.',
  ],
  authorization_repeated: [400, 'Expected exactly one Authorization value, got several.'],
  authorization_malformed: [
    401,
    'Expected the bare lower-case hexadecimal signature as the Authorization value, without a scheme or a prefix.',
  ],
  signature_mismatch: [
    401,
    'The signature does not match this request and secret. `verifier.explain(request)` tells what differs.',
  ],
  parameter_repeated: [400, 'The signature is right, but a release parameter stands in the query twice.'],
  release_incomplete: [400, 'The signature is right, but a release parameter is missing from the query.'],
  release_malformed: [
    400,
    'The signature is right, but a release parameter is not valid percent-encoded UTF-8, says nothing where it is only sent to say something, or names a stage that is not known here.',
  ],
  delivery_seen: [200, 'This delivery was handled before: acknowledge it, and do nothing.'],
  webhook_id_missing: [400, 'Expected a webhook-id header, got none.'],
  webhook_id_malformed: [
    400,
    'Expected one webhook-id of at most 256 visible ASCII characters, without a full stop.',
  ],
  webhook_timestamp_missing: [400, 'Expected a webhook-timestamp header, got none.'],
  webhook_timestamp_malformed: [400, 'Expected one webhook-timestamp, in whole seconds since 1970.'],
  webhook_timestamp_too_old: [
    400,
    'The webhook-timestamp is older than this receiver allows: an old delivery, or a clock that is wrong.',
  ],
  webhook_timestamp_too_new: [
    400,
    'The webhook-timestamp is further ahead than this receiver allows: a clock is wrong.',
  ],
  webhook_signature_missing: [401, 'Expected a webhook-signature header, got none: the request is unsigned.'],
  webhook_signature_malformed: [
    401,
    'Expected one webhook-signature header of at most 4,096 characters: `v1,` and base64, several with blanks between.',
  ],
  body_malformed: [400, 'The signature is right, but the body is not JSON in UTF-8.'],
  body_too_large: [413, 'The body is larger than this receiver takes.'],
  body_incomplete: [400, 'The connection ended before the body did.'],
  body_consumed: [
    500,
    'The body that is signed is gone: something has read or parsed it before. Let this handler stand before any body parser, or give it the body as it came, as bytes.',
  ],
}

/** The request is not a genuine, complete, new delivery. Answer it with `status`. */
export class HookVerificationError extends DeployHookError {
  override readonly name = 'HookVerificationError'
  declare readonly code: VerificationErrorCode
  /**
   * The HTTP status to answer with: 4xx; 200 for `delivery_seen`, since a repeat is to be acknowledged; 500 for
   * `body_consumed`, which is this side's own fault.
   */
  readonly status: number

  constructor(code: VerificationErrorCode, options?: ErrorOptions) {
    const [status, message] = verificationFailures[code]
    super(code, message, options)
    this.status = status
  }
}

/** Every error class as a union: after `switch (error.code)` the class is known too. */
export type AnyDeployHookError =
  ConfigurationError | ReleaseError | DispatcherClosedError | ReplayError | StoreError | HookVerificationError
