import { Readable } from 'node:stream'
import { createGzip, gzipSync } from 'node:zlib'
import type { Behaviours, Exchange } from './exchange.ts'

const inflatedBytes = 128 * 1024 * 1024
const piece = Buffer.alloc(64 * 1024)

let bomb: Promise<Buffer> | undefined

/** Faults of a compressed body: for senders that inflate. */
export const compressed: Behaviours<'gzip-bomb' | 'broken-gzip'> = {
  'gzip-bomb': async (exchange) => {
    bomb ??= makeBomb()
    await sendGzip(exchange, await bomb)
    return exchange.persistent ? 'keep' : 'close'
  },

  'broken-gzip': async (exchange) => {
    const whole = gzipSync('a body of some length, which breaks off')
    await sendGzip(exchange, whole.subarray(0, whole.length / 2))
    return exchange.persistent ? 'keep' : 'close'
  },
}

async function sendGzip(exchange: Exchange, body: Buffer): Promise<void> {
  await exchange.readRequest()
  const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`
  await exchange.wire.write(head)
  if (exchange.method !== 'HEAD') await exchange.wire.write(body)
}

/** Made once a process, piece by piece: 128 MiB are never held. */
async function makeBomb(): Promise<Buffer> {
  const zeros = Array.from({ length: inflatedBytes / piece.length }, () => piece)
  return Buffer.concat(
    await Readable.from(zeros)
      .pipe(createGzip({ level: 9 }))
      .toArray(),
  )
}
