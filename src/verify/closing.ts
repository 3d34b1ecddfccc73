import { headerValues, type RequestLike } from './request.ts'

/** What tells of Node's request, and of Fetch's, how far the body was read. */
interface BodyState {
  readonly httpVersionMajor?: number
  readonly complete?: boolean
  readonly bodyUsed?: boolean
  readonly destroyed?: boolean
}

/** As much of Node's request stream as reading on takes. */
interface Incoming {
  on(event: string, listener: (value?: unknown) => void): unknown
  removeListener(event: string, listener: (value?: unknown) => void): unknown
  resume(): unknown
}

/**
 * Whether the connection is to be closed with the answer: when the request is refused, and when a body is on its way that nobody reads. A server
 * would read that to its end to use the connection again, and it may have none.
 */
export function closesConnection(request: RequestLike, status: number): boolean {
  try {
    const { httpVersionMajor = 1, complete, bodyUsed } = stateOf(request)
    if (httpVersionMajor > 1) return false // it has no header for that, and ends the stream
    const isRefused = status >= 400 && status < 500
    return isRefused || (complete !== true && bodyUsed !== true && isAnnounced(request))
  } catch {
    return true // what fails to tell may have one
  }
}

function stateOf(request: RequestLike): BodyState {
  return (request.raw ?? request) as BodyState // Fastify's own request is no stream
}

function isAnnounced(request: RequestLike): boolean {
  const [length] = headerValues(request, 'content-length')
  return length === undefined ? headerValues(request, 'transfer-encoding').length > 0 : Number(length) !== 0
}

export const closed: Readonly<Record<string, string>> = { connection: 'close' }

/** How much is still read behind an answer, in bytes and in milliseconds. */
const mostReadOn = { bytes: 1_048_576, ms: 1000 }

/**
 * Reads on behind an answer, before its connection is closed: what a socket still holds when it is closed resets the connection, and a sender that is
 * writing would hear of that, and of no answer. Resolves when the body has ended, or when that was enough of it; never rejects.
 */
export async function readOn(request: RequestLike): Promise<void> {
  try {
    const stream = stateOf(request)
    if (stream.complete === false && stream.destroyed !== true) await readSome(stream as Incoming)
  } catch {
    // What is no stream has nothing more to come.
  }
}

function readSome(stream: Incoming): Promise<void> {
  return new Promise((resolve) => {
    let left = mostReadOn.bytes
    const count = (chunk?: unknown): void => {
      left -= (chunk as Uint8Array | string).length
      if (left < 0) end()
    }
    const end = (): void => {
      clearTimeout(timer)
      resolve()
      stream.removeListener?.('data', count)
    }
    const timer = setTimeout(end, mostReadOn.ms)
    try {
      stream.on('data', count)
      for (const event of ['end', 'error', 'close']) stream.on(event, end)
      stream.resume()
    } catch {
      clearTimeout(timer) // it only looks like a stream
      resolve()
    }
  })
}
