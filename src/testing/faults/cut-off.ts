import type { Behaviours } from './exchange.ts'

/** Faults that break the connection off. */
export const cutOff: Behaviours<
  | 'reset'
  | 'reset-after-headers'
  | 'empty-answer'
  | 'early-close'
  | 'half-body'
  | 'no-last-chunk'
  | 'lost-answer'
  | 'stale'
  | 'early-answer'
> = {
  reset: async (exchange) => {
    await exchange.readRequest()
    return 'reset'
  },

  'reset-after-headers': async (exchange) => {
    const { head } = await exchange.answer()
    await exchange.wire.write(head)
    return 'reset'
  },

  'empty-answer': async (exchange) => {
    await exchange.readRequest()
    return 'close'
  },

  'early-close': async (exchange) => {
    await exchange.readRequest()
    await exchange.wire.write('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n')
    return 'close'
  },

  'half-body': async (exchange) => {
    const { head, body, length } = await exchange.answer()
    await exchange.wire.write(head)
    let left = length === undefined ? Infinity : Math.floor(length / 2)
    // Of a body without a length the last piece is held back: of a chunked one, that is its end.
    let held: Buffer | undefined
    for await (const bytes of body) {
      const piece = length === undefined ? held : bytes.subarray(0, left)
      held = bytes
      if (piece !== undefined) await exchange.wire.write(piece)
      left -= piece?.length ?? 0
      if (left === 0) break
    }
    return 'close'
  },

  'no-last-chunk': async (exchange) => {
    await exchange.readRequest()
    await exchange.wire.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n')
    return 'close'
  },

  'lost-answer': async (exchange) => {
    const { body } = await exchange.answer()
    for await (const bytes of body) void bytes
    return 'reset'
  },

  stale: async (exchange) => {
    const afterwards = await exchange.send(await exchange.answer())
    if (afterwards !== 'keep') return afterwards
    await exchange.wire.received()
    return 'reset'
  },

  'early-answer': async (exchange) => {
    await exchange.wire.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    return 'close'
  },
}
