import type { Behaviours, Exchange } from './exchange.ts'
import type { WholeFault } from './fault.ts'

/** Faults that take time: what a deadline is for. */
export const slow: Behaviours<'latency' | 'drip-headers' | 'drip-body' | 'black-hole' | 'never-closes'> = {
  latency: async (exchange, { ms }) => {
    const answer = await exchange.answer()
    await exchange.wire.wait(ms)
    return exchange.send(answer)
  },

  'drip-headers': async (exchange, fault) => {
    if (fault.endless) {
      await exchange.readRequest()
      await exchange.wire.write('HTTP/1.1 200 OK\r\nX-Endless: ')
      for (;;) await drip(exchange, fault, Buffer.alloc(fault.bytes, 'x'))
    }
    const answer = await exchange.answer()
    await drip(exchange, fault, answer.head)
    return exchange.sendBody(answer)
  },

  'drip-body': async (exchange, fault) => {
    if (fault.endless) {
      await exchange.readRequest()
      await exchange.wire.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
      const chunk = Buffer.from(`${fault.bytes.toString(16)}\r\n${'x'.repeat(fault.bytes)}\r\n`)
      for (;;) await drip(exchange, { ...fault, bytes: chunk.length }, chunk)
    }
    const answer = await exchange.answer()
    await exchange.wire.write(answer.head)
    for await (const bytes of answer.body) await drip(exchange, fault, bytes)
    return exchange.after(answer)
  },

  'black-hole': async (exchange) => {
    await exchange.readRequest()
    return 'hold'
  },

  'never-closes': async (exchange) => {
    await exchange.readRequest()
    await exchange.wire.write('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nok')
    return 'hold'
  },
}

async function drip(
  { wire }: Exchange,
  { bytes: size, everyMs }: WholeFault<'drip-headers' | 'drip-body'>,
  bytes: Buffer,
): Promise<void> {
  for (let sent = 0; sent < bytes.length; sent += size) {
    await wire.write(bytes.subarray(sent, sent + size))
    await wire.wait(everyMs)
  }
}
