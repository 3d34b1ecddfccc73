/**
 * A receiver that outlives every controller, and its ledger: a line for each request, written when its connection is done
 * with it. It fails one delivery in ten once and takes its time for others, so that kills meet retries and requests in flight.
 */
import { createWriteStream } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Receipt } from './ledger.ts'
import { lifeHeader, type Order } from './plan.ts'

const ledger = createWriteStream(process.argv[2] ?? '')
/** How often each delivery has come. */
const asked = new Map<string, number>()
/** Answers that are held back. */
const held = new Set<() => void>()
let arrivals = 0
let hurries = false

function receive(request: IncomingMessage, response: ServerResponse): void {
  const at = Date.now()
  arrivals += 1
  const number = arrivals
  const id =
    /^"(?<id>dlv_[0-9a-f]{32})"$/u.exec(String(request.headers['idempotency-key']))?.groups?.['id'] ?? ''
  const { status, delayMs } = mannerOf(id)
  let answeredAt: number | undefined
  request.resume()
  response.once('finish', () => (answeredAt = Date.now()))
  response.once('close', () => {
    const [life = 0, begunAt = 0] = String(request.headers[lifeHeader]).split(' ').map(Number)
    const receipt: Receipt = { number, id, life, begunAt, bytes: bytesOf(request), at, status, answeredAt }
    ledger.write(`${JSON.stringify(receipt)}\n`)
  })
  // The answer is the request's number, which the store keeps with the attempt: so each is found in the other.
  const answer = (): void => void response.writeHead(status).end(String(number))
  if (delayMs === 0 || hurries) answer()
  else holdBack(answer, delayMs)
}

/** By the id, so that it is the same in every run. The slowest outlast most controllers, and are in flight at their end. */
function mannerOf(id: string): { readonly status: number; readonly delayMs: number } {
  const dice = Number.parseInt(id.slice(4, 12), 16)
  const times = (asked.get(id) ?? 0) + 1
  asked.set(id, times)
  const status = dice % 10 === 0 && times === 1 ? 503 : 200
  const delayMs = dice % 31 === 0 && times <= 2 ? 5000 : dice % 7 === 0 ? 10 + (dice % 60) : 0
  return { status, delayMs }
}

function holdBack(answer: () => void, delayMs: number): void {
  const timer = setTimeout(release, delayMs)
  function release(): void {
    clearTimeout(timer)
    held.delete(release)
    answer()
  }
  held.add(release)
}

/** Request line and headers as they came, but for the one that tells the sender. */
function bytesOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 && name !== lifeHeader ? [`${name}: ${rawHeaders[index + 1]}`] : [],
  )
  return [`${method} ${url} HTTP/${httpVersion}`, ...lines].join('\n')
}

function obey(order: Order): void {
  hurries = true
  for (const release of held) release()
  if (order === 'hurry') return
  server.close(() => ledger.end(() => process.disconnect()))
  server.closeAllConnections()
}

const server = createServer(receive)
server.keepAliveTimeout = 600_000 // it never closes a connection that a controller may be using
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('message', obey)
process.once('disconnect', () => process.exit())
