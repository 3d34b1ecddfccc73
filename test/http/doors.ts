import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http, { type RequestListener } from 'node:http'
import https from 'node:https'
import net, { type AddressInfo, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'

/** A receiver at every address of this machine, which knows by which of them each connection came. */
export interface Door extends AsyncDisposable {
  readonly port: number
  /** Connections that came to an address, as IPv4 wherever it is one. */
  connectionsAt(address: string): number
  /** All that came, and what they brought, but for these addresses. */
  elsewhere(...addresses: readonly string[]): { readonly connections: number; readonly bytes: number }
}

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')

/** The authority to trust: of `localhost`, `*.names.test`, and the loopback addresses that the tests use. */
export const certificate: string = fixture('names.crt')

const ownAddresses = Object.values(networkInterfaces()).flatMap((each) => each ?? [])

export const hasIPv6: boolean = ownAddresses.some(({ family }) => family === 'IPv6')

/** Of every network interface. */
export const addressesOfMachine: readonly string[] = ownAddresses.map(({ address }) => address)

export async function openDoor(scheme: string, listener: RequestListener): Promise<Door> {
  const options = { key: fixture('names.key'), cert: certificate }
  const receiver = scheme === 'https' ? https.createServer(options, listener) : http.createServer(listener)
  const came: { readonly socket: Socket; readonly address: string }[] = []
  const server = net.createServer((socket) => {
    came.push({ socket, address: (socket.localAddress ?? '').replace(/^::ffff:(?=.*\.)/u, '') })
    socket.on('error', () => socket.destroy())
    receiver.emit('connection', socket)
  })
  receiver.on('tlsClientError', () => undefined)
  server.listen(0, hasIPv6 ? '::' : '0.0.0.0')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    connectionsAt: (address) => came.filter((each) => each.address === address).length,
    elsewhere(...addresses) {
      const there = came.filter(({ address }) => !addresses.includes(address))
      return {
        connections: there.length,
        bytes: there.reduce((sum, { socket }) => sum + socket.bytesRead, 0),
      }
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const { socket } of came) socket.destroy()
      await closed
    },
  }
}
