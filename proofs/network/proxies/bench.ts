import {
  createDispatcher,
  type Attempt,
  type Delivery,
  type DispatcherOptions,
  type HookOptions,
} from 'deploy-hooks'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net, { type Server, type Socket } from 'node:net'
import { loadTransport, type TransportName } from '../../shared/transports.ts'
import { authority, serverCertificate, serverKey } from '../../../dist/testing/transport/certificates.js'

/** What a hook's receiver is: at port 80 or 443 of this machine, as stock proxies want it, or nowhere. */
export interface Receivers extends AsyncDisposable {
  /** What came, with what proxies add to it. */
  readonly received: readonly { readonly url: string; readonly headers: http.IncomingHttpHeaders }[]
}

/** `/deploy` answers 200, `/busy` 503, `/cut` closes the connection; others are hung up on as well. */
export async function startReceivers(): Promise<Receivers> {
  const received: { url: string; headers: http.IncomingHttpHeaders }[] = []
  const answer: http.RequestListener = ({ url = '', headers, socket }, response) => {
    received.push({ url, headers })
    if (url.startsWith('/deploy')) response.end('ok')
    else if (url.startsWith('/busy')) response.writeHead(503).end('busy')
    else socket.destroy()
  }
  const servers: readonly (readonly [Server, number])[] = [
    [http.createServer(answer), 80],
    [https.createServer({ cert: serverCertificate, key: serverKey }, answer), 443],
  ]
  const sockets = new Set<Socket>()
  for (const [server, port] of servers) {
    server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)))
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  return {
    received,
    async [Symbol.asyncDispose]() {
      const closed = servers.map(([server]) => once(server.close(), 'close'))
      for (const socket of sockets) socket.destroy()
      await Promise.all(closed)
    },
  }
}

/** One kind of hook behind a proxy, and what is to come of it. */
export interface Case {
  readonly name: string
  readonly hook: HookOptions
  /** With user and password, where it wants them. */
  readonly proxy: string
  readonly expected: Expected
}

interface Expected {
  /** Of every delivery: `delivered`, or its reason and verdict. */
  readonly outcome: string
  /** Of each delivery. */
  readonly attempts: number
  /** Of every attempt that failed: this, or one of these. */
  readonly code?: string | readonly string[] | undefined
  /** Attempts that the hook's breaker counts as failed; none is a fault of the proxy's. */
  readonly charged: number
}

export interface Came extends Omit<Expected, 'outcome' | 'code'> {
  readonly name: string
  readonly transport: TransportName
  readonly outcomes: readonly string[]
  readonly codes: readonly string[]
  readonly failing: boolean
  readonly errors: number
}

/** Releases that each hook is told. Those that fail are tried ten times, at once. */
export const releases = 5
export const mostAttempts = 10

export async function send({ name, hook, proxy }: Case, transport: TransportName): Promise<Came> {
  const attempts: Attempt[] = []
  let errors = 0
  const options: DispatcherOptions = {
    hooks: [{ tls: { ca: authority }, ...hook }],
    secret: 's3cret-of-the-proof',
    transport: (await loadTransport(transport))(),
    egress: { allow: ['127.0.0.0/8', 'localhost'], proxy },
    breaker: { minimum: 1000 },
    retry: {
      delaysMs: Array.from({ length: mostAttempts - 1 }, () => 0),
      connect: { retries: 0, minTimeout: 1, maxTimeout: 1, factor: 1 },
    },
    logger: { warn() {}, error: () => void (errors += 1) },
  }
  await using dispatcher = createDispatcher(options)
  dispatcher.on('attempt', ({ attempt }) => attempts.push(attempt))
  const deliveries: Delivery[] = []
  for (let version = 1; version <= releases; version += 1)
    deliveries.push(...(await (await dispatcher.dispatch({ app: 'web', version, user: 'proof' })).settled()))
  const [status] = dispatcher.hooks()
  return {
    name,
    transport,
    outcomes: [...new Set(deliveries.map(outcomeOf))],
    attempts: attempts.length / releases,
    codes: [
      ...new Set(
        attempts.flatMap(
          ({ code, status: answered = 200 }) => code ?? (answered === 200 ? [] : `${answered}`),
        ),
      ),
    ],
    charged: status?.breaker?.failures ?? 0,
    failing: status?.failingSince !== undefined,
    errors,
  }
}

function outcomeOf({ state, outcome }: Delivery): string {
  return outcome?.kind === 'dead' ? `${outcome.reason}, ${outcome.verdict}` : state
}

/** What a proxy says to a CONNECT, asked by hand. */
export async function statusOfConnect(port: number, authority: string): Promise<number> {
  const socket = net.connect(port, '127.0.0.1')
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`)
  const [data] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return Number(data.toString('latin1').split(' ')[1])
}

/** What is not as it should be. */
export function wrongIn({ expected }: Case, came: Came): string[] {
  const shown = {
    outcome: came.outcomes.join('; '),
    attempts: came.attempts,
    code: came.codes.join('; '),
    charged: came.charged,
    failing: came.failing,
  }
  const wanted = { code: '', ...expected, failing: expected.charged > 0 }
  return Object.entries(wanted)
    .filter(([name, value]) => ![value].flat().includes(shown[name as keyof typeof shown]))
    .map(
      ([name, value]) =>
        `${came.name}, ${came.transport}: expected ${name} ${String(value)}, got ${shown[name as keyof typeof shown]}`,
    )
}
