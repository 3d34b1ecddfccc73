import http, { type IncomingMessage } from 'node:http'
import { onTestFinished } from 'vitest'
import { createVerifier } from '../../src/verify/index.ts'
import { listening } from '../loopback.ts'
import { added, hooks, secret } from './hooks.ts'

interface Received {
  /** To whom, and what: `audit: web v5 failed`, or `build: GET /deploy/builds/5`. */
  readonly said: string
  /** As it came. */
  readonly url: string
  /** Of the delivery; absent for a question. */
  readonly id: string | undefined
}

export interface Receivers {
  /** Every request is to go through it. */
  readonly proxy: string
  readonly received: readonly Received[]
}

const verifier = createVerifier({ url: [...hooks, added].map(({ url = '' }) => url), secret })

/** The receivers of all hooks, whose names stand in no DNS, behind a proxy. They take whatever comes, and have done what they are asked for. */
export async function startReceivers(): Promise<Receivers> {
  const received: Received[] = []
  const server = http.createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '') // a proxy is asked in absolute form
    request.url = pathname + search
    received.push(readRequest(request))
    request.resume()
    response.setHeader('content-type', 'application/json')
    response.end(request.method === 'GET' ? '{"status": "done"}' : '{"id": "7"}')
  })
  const loopback = await listening(server)
  onTestFinished(() => loopback[Symbol.asyncDispose]())
  return { proxy: loopback.origin, received }
}

function readRequest(request: IncomingMessage): Received {
  const { method, url = '', headers } = request
  const [name = ''] = (headers.host ?? '').split('.')
  const id = /^"(.+)"$/u.exec(String(headers['idempotency-key']))?.[1]
  return { said: `${name}: ${saidBy(request) ?? `${method} ${url}`}`, url, id }
}

/** A request that is signed is a genuine one. */
function saidBy(request: IncomingMessage): string | undefined {
  if (request.headers.authorization === undefined) return undefined
  const { release } = verifier.verify(request)
  return [release.app, release.version, release.stage].filter((each) => each !== undefined).join(' ')
}
