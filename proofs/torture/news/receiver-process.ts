/**
 * A receiver of every hook, as a user of the library writes it: `createReceiver` with `seen`. Some of its answers never arrive, so that
 * what it has handled comes again.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createReceiver, createVerifier, type Receiver } from 'deploy-hooks/verify'
import { hooks, secret } from './hooks.ts'
import type { Receipt } from './receivers.ts'

const receipts: Receipt[] = []
const came = new Set<string>()
const receivers = new Map<string, Receiver>()

function receiverOf(hookId: string): Receiver {
  const handled = new Set<string>()
  return createReceiver({
    verifier: createVerifier({ url: `${origin()}/${hookId}`, secret }),
    seen: (key) => handled.has(key),
    onRelease: ({ key }) => void handled.add(key),
  })
}

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hookId = /^\/(?<hook>\w+)\?/u.exec(request.url ?? '')?.groups?.['hook'] ?? ''
  const id = String(request.headers['idempotency-key']).replaceAll('"', '')
  const isLost = !came.has(id) && Number.parseInt(id.slice(-2), 16) < 20
  came.add(id)
  let status = 0
  await receivers.get(hookId)?.node(request, {
    writeHead: (answered, headers) => {
      status = answered
      return isLost ? undefined : response.writeHead(answered, headers)
    },
    end: (body?: string) => (isLost ? request.socket.destroy() : response.end(body)),
  })
  receipts.push({ hookId, id, status, isLost })
}

function origin(): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const server = createServer((request, response) => void receive(request, response))
server.listen(0, '127.0.0.1', () => {
  for (const { id } of hooks) receivers.set(id, receiverOf(id))
  process.send?.(origin())
})
process.on('message', (order) => {
  if (order === 'receipts') process.send?.(receipts)
  else process.exit()
})
process.once('disconnect', () => process.exit()) // whoever started it is gone
