import type { Afterwards, Behaviours, Exchange } from './exchange.ts'

/** Faults of the message: bytes that are no HTTP/1.1, or that two parsers read in two ways. */
export const malformed: Behaviours<
  | 'invalid-content-length'
  | 'differing-content-lengths'
  | 'content-length-and-chunked'
  | 'chunk-size-overflow'
  | 'nul-in-headers'
  | 'invalid-status'
  | 'not-http'
  | 'no-content-with-body'
  | 'two-answers'
  | 'switching-protocols'
> = {
  'invalid-content-length': always('HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\nok', 'close'),
  'differing-content-lengths': always(
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!',
    'close',
  ),
  'content-length-and-chunked': always(
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    'keep',
  ),
  'chunk-size-overflow': always(
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'F'.repeat(17)}\r\nok`,
    'hold',
  ),
  'nul-in-headers': always('HTTP/1.1 200 OK\r\nX-Nul: a\0b\r\nContent-Length: 2\r\n\r\nok', 'keep'),
  'invalid-status': always('HTTP/1.1 banana\r\nContent-Length: 2\r\n\r\nok', 'close'),
  'not-http': always('ok\n', 'close'),
  'no-content-with-body': always('HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello', 'keep'),
  'two-answers': always(
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\nno',
    'keep',
  ),
  'switching-protocols': always(
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x-unknown\r\n\r\n',
    'hold',
  ),
}

function always(bytes: string, afterwards: Afterwards): (exchange: Exchange) => Promise<Afterwards> {
  const answer = Buffer.from(bytes, 'latin1')
  return async (exchange) => {
    await exchange.readRequest()
    await exchange.wire.write(answer)
    return afterwards === 'keep' && !exchange.persistent ? 'close' : afterwards
  }
}
