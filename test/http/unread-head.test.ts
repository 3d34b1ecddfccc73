import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxHeaderBytes } from '../../src/http/transport.ts'
import { UnreadHead } from '../../src/http/unread-head.ts'

function headOf(...pieces: readonly string[]): UnreadHead {
  const head = new UnreadHead()
  for (const piece of pieces) head.add(Buffer.from(piece, 'latin1'))
  return head
}

const end = fc.constantFrom('\n', '\r\n')
const name = fc.constantFrom('X', 'Retry-After', 'Location', 'webhook-delivery', '__proto__')
const value = fc.stringMatching(/^[!-~]{0,9}$/u)
const fields = fc.array(fc.tuple(name, value, end), { maxLength: 5 })
const status = fc.integer({ min: 200, max: 599 })

describe('a head that no parser takes', () => {
  it('says its status and its headers, however its lines end, and however it is cut', () => {
    const cuts = fc.array(fc.nat(200), { maxLength: 4 })
    fc.assert(
      fc.property(status, fields, end, cuts, fc.string(), (status, fields, ended, cuts, body) => {
        const lines = fields.map(([name, value, ended]) => `${name}: ${value}${ended}`)
        const bytes = `HTTP/1.1 ${status} X${ended}${lines.join('')}${ended}${body}`
        const ends = [...cuts, bytes.length].toSorted((one, other) => one - other)
        const pieces = ends.map((end, index) => bytes.slice(ends[index - 1] ?? 0, end))
        const head = headOf(...pieces).read()
        expect(head?.status).toBe(status)
        const first = new Map<string, string>()
        for (const [name, value] of fields)
          if (!first.has(name.toLowerCase())) first.set(name.toLowerCase(), value)
        expect(new Map(Object.entries(head?.headers ?? {}))).toEqual(first)
      }),
    )
  })

  it('never says more than its whole lines do', () => {
    const bytes = 'HTTP/1.1 503 Later\nRetry-After: 120\nWebhook-Delivery: disable\n\n'
    for (let length = 0; length <= bytes.length; length += 1) {
      const head = headOf(bytes.slice(0, length)).read()
      const whole = bytes.slice(0, length).split('\n').length - 1
      expect(head?.status).toBe(whole > 0 ? 503 : undefined)
      expect(head?.headers['retry-after']).toBe(whole > 1 ? '120' : undefined)
      expect(head?.headers['webhook-delivery']).toBe(whole > 2 ? 'disable' : undefined)
    }
  })

  it('is read after interim ones, and after empty lines', () => {
    const interim = 'HTTP/1.1 103 Hint\r\nLocation: /no\r\n\r\n'
    expect(headOf(`\r\n${interim}${interim}\nHTTP/1.1 204 No\n\n`).read()).toEqual({
      status: 204,
      headers: {},
    })
    expect(headOf(interim).read()).toBeUndefined()
    expect(headOf(`${interim}HTTP/1.1 2`).read()).toBeUndefined()
  })

  it('leaves out what is no header of one line', () => {
    const lines = [
      'X: a',
      ' folded',
      'Y',
      'Z : b',
      'N: a\0b',
      'C: a\rb',
      'Set-Cookie: c=1',
      ': d',
      'X: second',
    ]
    expect(headOf(`HTTP/1.1 200 OK\n${lines.join('\n')}\n\n`).read()?.headers).toEqual({ x: 'a' })
  })

  it.each([
    'HTTP/1.1 99 X\n',
    'HTTP/1.1 600 X\n',
    'HTTP/1.1 2000 X\n',
    'HTTP/1.1  200 X\n',
    'HTTP/1.1 200X\n',
    'HTTP/11 200 X\n',
    'http/1.1 200 X\n',
    ' HTTP/1.1 200 X\n',
    'xHTTP/1.1 200 X\n',
    'HTTP/1.1 200 X\rY\n',
    '\n\n',
    '',
  ])('says nothing by %j', (bytes) => {
    expect(headOf(bytes).read()).toBeUndefined()
  })

  it('is read and told of whatever it is', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (pieces) => {
        const head = new UnreadHead()
        for (const piece of pieces) head.add(piece)
        const { status = 200 } = head.read() ?? {}
        expect(status >= 200 && status < 600).toBe(true)
        expect(head.malformed()).toMatch(/^[a-z-]+$/u)
      }),
    )
  })

  it('is kept to a packet behind 64 KiB', () => {
    const packet = 'x'.repeat(60_000)
    const head = headOf('HTTP/1.1 200 OK\nX: ', packet, packet, '\nRetry-After: 5\n', '\n')
    expect(head.read()).toEqual({ status: 200, headers: {} })
    expect(maxHeaderBytes).toBe(65_536)
  })

  it('of thousands of interim ones is read once', () => {
    const head = headOf('HTTP/1.1 103\n\n'.repeat(4600), 'HTTP/1.1 200 OK\n')
    expect(head.read()?.status).toBe(200)
  })
})
