import { HookVerificationError } from '../errors.ts'
import type { RequestLike } from './request.ts'
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
   * @default never
   */
  readonly seen?: ((digest: string) => boolean | Promise<boolean>) | undefined
  /** Called for each request that was refused, after it was answered; a place to log `verifier.explain(request)` while setting up. */
  readonly onRefused?: ((error: HookVerificationError, request: RequestLike) => void) | undefined
  /** Called when `onRelease` or `seen` fails, unless the framework is told (`next`). @default console.error */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** Structural, so that Node's, Express's and Fastify's raw responses fit. */
export interface ServerResponseLike {
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown
  end(body?: string): unknown
}

export interface Receiver {
  /** For node:http, Express and everything that has Node's request and response. `next` hears what `onRelease` throws. */
  node(request: RequestLike, response: ServerResponseLike, next?: (error: unknown) => void): Promise<void>
  /** For Hono, Deno, Bun, service workers: everything that has Fetch's Request and Response. */
  fetch(request: Request): Promise<Response>
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
  const report = options.onError ?? ((error: unknown): void => console.error(error))
  return {
    async node(request, response, next) {
      const reply = await replyTo(request, options).catch((error: unknown) => {
        if (next === undefined) report(error)
        else next(error)
        return next === undefined ? failed : undefined // the framework answers
      })
      if (reply === undefined) return
      response.writeHead(reply.status, reply.headers)
      response.end(reply.body)
    },
    async fetch(request) {
      const reply = await replyTo(request, options).catch((error: unknown) => {
        report(error)
        return failed
      })
      return new Response(reply.body ?? null, { status: reply.status, headers: reply.headers })
    },
  }
}

const jsonType = { 'content-type': 'application/json' }

const failed: Reply = json(
  500,
  'receiver_failed',
  'The receiver could not handle the release. Send it again.',
)

/** Rejects with what `onRelease` or `seen` throws, and with nothing else. */
async function replyTo(
  request: RequestLike,
  { verifier, onRelease, seen, onRefused }: ReceiverOptions,
): Promise<Reply> {
  if (request.method !== 'POST') {
    return { ...json(405, 'method_not_allowed', 'Expected POST.'), headers: { ...jsonType, allow: 'POST' } }
  }
  let hook: VerifiedHook
  try {
    hook = verifier.verify(request)
  } catch (error) {
    if (!(error instanceof HookVerificationError)) throw error
    onRefused?.(error, request)
    return json(error.status, error.code, error.message)
  }
  if ((await seen?.(hook.digest)) === true) return { status: 200, headers: {} }
  await onRelease(hook)
  return { status: 204, headers: {} }
}

function json(status: number, code: string, message: string): Reply {
  return { status, headers: jsonType, body: JSON.stringify({ error: { code, message } }) }
}
