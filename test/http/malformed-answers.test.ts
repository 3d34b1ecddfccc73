import fc from 'fast-check'
import { expect, it } from 'vitest'
import { gotTransport } from '../../src/http/got-transport.ts'
import type { Exchange, Transport } from '../../src/http/transport.ts'
import { undiciTransport } from '../../src/http/undici-transport.ts'
import { guardOf } from '../../src/testing/transport/guards.ts'
import { startTcp } from '../loopback.ts'
import { runs } from '../runs.ts'

const answers = [
  'HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 2\r\nRetry-After: 7\r\n\r\nok',
  'HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  'HTTP/1.1 103 Hint\r\nLink: a\r\n\r\nHTTP/1.1 204 No\r\nX: y\r\n\r\n',
  'HTTP/1.0 503 Busy\r\nConnection: close\r\n\r\nbusy',
]
const pieces = [
  '',
  '\r',
  '\n',
  '\r\n',
  '\n ',
  '\0',
  '\t',
  ' ',
  ':',
  '2',
  '\xff',
  'Content-Length: 2\r\n',
  'HTTP/1.1 ',
]

/** At a place, some characters are taken away, and others put there. */
const change = fc.record({ at: fc.nat(80), away: fc.nat(3), put: fc.constantFrom(...pieces) })
const malformed = fc
  .tuple(fc.constantFrom(...answers), fc.array(change, { minLength: 1, maxLength: 3 }))
  .map(([answer, changes]) =>
    changes.reduce((text, { at, away, put }) => text.slice(0, at) + put + text.slice(at + away), answer),
  )

function send(transport: Transport, url: string): Promise<Exchange> {
  return transport.send({
    method: 'POST',
    url,
    headers: {},
    deadlineMs: 10_000,
    connection: { guard: guardOf() },
    signal: new AbortController().signal,
    statusDecides: () => true,
  })
}

it('two transports never read two statuses in one answer, and say the same of what they refuse', async () => {
  let bytes = ''
  await using server = await startTcp((socket) => socket.once('data', () => socket.end(bytes, 'latin1')))
  const transports = [gotTransport(), undiciTransport()]
  await fc.assert(
    fc.asyncProperty(malformed, async (text) => {
      bytes = text
      const [one, other] = await Promise.all(transports.map((transport) => send(transport, server.origin)))
      if (one?.kind === 'answer' && other?.kind === 'answer') expect(one.status).toBe(other.status)
      if (one?.kind === 'failure' && other?.kind === 'failure')
        expect([one.cause, one.malformed]).toEqual([other.cause, other.malformed])
      for (const exchange of [one, other])
        if (exchange?.kind === 'answer') expect(text).toContain(` ${exchange.status}`)
    }),
    runs(100),
  )
  for (const transport of transports) transport.close()
})
