/** A platform's server under observation: what it is asked, what it reads, what it says of itself, and what it takes. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import { subscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import {
  createTriggers,
  type CreateTrigger,
  type TriggerRecords,
  type Triggers,
  type TriggersOptions,
} from 'deploy-hooks/triggers'
import {
  pulledHeader,
  type OddServerPlan,
  type OddTarget,
  type Opened,
  type ServerReport,
} from './odd-plan.ts'
import { params } from './params.ts'
import { storeAt } from './place.ts'

/** What is seen of one request. */
interface Seen {
  /** Bytes of its body that were read. */
  pulled: number
  /** Its token was found. */
  isRight: boolean
}

const { place, said } = JSON.parse(process.argv[2] ?? '') as OddServerPlan
const publicUrl = 'https://api.example.com/hooks'
const observed = new AsyncLocalStorage<Seen>()
const faults: string[] = []
let requests = 0
let unanswered = 0
let readEarly = 0

process.once('disconnect', () => process.exit()) // whoever started it is gone
process.on('uncaughtException', (error) => fault('An exception that nobody caught', error))
process.on('unhandledRejection', (error) => fault('A rejection that nobody handled', error))

const events = [
  'trigger-called',
  'trigger-refused',
  'deployment-started',
  'deployment-not-started',
  'deployment-finished',
] as const
for (const event of events) subscribe(`deploy-hooks:${event}`, (message) => tell(event, message))

const store = storeAt(place)
const records = store.triggers as TriggerRecords
const observing: TriggerRecords = {
  ...records,
  async find(...args) {
    const found = await records.find(...args)
    const seen = observed.getStore()
    if (seen !== undefined && found !== undefined) seen.isRight = true
    return found
  },
}
const shared: TriggersOptions = {
  store: { triggers: observing },
  params,
  perMinute: 1000,
  trustedProxies: ['127.0.0.1'],
  secrets: () => ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  isApiKey: (key) => key === 'right',
  logger: { warn: (...all) => tell('warn', all), error: (...all) => tell('error', all) },
  onTrigger(start) {
    tell('onTrigger', start)
    if (start.deploymentId.endsWith('0')) throw new Error('The cluster is away')
    return { id: `of-${start.deploymentId}`, status: 'succeeded' }
  },
}
const byNode = createTriggers({ ...shared, publicUrl })
const byFetch = createTriggers({ ...shared, workers: false })
for (const event of events) byNode.on(event, (message: unknown) => tell(event, message))

const servers = {
  node: createServer((request, response) => void answerByNode(request, response)),
  fetch: createServer((request, response) => void answerByFetch(request, response)),
}
const ports = { node: await listening(servers.node), fetch: await listening(servers.fetch) }
const targets = await createTargets(byNode)
const digests = targets.map(({ token }) => createHash('sha256').update(token).digest('hex'))
const memory = { firstHeap: 0, lastHeap: 0, mostRss: 0, firstRss: 0 }
setInterval(() => {
  memory.mostRss = Math.max(memory.mostRss, process.memoryUsage.rss() / 2 ** 20)
}, 50)
process.on('message', (order) => void obey(order))
process.send?.({ ports, targets, digests } satisfies Opened)

async function obey(order: unknown): Promise<void> {
  if (order === 'settle') for (let left = 150; left > 0 && unanswered > 0; left -= 1) await sleep(100)
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  memory.lastHeap = heapUsed / 2 ** 20
  if (memory.firstHeap === 0) {
    memory.firstHeap = memory.lastHeap
    memory.firstRss = rss / 2 ** 20
  }
  tell('state', [inspect(byNode, { depth: 6 }), await byNode.list({}, { limit: 1000 })])
  process.send?.({ faults, requests, unanswered, readEarly, memory } satisfies ServerReport)
}

async function answerByNode(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const seen = see(response)
  const emit = request.emit.bind(request)
  request.emit = (name: string | symbol, ...args: readonly unknown[]): boolean => {
    if (name === 'data') pulled(seen, response, (args[0] as Buffer).length)
    return emit(name, ...args)
  }
  const writeHead = response.writeHead.bind(response)
  response.writeHead = ((status: number, headers: Readonly<Record<string, string>>) =>
    writeHead(status, { ...headers, [pulledHeader]: String(seen.pulled) })) as typeof response.writeHead
  try {
    await observed.run(seen, () => byNode.node(request, response))
  } catch (error) {
    fault('`node` rejected', error)
  }
}

