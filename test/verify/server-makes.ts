import { once } from 'node:events'
import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import express from 'express'
import { fastify, type FastifyRequest } from 'fastify'
import { Hono } from 'hono'
import type { Receiver } from '../../src/verify/handler.ts'
import type { RequestLike } from '../../src/verify/request.ts'

/** A request as it goes over the wire: header names and values in turn, repeated ones included. */
export interface WireRequest {
  readonly method: string
  readonly url: string
  readonly headers: readonly string[]
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

interface RunningServer extends AsyncDisposable {
  send(request: WireRequest): Promise<Answer>
}

/** One kind of server that a receiver may stand in. */
export interface ServerMake {
  readonly name: string
  /** The status when `onRelease` fails is the framework's, not the receiver's: Express's error handler. */
  readonly answersFailures: 'receiver' | 'framework'
  readonly start: (receiver: Receiver) => Promise<RunningServer>
}

/** Where the frameworks that route have the receiver. */
const path = '/api/hooks/deploy'

export const serverMakes: readonly ServerMake[] = [
  {
    name: 'node:http',
    answersFailures: 'receiver',
    start: (receiver) =>
      listening(
        createServer((request, response) => {
          void receiver.node(request, response)
        }),
      ),
  },
  {
    name: 'Express, at the root',
    answersFailures: 'framework',
    start: (receiver) => listening(createServer(express().use(receiver.node))),
  },
  {
    name: 'Express, mounted where the URL is shortened',
    answersFailures: 'framework',
    start: (receiver) => {
      const router = express.Router().use('/hooks/deploy', receiver.node)
      return listening(createServer(express().use('/api', router)))
    },
  },
  {
    name: 'Express, behind express.json() and express.urlencoded()',
    answersFailures: 'framework',
    start: (receiver) => {
      const app = express().use(express.json(), express.urlencoded({ extended: true }))
      return listening(createServer(app.all(path, receiver.node)))
    },
  },
  {
    name: 'Fastify, with its raw request',
    answersFailures: 'receiver',
    start: (receiver) => fastifyServer(receiver, ({ raw }) => raw),
  },
  {
    name: 'Fastify, with its own request',
    answersFailures: 'receiver',
    start: (receiver) => fastifyServer(receiver, (request) => request),
  },
  {
    name: 'Hono, on Node',
    answersFailures: 'receiver',
    async start(receiver) {
      const server = serve({ fetch: honoApp(receiver).fetch, port: 0, hostname: '127.0.0.1' })
      if (!server.listening) await once(server, 'listening')
      return running(server as Server)
    },
  },
  {
    name: 'Hono, called directly',
    answersFailures: 'receiver',
    start: async (receiver) => inProcess(async (request) => honoApp(receiver).request(request)),
  },
  {
    name: 'a Fetch handler',
    answersFailures: 'receiver',
    start: async (receiver) => inProcess(receiver.fetch),
  },
]

async function fastifyServer(
  receiver: Receiver,
  requestOf: (request: FastifyRequest) => RequestLike,
): Promise<RunningServer> {
  const app = fastify()
  app.all(path, async (request, reply) => {
    reply.hijack()
    await receiver.node(requestOf(request), reply.raw)
  })
  await app.ready()
  return listening(app.server)
}

function honoApp(receiver: Receiver): Hono {
  return new Hono().all(path, (context) => receiver.fetch(context.req.raw))
}

async function listening(server: Server): Promise<RunningServer> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return running(server)
}

function running(server: Server): RunningServer {
  const { port } = server.address() as AddressInfo
  return {
    send: (request) => sent(port, request),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** With node:http, whose headers may be given as a list: fetch joins repeated ones. */
async function sent(port: number, { method, url, headers }: WireRequest): Promise<Answer> {
  const request = httpRequest({
    port,
    host: '127.0.0.1',
    method,
    path: url,
    headers: ['Host', `127.0.0.1:${port}`, 'Content-Length', '0', ...headers],
    agent: false,
  })
  request.end()
  const [response] = await once(request, 'response')
  let body = ''
  for await (const chunk of response.setEncoding('utf8')) body += chunk
  return { status: response.statusCode, headers: new Headers(response.headers), body }
}

function inProcess(handle: (request: Request) => Promise<Response>): RunningServer {
  return {
    async send({ method, url, headers }) {
      const request = new Request(`http://127.0.0.1${url}`, { method })
      for (let index = 0; index < headers.length; index += 2) {
        request.headers.append(headers[index] ?? '', headers[index + 1] ?? '')
      }
      const response = await handle(request)
      return { status: response.status, headers: response.headers, body: await response.text() }
    },
    async [Symbol.asyncDispose]() {},
  }
}
