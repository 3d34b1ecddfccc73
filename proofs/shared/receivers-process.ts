/** Receivers that behave as they are told, healthily at first. They tell the parent their ports. `<count>` */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { now } from './clock.ts'
import { listenOnFreePorts } from './free-ports.ts'
import { obeyParent, tellParent } from './parent.ts'
import type { Behaviour, Receipt, ReceiversOrder, ReceiversReport } from './receivers.ts'

const healthyMs = 2
const slowMs = 500

const count = Number(process.argv[2])
const behaviours: Behaviour[] = Array.from({ length: count }, () => 'healthy')
const receipts: Receipt[] = []
let hanging = 0

const servers = behaviours.map((_, hook) => {
  const server = createServer((request, response) => receive(hook, request, response))
  server.keepAliveTimeout = 60_000 // longer than a run: what a receiver closes is not what is measured
  return server
})

function receive(hook: number, request: IncomingMessage, response: ServerResponse): void {
  const at = now()
  request.resume()
  switch (behaviours[hook]) {
    case 'hang':
      hanging += 1
      response.once('close', () => (hanging -= 1))
      return
    case 'fail':
      return answer(response, 500)
    case 'slow':
      setTimeout(answer, slowMs, response, 200)
      return
    case 'healthy':
      receipts.push([hook, versionIn(request.url ?? ''), at])
      setTimeout(answer, healthyMs, response, 200)
      return
    case 'refuse':
    case undefined:
      request.destroy()
  }
}

function answer(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': '0' }).end()
}

function versionIn(url: string): number {
  return Number(/[?&]release=v(\d+)/u.exec(url)?.[1])
}

function behave(hooks: readonly number[], as: Behaviour): void {
  for (const hook of hooks) {
    behaviours[hook] = as
    if (as !== 'refuse') continue
    servers[hook]?.close()
    servers[hook]?.closeAllConnections()
  }
}

function obey(order: ReceiversOrder): void {
  if (order.kind === 'report') return tellParent({ receipts, hanging } satisfies ReceiversReport)
  const ms = order.at - now()
  if (ms > 0) setTimeout(behave, ms, order.hooks, order.as)
  else behave(order.hooks, order.as)
  tellParent('heard')
}

obeyParent((order) => obey(order as ReceiversOrder))
tellParent(await listenOnFreePorts(servers))
