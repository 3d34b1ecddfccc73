/** A name server that says nothing about some names, and a receiver that closes every connection. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { startNameServer } from '../../test/http/name-server.ts'
import { now } from '../shared/clock.ts'
import { obeyParent, tellParent } from '../shared/parent.ts'
import { listenOnFreePorts } from '../shared/free-ports.ts'

const dnsPort = 53
const receipts: [version: number, at: number][] = []
const server = createServer((request, response) => {
  if (request.url?.startsWith('/deploy') === true)
    receipts.push([Number(/[?&]release=v(\d+)/u.exec(request.url ?? '')?.[1]), now()])
  request.resume()
  response.writeHead(200, { connection: 'close', 'content-length': '0' }).end()
})

await startNameServer(
  (name) =>
    name.startsWith('hangs-')
      ? 'silence'
      : name === 'healthy.test'
        ? { addresses: ['127.0.0.1'] }
        : undefined,
  dnsPort,
)
const [port] = await listenOnFreePorts([server])
obeyParent(() => tellParent(receipts))
tellParent(port)
await once(server, 'close')
