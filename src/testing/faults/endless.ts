import { setImmediate as turn } from 'node:timers/promises'
import type { Afterwards, Behaviours, Exchange } from './exchange.ts'

const filling = 'x'.repeat(16 * 1024)

/**
 * Faults without an end. Every piece waits until the kernel took the one before, so that the proxy holds one piece for each
 * client, however slowly that reads.
 */
export const endless: Behaviours<
  | 'endless-headers'
  | 'endless-body'
  | 'endless-chunk-extension'
  | 'endless-trailers'
  | 'informational-flood'
  | 'huge-status-line'
> = {
  'endless-headers': forever('HTTP/1.1 200 OK\r\n', `X-Endless: ${'x'.repeat(1000)}\r\n`),

  'endless-body': forever(
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    `${filling.length.toString(16)}\r\n${filling}\r\n`,
  ),

  'endless-chunk-extension': forever(
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;extension=',
    filling,
  ),

  'endless-trailers': forever(
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n',
    `X-Endless: ${'x'.repeat(1000)}\r\n`,
  ),

  'informational-flood': forever(
    '',
    'HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n'.repeat(100),
  ),

  'huge-status-line': async (exchange, { bytes }) => {
    await exchange.readRequest()
    await exchange.wire.write('HTTP/1.1 200 ')
    for (let left = bytes; left > 0; left -= filling.length) {
      await exchange.wire.write(filling.slice(0, left))
      await turn()
    }
    await exchange.wire.write('\r\nContent-Length: 2\r\n\r\nok')
    return exchange.persistent ? 'keep' : 'close'
  },
}

function forever(start: string, again: string): (exchange: Exchange) => Promise<Afterwards> {
  const piece = Buffer.from(again)
  return async (exchange) => {
    await exchange.readRequest()
    await exchange.wire.write(start)
    for (;;) {
      await exchange.wire.write(piece)
      // What the kernel takes at once resolves without a turn of the event loop: a fast client would starve all else.
      await turn()
    }
  }
}
