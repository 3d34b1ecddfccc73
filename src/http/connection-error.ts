import type { Refusal } from './refusal.ts'
import type { FailureCause } from './transport.ts'

/** Why a connection did not open. Nothing of the request has left. Its message is its code: others hold addresses. */
export class ConnectionError extends Error {
  override readonly name: string = 'ConnectionError'
  readonly failure: FailureCause
  readonly code: string

  constructor(failure: FailureCause, code: string) {
    super(code)
    this.failure = failure
    this.code = code
  }
}

/** The egress guard forbids it. */
export class BlockedError extends ConnectionError {
  override readonly name = 'BlockedError'
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super('blocked', refusal.code)
    this.refusal = refusal
  }
}

/** The system's or TLS library's own name of what went wrong. */
export function codeOf(error: unknown, otherwise: string): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return typeof code === 'string' ? code : otherwise
}
