import { EventEmitter } from 'node:events'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bodyOfFetch, bodyOfNode } from '../../../src/verify/standard/read-body.ts'

const headers = {}

function* bytes(count: number): Generator<Uint8Array> {
  for (let sent = 0; sent < count; sent += 1) yield Buffer.from('x')
}

function nodeRequest(pieces: Iterable<Uint8Array>): Parameters<typeof bodyOfNode>[0] {
  const stream = Object.assign(new EventEmitter(), { headers })
  setImmediate(() => {
    for (const piece of pieces) stream.emit('data', piece)
    stream.emit('end')
  })
  return stream
}

function fetchRequest(pieces: Iterable<Uint8Array>): Request {
  const body = ReadableStream.from(pieces)
  return new Request('http://localhost/', { method: 'POST', body, duplex: 'half' })
}

const ways = {
  Node: (pieces: Iterable<Uint8Array>, limit: number) => bodyOfNode(nodeRequest(pieces), limit),
  Fetch: (pieces: Iterable<Uint8Array>, limit: number) => bodyOfFetch(fetchRequest(pieces), limit),
}

describe.each(Object.entries(ways))('a body that comes in pieces, to %s', (_, read) => {
  it('is put together, whatever they are, and refused when it is too large', async () => {
    const piece = fc.uint8Array({ maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(fc.array(piece), fc.integer({ min: 0, max: 300 }), async (pieces, limit) => {
        const whole = Buffer.concat(pieces)
        const body = read(pieces, limit)
        if (whole.length > limit) await expect(body).rejects.toMatchObject({ code: 'body_too_large' })
        else expect(await body).toEqual(whole)
      }),
    )
  })

  it('is not copied into what a piece was read into', async () => {
    const shared = Buffer.from('first and what stands behind it')
    await read([shared.subarray(0, 5), Buffer.from(' second')], 100)
    expect(shared.toString()).toBe('first and what stands behind it')
  })

  it('takes the memory of a body, and not of a million pieces', async () => {
    const before = process.memoryUsage()
    const body = await read(bytes(1_000_000), 1_048_576)
    const after = process.memoryUsage()
    expect(body.length).toBe(1_000_000)
    const taken = after.heapUsed - before.heapUsed + after.external - before.external
    expect(taken).toBeLessThan(64_000_000)
  })
})
