import { lookup } from 'node:dns'
import { promisify } from 'node:util'
import type { ConnectionPolicy, Failure, Timings, TransportRequest } from '../../src/http/transport.ts'
import { authority } from '../../src/testing/transport/certificates.ts'
import { guardOf } from '../../src/testing/transport/guards.ts'
import { altered, type Alteration, type BrokenTransport } from './altered-transport.ts'
import { brokenBodies } from './broken-bodies.ts'

function failing(change: (failure: Failure) => Partial<Failure>): Alteration {
  return {
    exchange: (exchange) => (exchange.kind === 'failure' ? { ...exchange, ...change(exchange) } : exchange),
  }
}

function connecting(change: (policy: ConnectionPolicy) => Partial<ConnectionPolicy>): Alteration {
  return {
    request: (request) => ({
      ...request,
      connection: { ...request.connection, ...change(request.connection) },
    }),
  }
}

/** Checks a name by itself, and connects by name: the address may be another then. */
async function checkedBefore(request: TransportRequest): Promise<TransportRequest> {
  const { guard } = request.connection
  const { hostname } = new URL(request.url)
  const [first] = (await promisify(guard.lookup)(hostname, { all: true }).catch(() => [])) as {
    readonly address: string
  }[]
  const refusal = first === undefined ? undefined : guard.refusesAddress(first.address, hostname)
  if (refusal !== undefined) return request
  return { ...request, connection: { guard: { ...guard, refusesAddress: () => undefined } } }
}

const shared: ConnectionPolicy = { guard: guardOf() }
let firstTimings: Timings | undefined

