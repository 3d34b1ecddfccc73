import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface CutProxy extends AsyncDisposable {
  readonly port: number
  /** Cuts every connection: at once, or with what is sent from now on lost in one direction first. */
  cut(direction: 'both' | 'request' | 'answer'): void
}

interface Line {
  readonly client: Socket
  readonly server: Socket
}

/** Stands between a client and a server of the same process's loopback. */
export async function startCutProxy(target: number): Promise<CutProxy> {
  const lines = new Set<Line>()
  const proxy = createServer((client) => {
    const line = { client, server: connect(target, '127.0.0.1') }
    lines.add(line)
    client.pipe(line.server).pipe(client)
    for (const socket of [client, line.server]) {
      socket.setNoDelay(true)
      socket.on('error', () => end(line)) // cut
      socket.on('close', () => end(line))
    }
  })
  const end = (line: Line): void => {
    lines.delete(line)
    line.client.destroy()
    line.server.destroy()
  }
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    port: (proxy.address() as AddressInfo).port,
    cut(direction) {
      for (const line of lines) {
        if (direction === 'request') line.client.unpipe(line.server)
        if (direction === 'answer') line.server.unpipe(line.client).resume()
        if (direction === 'both') end(line)
        else setTimeout(() => end(line), lostMs)
      }
    },
    async [Symbol.asyncDispose]() {
      for (const line of lines) end(line)
      proxy.close()
      await once(proxy, 'close')
    },
  }
}

/** For what is under way in the other direction. */
const lostMs = 20
