import { once } from 'node:events'
import net, { type AddressInfo, type Server, type Socket } from 'node:net'
import { promisify } from 'node:util'

const host = '127.0.0.1'

/** A port of loopback that can refuse connections and accept them again. */
export class Port {
  readonly #onConnection: (socket: Socket) => void
  #number = 0
  #server: Server | undefined
  #hold: Hold | undefined

  constructor(onConnection: (socket: Socket) => void) {
    this.#onConnection = onConnection
  }

  get number(): number {
    return this.#number
  }

  async accept(): Promise<void> {
    if (this.#server !== undefined) return
    this.#hold?.release()
    this.#hold = undefined
    const server = net.createServer({ noDelay: true, pauseOnConnect: true }, this.#onConnection)
    this.#server = server
    server.listen({ port: this.#number, host })
    try {
      await once(server, 'listening')
    } catch (error) {
      this.#server = undefined
      throw error
    }
    this.#number = (server.address() as AddressInfo).port
  }

  async refuse(): Promise<void> {
    if (this.#server === undefined) return
    this.#server.close()
    this.#server = undefined
    this.#hold = await holdPort(this.#number)
  }

  /** Accepts no more; resolves when the connections that it had accepted are closed. */
  async close(): Promise<void> {
    this.#hold?.release()
    this.#hold = undefined
    const server = this.#server
    this.#server = undefined
    if (server !== undefined) await promisify(server.close.bind(server))()
  }
}

interface Hold {
  release(): void
}

/**
 * Keeps a port from others without listening on it: as the near end of a connection to a server that is there for that only.
 * A port that is merely free is given to any socket that asks for one, even to the client's that is about to connect to it,
 * which then talks to itself. Where the system does not let it be held, it is left free.
 */
async function holdPort(port: number): Promise<Hold> {
  const anchor = net.createServer((socket) => socket.on('error', () => socket.destroy()))
  anchor.listen({ port: 0, host })
  await once(anchor, 'listening')
  const near = net.connect({
    port: (anchor.address() as AddressInfo).port,
    host,
    localAddress: host,
    localPort: port,
  })
  const ends = [near]
  anchor.on('connection', (socket) => ends.push(socket))
  try {
    await Promise.all([once(near, 'connect'), once(anchor, 'connection')])
  } catch {
    // It is left free.
  }
  near.on('error', () => near.destroy())
  anchor.close()
  // A reset leaves nothing that waits on the port.
  return { release: () => ends.forEach((socket) => socket.resetAndDestroy()) }
}