export const brokenTransports: readonly BrokenTransport[] = [
  {
    what: 'decodes the request target',
    create: altered({ request: (request) => ({ ...request, url: request.url.replaceAll('%2f', '/') }) }),
    fails: ['sends the request target byte for byte'],
  },
  {
    what: 'sends a header of its own',
    create: altered({
      request: (request) => ({ ...request, headers: { ...request.headers, 'x-sender': 'me' } }),
    }),
    fails: [
      'sends the given headers byte for byte, those of the connection, and no others',
      'sends no header of its own when none is given',
    ],
  },
  {
    what: 'ends ten times too late', // twice is as good as in time on a busy machine, which has both timers ring at once
    create: altered({ request: (request) => ({ ...request, deadlineMs: request.deadlineMs * 10 }) }),
    fails: [
      'keeps the deadline with a body that drips',
      'keeps the deadline with a receiver that says nothing',
      'keeps the deadline with a receiver that does not read the body',
    ],
  },
  {
    what: 'gives up early',
    create: altered({ request: (request) => ({ ...request, deadlineMs: request.deadlineMs / 2 }) }),
    fails: ['keeps the deadline with headers that drip'],
  },
  {
    what: 'does not hear of an abort',
    create: altered({
      request: (request) => ({ ...request, signal: new AbortController().signal, deadlineMs: 100 }),
    }),
    fails: [
      'ends at once when it is aborted while it waits for the answer',
      'ends at once when it is aborted while the body is sent',
      'ends all that share a signal',
    ],
  },
  {
    what: 'asks no guard',
    create: altered(
      connecting(({ guard }) => ({
        guard: guardOf({ lookup: guard.lookup, proxyFor: (url) => guard.proxyFor(url) }),
      })),
    ),
    fails: [
      'connects to no URL that the guard refuses',
      'connects to no address that the guard refuses, however it is written',
      'connects only to those of the addresses that the guard allows',
      'asks the proxy for nothing that the guard refuses',
    ],
  },
  {
    what: 'checks a name, and looks it up again to connect',
    create: altered({ request: checkedBefore }),
    fails: ['connects to what was checked when a name changes its address at each look-up'],
  },
  {
    what: 'looks names up by itself',
    create: altered(connecting(({ guard }) => ({ guard: { ...guard, lookup } }))),
    fails: ['times each phase of a new connection, and none of a kept-alive one'],
  },
  {
    what: 'opens a connection for each request',
    create: altered(connecting(() => ({}))),
    fails: [
      'keeps a connection alive',
      'keeps a connection alive after each method, with and without a body',
      'is left alone by an abort after its end',
    ],
  },
  {
    what: 'shares connections between policies',
    create: altered({ request: (request) => ({ ...request, connection: shared }) }),
    fails: [
      'uses no connection of another policy',
      'sends nothing over the connection of a policy that allows more',
    ],
  },
  {
    what: 'takes every failure for one that may have arrived',
    create: altered(failing(() => ({ opened: true }))),
    fails: [
      'never opened when a kept-alive connection breaks before any byte of the answer',
      'never opened when a kept-alive connection breaks with a body before any byte of the answer',
      'fails when nothing listens, and never opened',
      'refuses a certificate for another name',
    ],
  },
  {
    what: 'takes no failure for one that may have arrived',
    create: altered(failing(() => ({ opened: false }))),
    fails: [
      'fails when the connection closes without an answer',
      'fails when the connection is reset while the body is sent',
      'may have arrived when a kept-alive connection breaks within the answer',
    ],
  },
  {
    what: 'takes a fault of the proxy for the receiver’s',
    create: altered(failing(({ cause }) => ({ cause: cause === 'proxy' ? 'unreachable' : cause }))),
    fails: ['fails when the proxy cannot be reached'],
  },
  {
    what: 'takes a failure of HTTP/2 for another one',
    create: altered(failing(({ code }) => ({ code: code === 'HTTP2_ONLY' ? 'HPE_INVALID_CONSTANT' : code }))),
    fails: ['tells of a receiver that speaks HTTP/2 alone'],
  },
  {
    what: 'always goes through some proxy',
    create: altered(
      connecting(({ guard }) => ({
        guard: { ...guard, proxyFor: (url) => guard.proxyFor(new URL('/through', url)) },
      })),
    ),
    fails: ['sends to the receiver itself where the guard names no proxy for the URL'],
  },
  {
    what: 'takes what is not HTTP for a broken connection',
    create: altered(failing(({ cause }) => ({ cause: cause === 'protocol' ? 'reset' : cause }))),
    fails: ['fails for headers without an end', 'fails for more than 20 interim answers'],
  },
  {
    what: 'gives the message of the system',
    create: altered(failing(({ code }) => ({ code: `connect ${code} 127.0.0.1:80` }))),
    fails: ['gives codes, and no message, since messages hold addresses'],
  },
  {
    what: 'keeps less of a body',
    create: altered({
      exchange: (exchange) =>
        exchange.kind === 'answer' ? { ...exchange, body: exchange.body.subarray(0, 1000) } : exchange,
    }),
    fails: ['keeps the first 4 KiB of a body', 'does not decompress'],
  },
  {
    what: 'gives the timings of the first request',
    create: altered({
      exchange: (exchange) => ({ ...exchange, timings: (firstTimings ??= exchange.timings) }),
    }),
    fails: ['times each phase of a new connection, and none of a kept-alive one'],
  },
  {
    what: 'trusts another authority',
    create: altered(connecting(({ tls }) => ({ tls: { ...tls, ca: authority } }))),
    fails: [
      'refuses a certificate of an authority that nobody trusts',
      'refuses both whatever NODE_TLS_REJECT_UNAUTHORIZED says',
    ],
  },
  {
    what: 'shows no certificate',
    create: altered(connecting(({ tls }) => ({ tls: { ca: tls?.ca } }))),
    fails: ['shows the certificate of the policy'],
  },
  {
    what: 'goes past the proxy',
    create: altered(connecting(({ guard }) => ({ guard: { ...guard, proxyFor: () => undefined } }))),
    fails: [
      'sends to an http receiver through the proxy in absolute form, and has the proxy look the name up',
      'speaks TLS with the receiver through the proxy, and keeps the tunnel',
      'shows its credentials to the proxy, and to nobody else',
    ],
  },
  {
    what: 'wants every body whole, whatever its status says',
    create: altered({ request: (request) => ({ ...request, statusDecides: undefined }) }),
    fails: [
      'gives an answer whose status decides, when its body has no last chunk',
      'gives an answer whose status decides, when its body drips beyond the deadline',
      'gives an answer whose status decides, and closes the connection, for lines that end with LF alone',
      'gives an answer whose status decides when it is aborted within the body',
    ],
  },
  {
    what: 'takes every status for one that decides',
    create: altered({ request: (request) => ({ ...request, statusDecides: () => true }) }),
    fails: [
      'fails as ever for a status that does not decide',
      'fails when the connection closes in the middle of the body',
    ],
  },
  {
    what: 'sends after it is closed',
    create: altered({ close: () => undefined }),
    fails: ['sends nothing after it is closed, and may be closed again'],
  },
  ...brokenBodies,
]
