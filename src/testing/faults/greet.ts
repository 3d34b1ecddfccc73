import type { Socket } from 'node:net'
import { TLSSocket, type SecureContext } from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WholeFault } from './fault.ts'
import { Disconnected, Wire } from './wire.ts'

/** The certificates that a connection may be begun with. */
export interface Contexts {
  /** The proxy's own, when it speaks TLS. */
  readonly own: SecureContext | undefined
  /** One of another name. */
  readonly wrong: SecureContext
}

/**
 * Begins a connection as the fault that it meets has it. `undefined`: there is nothing more to come of it.
 *
 * @param tcp Accepted, and paused: nothing of it was read.
 */
export async function greet(
  tcp: Socket,
  fault: WholeFault | undefined,
  contexts: Contexts,
): Promise<Wire | undefined> {
  try {
    return await begin(tcp, fault, contexts)
  } catch (error) {
    if (error instanceof Disconnected) return undefined
    throw error
  }
}

async function begin(
  tcp: Socket,
  fault: WholeFault | undefined,
  { own, wrong }: Contexts,
): Promise<Wire | undefined> {
  switch (fault?.fault) {
    case 'slow-accept':
      return (await waited(tcp, fault.ms)) ? open(tcp, own) : undefined
    case 'wrong-certificate':
      return open(tcp, wrong)
    case 'wrong-tls':
      return answerFirstBytes(tcp, badRequest)
    case 'tls-garbage':
      return answerFirstBytes(tcp, Buffer.alloc(256, 0xa5))
    case 'unasked-answer': {
      const wire = open(tcp, own)
      await wire.write('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      wire.finish()
      return undefined
    }
    default:
      return open(tcp, own)
  }
}

const badRequest = Buffer.from(
  'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: 9\r\n\r\nnot TLS\r\n',
)

function open(tcp: Socket, secureContext: SecureContext | undefined): Wire {
  const socket = secureContext === undefined ? tcp : new TLSSocket(tcp, { isServer: true, secureContext })
  const wire = new Wire(socket, tcp)
  // No client of HTTP/1.1 ends its side before it has its answer: one that does is gone, and nothing may wait for it.
  socket.on('end', () => wire.destroy())
  socket.resume()
  return wire
}

async function answerFirstBytes(tcp: Socket, answer: Buffer): Promise<undefined> {
  const wire = open(tcp, undefined)
  if ((await wire.read()) === undefined) return
  await wire.write(answer)
  wire.finish()
}

/** A paused connection does not tell that its client left: this waits its time, unless the proxy closes. */
async function waited(tcp: Socket, ms: number): Promise<boolean> {
  const closed = new AbortController()
  tcp.once('close', () => closed.abort())
  return sleep(ms, true, { signal: closed.signal }).catch(() => false)
}
