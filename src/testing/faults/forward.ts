import net, { isIP } from 'node:net'
import tls from 'node:tls'
import { ownAnswer, type Answer } from './answer.ts'
import { answerFraming, BadMessage, persists, readBody, readHead, statusOf, type Head } from './message.ts'
import { Disconnected, Wire } from './wire.ts'

/** The target broke off in the middle of its answer. */
export class TargetBroke extends Error {
  override readonly name = 'TargetBroke'
}

/** A request on its way to the target, on a connection of its own. */
export interface Forwarded {
  /** The target's final answer, or 502 of the proxy when there is none. */
  readonly answer: Answer
  /** Closes the connection to the target. */
  close(): void
}

export interface ForwardRequest {
  readonly target: URL
  readonly client: Wire
  readonly head: Head
  readonly method: string
  readonly body: AsyncIterable<Buffer>
}

/** Sends the request to the target byte for byte, with the Host that the client wrote, and passes its 1xx answers on. */
export async function forward({ target, client, head, method, body }: ForwardRequest): Promise<Forwarded> {
  const upstream = new Wire(connect(target))
  client.closed.addEventListener('abort', () => upstream.destroy(), { signal: upstream.closed })
  const sending = send(upstream, head, body)
  try {
    const answer = await finalAnswer(upstream, client, method)
    return { answer, close: () => upstream.destroy() }
  } catch (error) {
    upstream.destroy()
    await sending
    client.closed.throwIfAborted()
    if (!(error instanceof Disconnected || error instanceof BadMessage)) throw error
    return { answer: ownAnswer(method, '502 Bad Gateway', 'the target did not answer'), close: () => {} }
  }
}

function connect({ protocol, hostname, port }: URL): net.Socket {
  const host = hostname.replace(/^\[|\]$/gu, '')
  if (protocol === 'http:') return net.connect({ host, port: Number(port || 80), noDelay: true })
  const servername = isIP(host) === 0 ? host : ''
  return tls.connect({ host, port: Number(port || 443), servername, ALPNProtocols: ['http/1.1'] })
}

/** A target may answer before it has read it all, and close: what matters then is its answer. */
async function send(upstream: Wire, head: Head, body: AsyncIterable<Buffer>): Promise<void> {
  try {
    await upstream.write(head.bytes)
    for await (const bytes of body) await upstream.write(bytes)
  } catch (error) {
    if (!(error instanceof Disconnected)) upstream.destroy()
  }
}

async function finalAnswer(upstream: Wire, client: Wire, method: string): Promise<Answer> {
  for (;;) {
    const head = await readHead(upstream)
    if (head === undefined) throw new Disconnected()
    const status = statusOf(head)
    if (status >= 200 || status === 101) {
      const framing = answerFraming(head, method)
      return {
        head: head.bytes,
        body: orBroken(readBody(upstream, framing)),
        length: typeof framing === 'number' ? framing : undefined,
        persistent: framing !== 'until-close' && persists(head),
      }
    }
    await client.write(head.bytes)
  }
}

async function* orBroken(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* body
  } catch (error) {
    throw new TargetBroke('The target broke off in the middle of its answer', { cause: error })
  }
}