/** A server that has Fetch's Request, as bare as can be. */
async function answerByFetch(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const seen = see(response)
  const asked = requestOf(request, (bytes) => pulled(seen, response, bytes))
  if (asked === undefined) return void response.writeHead(400).end() // what Fetch knows no request for
  try {
    const peer = { address: request.socket.remoteAddress }
    const answer = await observed.run(seen, () => byFetch.fetch(asked, peer))
    const headers = { ...Object.fromEntries(answer.headers), [pulledHeader]: String(seen.pulled) }
    response.writeHead(answer.status, headers).end(await answer.text())
  } catch (error) {
    fault('`fetch` rejected', error)
    response.destroy()
  }
}

function requestOf(request: IncomingMessage, onPulled: (bytes: number) => void): Request | undefined {
  const { method = '', url = '' } = request
  const chunks = request.iterator({ destroyOnReturn: false })
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done = false, value } = (await chunks.next()) as IteratorResult<Buffer, undefined>
        if (done || value === undefined) return controller.close()
        onPulled(value.length)
        controller.enqueue(value)
      },
    },
    { highWaterMark: 0 },
  )
  const hasBody =
    request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined
  try {
    const headers = new Headers()
    for (let index = 0; index + 1 < request.rawHeaders.length; index += 2)
      headers.append(request.rawHeaders[index] ?? '', request.rawHeaders[index + 1] ?? '')
    const host = request.headers.host ?? 'localhost'
    const target = url.startsWith('/') ? `http://${host}${url}` : url
    const mayHaveBody = hasBody && method !== 'GET' && method !== 'HEAD'
    return new Request(target, { method, headers, ...(mayHaveBody ? { body, duplex: 'half' } : undefined) })
  } catch {
    return undefined
  }
}

function see(response: ServerResponse): Seen {
  requests += 1
  unanswered += 1
  response.once('close', () => (unanswered -= 1))
  return { pulled: 0, isRight: false }
}

function pulled(seen: Seen, response: ServerResponse, bytes: number): void {
  if (response.headersSent) return // it is read on, and thrown away, so that the answer arrives
  if (!seen.isRight && seen.pulled === 0) readEarly += 1
  seen.pulled += bytes
}

async function createTargets(triggers: Triggers): Promise<readonly OddTarget[]> {
  const all = ['branch', 'sha', 'note', 'pullRequest', 'meta']
  const wanted: readonly (readonly [string, Partial<CreateTrigger>])[] = [
    ['plain', {}],
    ['params', { params: all }],
    ['params', { params: all, overlap: 'queue' }],
    ['branch', { branch: 'main', overlap: 'cancel' }],
    ['allowed', { allowFrom: ['203.0.113.0/24', '127.0.0.1'] }],
    ['quiet', { params: all, debounce: { quietMs: 100, maxWaitMs: 500 } }],
    ['github', { signature: 'github' }],
    ['standard', { signature: 'standard' }],
    ['deis', { signature: 'deis' }],
    ['app', { dialect: 'shipmight' }],
    ['job', { dialect: 'shipmight', kind: 'job' }],
    ['plain', { dialect: 'fortrabbit', overlap: 'skip' }],
    ['plain', { dialect: 'flightcontrol', environmentId: 7 }],
    ['preview', { dialect: 'flightcontrol', environmentId: 8, preview: true }],
    ['plain', { dialect: 'stackblaze', overlap: 'reject' }],
    ['expired', { expiresAt: Date.now() - 1 }],
    ['revoked', { params: all }],
    ['rotated', { params: all }],
  ]
  const made: OddTarget[] = []
  for (const [index, [kind, given]] of wanted.entries()) {
    const { trigger, token, url } = await triggers.create({
      app: `app-${index}`,
      environment: 'production',
      ...given,
    })
    const { id, dialect } = trigger
    if (kind === 'revoked') await triggers.revoke(id)
    const end = kind === 'preview' ? '/12/35b3726' : ''
    made.push({ kind, dialect, token, path: pathOf(url) + end })
    if (kind !== 'rotated') continue
    const next = await triggers.rotate(id, { overlapMs: 0 })
    made.push({ kind: 'params', dialect, token: next?.token ?? '', path: pathOf(next?.url) })
  }
  return made
}

function pathOf(url = ''): string {
  return url.slice(publicUrl.length)
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** All that the library says, with everything in it. */
function tell(what: string, value: unknown): void {
  appendFileSync(
    said,
    `${what} ${inspect(value, { depth: 12, maxStringLength: null, maxArrayLength: null })}\n`,
  )
}

function fault(what: string, error: unknown): void {
  faults.push(`${what}: ${String(error)}`)
  tell(what, error)
}
