/*
 * A controller whose process is traced by OpenTelemetry: http, undici, net and dns. It sends to every target, one of each kind of receiver,
 * and prints what its exporters were given.
 */
import { recorded } from './instrumented.ts'
import http from 'node:http'
import type { Socket } from 'node:net'
import type { HookOptions } from '../../src/hooks/options.ts'
import type { DispatcherOptions } from '../../src/index.ts'
import { freePort, listening, startHttp } from '../loopback.ts'
import { everyTarget } from '../targets/every-target.ts'
import { impatient, send } from '../targets/sending.ts'

const [, , kind = ''] = process.argv

// After the patches, as a controller's own code is.
const { gotTransport } = await import('../../src/index.ts')
const { undiciTransport } = await import('../../src/http/undici-transport.ts')
const create = kind === 'undici' ? undiciTransport : gotTransport

/** Takes everything, and answers what targets look for, and where it all came from. */
const received: string[] = []
await using server = await startHttp((request, response) => {
  let body = ''
  request.on('data', (chunk: Buffer) => (body += chunk.toString()))
  request.on('end', () => {
    received.push([request.method, request.url, ...request.rawHeaders, body].join(' '))
    const id = { id: '7', status: 'queued', state: 'pending' }
    response.writeHead(201, { 'content-type': 'application/json', location: request.url ?? '' })
    response.end(
      JSON.stringify({ ...id, deployment: id, deploy: id, job: id, success: true, deploymentId: '7' }),
    )
  })
})

const behind = http.createServer((_request, response) => response.end('ok'))
const proxy = http.createServer((request, response) => {
  received.push(`proxy ${request.url} ${request.headers['proxy-authorization']}`)
  response.end('ok')
})
proxy.on('connect', (request, socket: Socket) => {
  received.push(`proxy ${request.url} ${request.headers['proxy-authorization']}`)
  socket.write('HTTP/1.1 200 OK\r\n\r\n')
  behind.emit('connection', socket)
})
await using proxied = await listening(proxy)

async function sendTo(
  name: string,
  hook: HookOptions,
  options: Partial<DispatcherOptions> = {},
): Promise<void> {
  const { target } = hook
  const quick =
    target?.poll === undefined ? hook : ({ ...hook, target: impatient(target, 50) } as HookOptions)
  const { attempts } = await send(quick, {}, { transport: create(), ...options })
  received.push(`sent to ${name}, ${attempts.length} attempts`)
}

const hooks = everyTarget(server.origin)
await Promise.all(Object.entries(hooks).map(([name, hook]) => sendTo(name, hook)))

// What fails is recorded in other words.
const { vercel } = everyTarget(`http://127.0.0.1:${await freePort()}`)
await sendTo('nobody', vercel as HookOptions)
const { netlify } = everyTarget(`http://localhost:${server.port}`)
await sendTo('a name', netlify as HookOptions, { egress: { allow: ['localhost'] } })
const { slack } = everyTarget('http://hooks.receiver.example')
await sendTo('a proxy', slack as HookOptions, {
  egress: { proxy: `http://user:mk4KeySecret08b2ff@127.0.0.1:${proxied.port}` },
})

// The host's own requests are recorded as ever, behind all those.
await new Promise<void>((resolve, reject) => {
  http.get(`${server.origin}/of-the-host`, (answer) => answer.resume().on('end', resolve)).on('error', reject)
})
await (await fetch(`${server.origin}/fetched-by-the-host`)).text()

console.log(JSON.stringify({ ...(await recorded()), received, targets: Object.keys(hooks) }))
