import { HookVerificationError } from '../../errors.ts'
import { appended } from '../../kept-body.ts'
import { guarded, headerValues, type HeadersOf } from '../request.ts'
import { bytesOf } from './body.ts'

/** As much of a Node request stream as reading takes. */
interface IncomingLike {
  on(event: string, listener: (value?: unknown) => void): unknown
  removeListener(event: string, listener: (value?: unknown) => void): unknown
  pause?(): unknown
  readonly destroyed?: boolean
  readonly readableDidRead?: boolean
  readonly readableEnded?: boolean
}

/**
 * Reads the body of Node's request, or takes the bytes or the text that something before has read.
 *
 * Rejects with a {@link HookVerificationError}: `body_too_large`, as soon as it is known to be, `body_incomplete`,
 * `body_consumed`, `request_malformed`; never with anything else, whatever it is given.
 */
export async function bodyOfNode(request: HeadersOf, limit: number): Promise<Buffer> {
  const { body, stream, state } = guarded(request, sourceOf)
  // Express 4 gives `{}` as the body of a stream that nobody has read: the stream decides.
  if (stream === undefined || state === 'read') return bytesOf(body, limit)
  if (state === 'empty') return Buffer.alloc(0)
  if (state === 'broken') throw new HookVerificationError('body_incomplete')
  refuseAnnounced(request, limit)
  return await collected(stream, limit)
}

/** The same of a Fetch request. */
export async function bodyOfFetch(request: Request, limit: number): Promise<Buffer> {
  const { body, bodyUsed } = guarded(request, (it) => ({ body: it.body, bodyUsed: it.bodyUsed }))
  if (bodyUsed || body === undefined) throw new HookVerificationError('body_consumed')
  if (body === null) return Buffer.alloc(0)
  refuseAnnounced(request, limit)
  let reader: ReadableStreamDefaultReader<unknown>
  try {
    reader = body.getReader()
  } catch (cause) {
    throw new HookVerificationError('body_consumed', { cause }) // somebody else reads it
  }
  const kept = new KeptBody(limit)
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return kept.all()
      kept.add(value)
    }
  } catch (cause) {
    void reader.cancel().catch(() => {}) // the sender may have gone already
    throw ofReading(cause)
  }
}

function sourceOf(request: HeadersOf & { readonly body?: unknown }): {
  readonly body: unknown
  readonly stream: IncomingLike | undefined
  readonly state: 'unread' | 'empty' | 'read' | 'broken'
} {
  // Fastify's own request is no stream: the stream is its `raw`.
  const stream = [request as unknown, request.raw].find(isIncoming)
  const { body } = request
  if (stream === undefined || stream.readableDidRead === true) return { body, stream, state: 'read' }
  if (stream.readableEnded === true) return { body, stream, state: 'empty' }
  return { body, stream, state: stream.destroyed === true ? 'broken' : 'unread' }
}

function isIncoming(value: unknown): value is IncomingLike {
  return typeof (value as Partial<IncomingLike> | undefined)?.on === 'function'
}

/** A Content-Length that is too large needs no reading. One that is too small ends the body, by the server's own doing. */
function refuseAnnounced(request: HeadersOf, limit: number): void {
  if (Number(headerValues(request, 'content-length')[0]) > limit) {
    throw new HookVerificationError('body_too_large')
  }
}

function collected(stream: IncomingLike, limit: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const kept = new KeptBody(limit)
  const fail = (cause?: unknown): void => {
    stop()
    reject(ofReading(cause))
  }
  const listeners: Readonly<Record<string, (value?: unknown) => void>> = {
    data(chunk) {
      try {
        kept.add(chunk)
      } catch (error) {
        stream.pause?.() // nothing more is taken from the socket
        fail(error)
      }
    },
    end() {
      stop()
      resolve(kept.all())
    },
    error: fail,
    close: () => fail(), // before the end: the sender has gone
  }
  const stop = (): void => {
    for (const [event, listener] of Object.entries(listeners)) stream.removeListener(event, listener)
  }
  try {
    for (const [event, listener] of Object.entries(listeners)) stream.on(event, listener)
  } catch (cause) {
    reject(new HookVerificationError('request_malformed', { cause }))
  }
  return promise
}

/** What is kept of a body, with its limit. In one piece: a body by the byte would be a million objects, of 500 bytes each. */
class KeptBody {
  readonly #limit: number
  #bytes: Uint8Array = Buffer.alloc(0)
  #length = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** @throws {@link HookVerificationError} `body_too_large` */
  add(chunk: unknown): void {
    const piece = bytesOf(chunk, this.#limit - this.#length)
    this.#bytes = this.#length === 0 ? piece : appended(this.#bytes, this.#length, piece, this.#limit)
    this.#length += piece.length
  }

  all(): Buffer {
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset, this.#length)
  }
}

function ofReading(cause: unknown): HookVerificationError {
  return cause instanceof HookVerificationError
    ? cause
    : new HookVerificationError('body_incomplete', { cause })
}
