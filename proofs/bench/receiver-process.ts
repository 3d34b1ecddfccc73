/**
 * A receiver in a process of its own, so that its work is in no figure but the share of the machine it takes. It tells
 * its parent the port, and ends with it.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const answer = { 'content-type': 'text/plain', 'content-length': '2' }

const server = createServer((request, response) => {
  request.resume()
  response.writeHead(200, answer)
  response.end('ok')
})
server.keepAliveTimeout = 60_000 // a connection must outlive the other contestants' turns
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.once('disconnect', () => process.exit())
