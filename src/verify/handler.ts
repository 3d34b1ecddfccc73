import { HookVerificationError } from '../errors.ts'
import { onRejection } from '../rejection.ts'
import { closed, closesConnection } from './closing.ts'
import { send, type ServerResponseLike } from './send.ts'
import { readMethod, type RequestLike } from './request.ts'

/** Functions that stand alone: pass them on as they are, `http.createServer(receiver.node)`. */
export interface Receiver {
  /** For node:http, Express and everything that has Node's request and response. `next` hears what the handling throws. */
  readonly node: (
    request: RequestLike,
    response: ServerResponseLike,
    next?: (error: unknown) => void,
  ) => Promise<void>
  /** For Hono, Deno, Bun, service workers: everything that has Fetch's Request and Response. */
  readonly fetch: (request: Request) => Promise<Response>
}

/** What is common to all receivers. */
export interface ReceiverReports {
  /**
   * Called for each POST that is refused, before it is answered; a place to log `verifier.explain(request)` while setting
   * up. Its failure changes no answer.
   */
  readonly onRefused?:
    ((error: HookVerificationError, request: RequestLike) => void | Promise<void>) | undefined
  /**
   * Called when `onRefused` fails, and when anything else given here does, unless the framework is told (`next`). What it throws or rejects
   * with itself is printed.
   * @default console.error
   */
  readonly onError?: ((error: unknown) => void | Promise<void>) | undefined
}

/** What one kind of receiver does with a request: the rest is the same for all. */
export interface Duties<Proof> {
  /** Rejects with a {@link HookVerificationError} for what is not genuine. */
  readonly proveNode: (request: RequestLike) => Proof | Promise<Proof>
  readonly proveFetch: (request: Request) => Proof | Promise<Proof>
  readonly wasSeen: (proof: Proof) => boolean | undefined | Promise<boolean>
  readonly handle: (proof: Proof) => void | Promise<void>
}

interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

interface Settings<Proof> extends Duties<Proof> {
  readonly onRefused: ReceiverReports['onRefused']
  readonly onError: (error: unknown) => void
}

/** One core for Node and Fetch servers. It takes POST alone. */
export function createHandler<Proof>(duties: Duties<Proof>, reports: ReceiverReports): Receiver {
  const settings: Settings<Proof> = {
    ...duties,
    onRefused: reports.onRefused,
    onError: reports.onError === undefined ? printed : guarded(reports.onError),
  }
  return {
    async node(request, response, next) {
      let reply: Reply
      try {
        reply = await replyTo(request, () => settings.proveNode(request), settings)
      } catch (error) {
        if (next !== undefined) return next(error) // the framework answers
        settings.onError(error)
        reply = replyToFailure(error)
      }
      if (response.headersSent !== true) await send(reply, request, response)
    },
    async fetch(request) {
      const prove = (): Proof | Promise<Proof> => settings.proveFetch(request)
      const reply = await replyTo(request, prove, settings).catch((error: unknown) => {
        settings.onError(error)
        return replyToFailure(error)
      })
      const { status, headers, body = null } = reply
      const closing = closesConnection(request, status) ? closed : undefined
      return new Response(body, { status, headers: { ...headers, ...closing } })
    },
  }
}

function printed(error: unknown): void {
  console.error(error)
}

/** What fails at telling of a failure is printed: it changes no answer, and ends no process. */
function guarded(onError: NonNullable<ReceiverReports['onError']>): (error: unknown) => void {
  return (error) => {
    try {
      onRejection(onError(error), printed)
    } catch (failure) {
      printed(failure)
    }
  }
}

const jsonType = { 'content-type': 'application/json' }

const failed: Reply = json(
  500,
  'receiver_failed',
  'The receiver could not handle the delivery. Send it again.',
)

const notAllowed: Reply = {
  ...json(405, 'method_not_allowed', 'Expected POST.'),
  headers: { ...jsonType, allow: 'POST' },
}

/** Rejects with what the receiver's own functions throw, and with faults of this side, and with nothing else. */
async function replyTo<Proof>(
  request: RequestLike,
  prove: () => Proof | Promise<Proof>,
  settings: Settings<Proof>,
): Promise<Reply> {
  let proof: Proof
  try {
    if (readMethod(request) !== 'POST') return notAllowed
    proof = await prove()
  } catch (error) {
    if (!(error instanceof HookVerificationError) || error.status >= 500) throw error
    await tellRefused(error, request, settings)
    return refusal(error)
  }
  if ((await settings.wasSeen(proof)) === true) return { status: 200, headers: {} }
  await settings.handle(proof)
  return { status: 204, headers: {} }
}

/** Whoever is refused is refused, even where the log does not work: a 500 would have the request sent again. */
async function tellRefused<Proof>(
  error: HookVerificationError,
  request: RequestLike,
  { onRefused, onError }: Settings<Proof>,
): Promise<void> {
  try {
    await onRefused?.(error, request)
  } catch (failure) {
    onError(failure)
  }
}

function refusal({ status, code, message }: HookVerificationError): Reply {
  return json(status, code, message)
}

/** A fault of this side's set-up is named; what the receiver's own functions throw is not for strangers. */
function replyToFailure(error: unknown): Reply {
  return error instanceof HookVerificationError && error.status >= 500 ? refusal(error) : failed
}

function json(status: number, code: string, message: string): Reply {
  return { status, headers: jsonType, body: JSON.stringify({ error: { code, message } }) }
}
