import { HookVerificationError } from '../errors.ts'
import { readMethod, type RequestLike } from './request.ts'
import type { VerifiedHook, Verifier } from './verifier.ts'

export interface ReceiverOptions {
  readonly verifier: Verifier
  /**
   * Called once for each genuine delivery. The sender hears 204 when it resolves and 500 when it rejects, in which case
   * it sends again; it waits 15 seconds for an answer, so start long work here and do not wait for it.
   */
  readonly onRelease: (hook: VerifiedHook) => void | Promise<void>
  /**
   * Whether a delivery with this signature was handled before: then it is acknowledged with 200, and not handled again.
   * It only asks: remember `hook.digest` in `onRelease`. Two repeats at once both pass an answer that takes time, so where
   * that matters let it remember and tell in one step (`INSERT … ON CONFLICT DO NOTHING`).
   * @default never
   */
  readonly seen?: ((digest: string) => boolean | Promise<boolean>) | undefined
  /**
   * Called for each POST that is refused, before it is answered; a place to log `verifier.explain(request)` while setting
   * up. Its failure changes no answer.
   */
  readonly onRefused?:
    ((error: HookVerificationError, request: RequestLike) => void | Promise<void>) | undefined
  /** Called when `onRefused` fails, and when `onRelease` or `seen` does, unless the framework is told (`next`). @default console.error */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** Structural, so that Node's, Express's and Fastify's raw responses fit. */
export interface ServerResponseLike {
  /** True when something else has answered, such as a time limit: then the receiver does not. */
  readonly headersSent?: boolean | undefined
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown
  end(body?: string): unknown
}

/** Functions that stand alone: pass them on as they are, `http.createServer(receiver.node)`. */
export interface Receiver {
  /** For node:http, Express and everything that has Node's request and response. `next` hears what `onRelease` throws. */
  readonly node: (
    request: RequestLike,
    response: ServerResponseLike,
    next?: (error: unknown) => void,
  ) => Promise<void>
  /** For Hono, Deno, Bun, service workers: everything that has Fetch's Request and Response. */
  readonly fetch: (request: Request) => Promise<Response>
}

interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/**
 * A request handler around a verifier: one core for Node and Fetch servers. It takes POST alone, and reads no body:
 * a delivery has none.
 *
 * @example
 * http.createServer(createReceiver({ verifier, onRelease: ({ release }) => console.log(release.app) }).node)
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  const settings = { ...options, onError: options.onError ?? ((error): void => console.error(error)) }
  return {
    async node(request, response, next) {
      let reply: Reply
      try {
        reply = await replyTo(request, settings)
      } catch (error) {
        if (next !== undefined) return next(error) // the framework answers
        settings.onError(error)
        reply = failed
      }
      if (response.headersSent === true) return
      response.writeHead(reply.status, reply.headers)
      response.end(reply.body)
    },
    async fetch(request) {
      const { status, headers, body } = await replyTo(request, settings).catch((error: unknown) => {
        settings.onError(error)
        return failed
      })
      return new Response(body ?? null, { status, headers })
    },
  }
}

const jsonType = { 'content-type': 'application/json' }

const failed: Reply = json(
  500,
  'receiver_failed',
  'The receiver could not handle the release. Send it again.',
)

const notAllowed: Reply = {
  ...json(405, 'method_not_allowed', 'Expected POST.'),
  headers: { ...jsonType, allow: 'POST' },
}

interface Settings extends ReceiverOptions {
  readonly onError: (error: unknown) => void
}

/** Rejects with what `onRelease` or `seen` throws, and with nothing else. */
async function replyTo(request: RequestLike, settings: Settings): Promise<Reply> {
  let hook: VerifiedHook
  try {
    if (readMethod(request) !== 'POST') return notAllowed
    hook = settings.verifier.verify(request)
  } catch (error) {
    if (!(error instanceof HookVerificationError)) throw error
    await tellRefused(error, request, settings)
    return json(error.status, error.code, error.message)
  }
  if ((await settings.seen?.(hook.digest)) === true) return { status: 200, headers: {} }
  await settings.onRelease(hook)
  return { status: 204, headers: {} }
}

/** Whoever is refused is refused, even where the log does not work: a 500 would have the request sent again. */
async function tellRefused(
  error: HookVerificationError,
  request: RequestLike,
  { onRefused, onError }: Settings,
): Promise<void> {
  try {
    await onRefused?.(error, request)
  } catch (failure) {
    onError(failure)
  }
}

function json(status: number, code: string, message: string): Reply {
  return { status, headers: jsonType, body: JSON.stringify({ error: { code, message } }) }
}
