import { closed, closesConnection, readOn } from './closing.ts'
import type { RequestLike } from './request.ts'

/** Structural, so that Node's, Express's and Fastify's raw responses fit. */
export interface ServerResponseLike {
  /** True when something else has answered, such as a time limit: then the receiver does not. */
  readonly headersSent?: boolean | undefined
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown
  end(): unknown
  end(body: string): unknown
  /** By it a sender that still writes its body hears the answer before the connection is closed. */
  write?(body: string): unknown
}

interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

/** Answers, and closes the connection behind it where that is called for. */
export async function send(reply: Reply, request: RequestLike, response: ServerResponseLike): Promise<void> {
  const { status, headers, body = '' } = reply
  const isClosing = closesConnection(request, status)
  // With its length, or it would not be whole before its end.
  const length = status === 204 ? undefined : { 'content-length': String(Buffer.byteLength(body)) }
  response.writeHead(status, { ...headers, ...length, ...(isClosing ? closed : undefined) })
  if (body === '' || !isClosing || response.write === undefined) return void response.end(body)
  response.write(body)
  await readOn(request)
  response.end()
}
