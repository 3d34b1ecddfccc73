import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isDirect, parseDirectEntry, type DirectEntry } from '../../src/http/no-proxy.ts'

function covers(entry: string, url: string): boolean {
  return isDirect([parseDirectEntry(entry) as DirectEntry], new URL(url))
}

describe('an entry of NO_PROXY', () => {
  it.each([
    ['example.com', ['http://example.com', 'https://EXAMPLE.com.:8443/x', 'http://a.b.example.com']],
    ['.example.com', ['http://example.com', 'http://a.example.com']],
    ['Example.COM.', ['http://example.com', 'http://a.example.com']],
    ['*.example.com', ['http://a.example.com', 'http://a.b.example.com']],
    ['example.com:8080', ['http://example.com:8080', 'https://a.example.com:8080']],
    ['example.com:443', ['https://example.com']],
    ['bücher.example', ['http://bücher.example', 'http://xn--bcher-kva.example']],
    ['localhost', ['http://localhost:3000']],
    ['*', ['http://example.com', 'https://10.0.0.1', 'http://[::1]:1']],
    ['*:8080', ['http://example.com:8080', 'http://[::1]:8080']],
    ['10.0.0.1', ['http://10.0.0.1', 'http://10.1', 'http://0xa000001']],
    ['10.0.0.1:80', ['http://10.0.0.1']],
    ['10.0.0.0/8', ['http://10.200.3.4:99']],
    ['10.1.2.3/8', ['http://10.200.3.4']],
    ['::1', ['http://[::1]']],
    ['[::1]', ['http://[::1]:80']],
    ['[::1]:8080', ['http://[::1]:8080']],
    ['fd00::/8', ['http://[fd12::1]']],
    ['0.0.0.0/0', ['http://8.8.8.8']],
  ])('%s covers', (entry, urls) => {
    for (const url of urls) expect([url, covers(entry, url)]).toEqual([url, true])
  })

  it.each([
    ['example.com', ['http://badexample.com', 'http://example.com.evil.test', 'http://example.org']],
    ['*.example.com', ['http://example.com', 'http://badexample.com']],
    ['example.com:8080', ['http://example.com', 'http://example.com:8081']],
    ['10.0.0.1', ['http://10.0.0.2', 'http://10.0.0.1.example.com', 'http://[::ffff:10.0.0.1]']],
    ['10.0.0.0/8', ['http://11.0.0.1', 'http://name.of.10.test']],
    ['::1', ['http://[::2]', 'http://127.0.0.1']],
    ['*:8080', ['http://example.com']],
  ])('%s does not cover', (entry, urls) => {
    for (const url of urls) expect([url, covers(entry, url)]).toEqual([url, false])
  })

  it.each([
    '',
    ' ',
    'http://example.com',
    'a b',
    'example.com/x',
    '10.0.0.0/33',
    '10.0.0.0/8/8',
    'a:b',
    'a:0',
    'a:65536',
    '*.',
    '.',
    '*.10.0.0.1',
    'user@host',
    'a..b',
    '192.168.*',
  ])('%j is none', (entry) => {
    expect(parseDirectEntry(entry)).toBeUndefined()
  })

  const label = fc.stringMatching(/^[a-z][a-z\d]{0,8}$/u)
  const name = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.'))
  const port = fc.integer({ min: 1, max: 65_535 })

  it('covers the name and what is below it, at every port or at its own', () => {
    fc.assert(
      fc.property(name, label, port, port, (host, below, at, other) => {
        expect(covers(host, `http://${host}:${at}`)).toBe(true)
        expect(covers(host, `https://${below}.${host}:${at}`)).toBe(true)
        expect(covers(`*.${host}`, `http://${host}:${at}`)).toBe(false)
        expect(covers(`*.${host}`, `http://${below}.${host}:${at}`)).toBe(true)
        expect(covers(host, `http://x${host}:${at}`)).toBe(false)
        expect(covers(`${host}:${at}`, `http://${host}:${other}`)).toBe(at === other)
      }),
    )
  })

  it('covers the addresses of its range, and no others', () => {
    const address = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
    const numberOf = (bytes: readonly number[]): number => bytes.reduce((sum, byte) => sum * 256 + byte, 0)
    fc.assert(
      fc.property(address, address, fc.integer({ min: 0, max: 32 }), (one, other, bits) => {
        const size = 2 ** (32 - bits)
        const isSame = Math.floor(numberOf(one) / size) === Math.floor(numberOf(other) / size)
        expect(covers(`${one.join('.')}/${bits}`, `http://${other.join('.')}/`)).toBe(isSame)
      }),
    )
  })

  it('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.webUrl(), (entry, url) => {
        const parsed = parseDirectEntry(entry)
        if (parsed !== undefined) isDirect([parsed], new URL(url))
      }),
    )
  })
})
