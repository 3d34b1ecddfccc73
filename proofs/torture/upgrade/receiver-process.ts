/** A receiver that answers at once, counts what comes for each delivery, and tells it when it is asked. It ends with its parent. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const counts = new Map<string, number>()

const server = createServer((request, response) => {
  const id = /^"(.+)"$/u.exec(String(request.headers['idempotency-key']))?.[1] ?? ''
  counts.set(id, (counts.get(id) ?? 0) + 1)
  request.resume()
  response.end('ok')
})
server.keepAliveTimeout = 600_000
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('message', () => process.send?.([...counts]))
process.once('disconnect', () => process.exit())
