import { once } from 'node:events'
import http, { type RequestListener } from 'node:http'
import net, { type AddressInfo, type Server, type Socket } from 'node:net'

/** A server on loopback for one test: `await using` closes it and every connection. */
export interface Loopback extends AsyncDisposable {
  readonly port: number
  readonly origin: string
  /** Connections accepted so far. */
  readonly connections: number
}

/** A real HTTP server. */
export async function startHttp(listener: RequestListener): Promise<Loopback> {
  return listening(http.createServer(listener))
}

/** A raw TCP server, where bytes and time are the point. */
export async function startTcp(onSocket: (socket: Socket) => void): Promise<Loopback> {
  return listening(net.createServer(onSocket))
}

export async function listening(server: Server, scheme = 'http'): Promise<Loopback> {
  const sockets = new Set<Socket>()
  let connections = 0
  server.on('connection', (socket: Socket) => {
    connections += 1
    sockets.add(socket)
    // A client that is cut off resets the connection: not what these tests are about.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    origin: `${scheme}://127.0.0.1:${port}`,
    get connections() {
      return connections
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** A port on which nothing listens. */
export async function freePort(): Promise<number> {
  await using server = await startTcp((socket) => socket.destroy())
  return server.port
}
