import { gotTransport } from '../../src/http/got-transport.ts'
import type { Answer, Exchange, Transport, TransportRequest } from '../../src/http/transport.ts'
import { altered, type BrokenTransport } from './altered-transport.ts'

type Changed = Partial<TransportRequest>

function sending(change: (request: TransportRequest) => Changed): () => Transport {
  return altered({ request: (request) => ({ ...request, ...change(request) }) })
}

function withBody(change: (body: string, request: TransportRequest) => Changed): () => Transport {
  return sending((request) => (request.body === undefined ? {} : change(request.body, request)))
}

function answering(change: (answer: Answer) => Exchange): () => Transport {
  return altered({ exchange: (exchange) => (exchange.kind === 'answer' ? change(exchange) : exchange) })
}

/** Sends the request again to where a redirect says, as a client for browsing does. */
function following(): Transport {
  const transport = gotTransport()
  return {
    async send(request) {
      const exchange = await transport.send(request)
      if (exchange.kind === 'failure' || exchange.headers.location === undefined) return exchange
      return transport.send({ ...request, url: new URL(exchange.headers.location, request.url).href })
    },
    close: () => transport.close(),
  }
}

/** Requests with a body, and what is kept of an answer. */
export const brokenBodies: readonly BrokenTransport[] = [
  {
    what: 'sends every request as a POST',
    create: sending(() => ({ method: 'POST' })),
    fails: ['sends the method that is given', 'sends neither a body nor its length with a GET'],
  },
  {
    what: 'sends the length of no body with a GET',
    create: sending(({ method, headers }) => ({
      headers: method === 'GET' ? { ...headers, 'content-length': '0' } : headers,
    })),
    fails: ['sends neither a body nor its length with a GET'],
  },
  {
    what: 'sends a body when none is given',
    create: sending(({ body }) => ({ body: body ?? '{}' })),
    fails: ['sends no body', 'sends a length of 0 without a body, and with an empty one'],
  },
  {
    what: 'takes an empty body for null',
    create: withBody((body) => ({ body: body === '' ? 'null' : body })),
    fails: ['sends a length of 0 without a body, and with an empty one'],
  },
  {
    what: 'turns line ends round',
    create: withBody((body) => ({ body: body.replaceAll('\r\n', '\n') })),
    fails: ['sends a body as UTF-8, byte for byte, with its length in bytes'],
  },
  {
    what: 'encodes a body twice',
    create: withBody((body) => ({ body: Buffer.from(body).toString('latin1') })),
    fails: ['sends a body as UTF-8, byte for byte, with its length in bytes'],
  },
  {
    what: 'counts characters for bytes',
    create: withBody((body) => ({
      body: Buffer.from(body).subarray(0, body.length).toString(),
    })),
    fails: ['sends a body as UTF-8, byte for byte, with its length in bytes'],
  },
  {
    what: 'sends the first 64 KiB of a body',
    create: withBody((body) => ({ body: body.slice(0, 65_536) })),
    fails: ['sends a body of 1 MB', 'sends the body after interim answers'],
  },
  {
    what: 'names a type of its own for a body',
    create: withBody((_, { headers }) => ({ headers: { ...headers, 'content-type': 'text/plain' } })),
    fails: [
      'sends no header of its own with a body but its length',
      'sends the type of a body that is given',
    ],
  },
  {
    what: 'follows a redirect',
    create: following,
    fails: ['does not follow a redirect', 'does not send the body to where it is redirected'],
  },
  {
    what: 'takes an answer before the end of the body for a broken connection',
    create: answering((answer) =>
      answer.status === 413
        ? { kind: 'failure', cause: 'reset', code: 'EPIPE', opened: true, timings: answer.timings }
        : answer,
    ),
    fails: [
      'gives the answer of a receiver that does not read the body, and keeps the connection',
      'gives the answer of a receiver that does not read the body, and closes the connection',
    ],
  },
  {
    what: 'loses the body of an answer before the end of the request’s',
    create: answering((answer) => (answer.status === 413 ? { ...answer, body: new Uint8Array() } : answer)),
    fails: ['gives the answer of a receiver that resets the connection after it, or the reset'],
  },
  {
    what: 'times an answer that came before the request was sent',
    create: answering(({ timings, ...answer }) => ({ ...answer, timings: { firstByteMs: 0, ...timings } })),
    fails: ['gives the answer of a receiver that does not read the body, and keeps the connection'],
  },
  {
    what: 'keeps 4 KiB of a body, whatever is asked for',
    create: sending(() => ({ keepBytes: undefined })),
    fails: [
      'keeps as much of a body as is asked for',
      'keeps as much of a body in tiny chunks as is asked for',
      'keeps 64 KiB of a body at most, whatever is asked for',
    ],
  },
  {
    what: 'keeps more of a body than 64 KiB',
    create: answering((answer) => ({ ...answer, body: Buffer.concat([answer.body, Buffer.alloc(1)]) })),
    fails: ['keeps 64 KiB of a body at most, whatever is asked for'],
  },
]
