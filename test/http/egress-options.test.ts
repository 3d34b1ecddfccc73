import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/errors.ts'
import { createEgressGuard } from '../../src/http/egress.ts'
import type { EgressOptions } from '../../src/http/egress-options.ts'
import { seenOf } from '../redaction/seen.ts'
import { lookUpName } from '../../src/http/names.ts'

const somewhere = new URL('https://example.com/')

function errorOf(options: unknown): ConfigurationError {
  try {
    createEgressGuard(options as EgressOptions)
  } catch (error) {
    if (error instanceof ConfigurationError) return error
    throw error
  }
  throw new Error('Expected a ConfigurationError.')
}

describe('an entry of allow or deny is refused, with what to write instead', () => {
  it.each([
    ['', 'got an empty string'],
    [' ', 'white space'],
    [' 10.0.0.1', 'write 10.0.0.1.'],
    ['10.0.0.1\n', 'write 10.0.0.1.'],
    ['10.0.0.0 /8', 'white space'],
    ['exa mple.com', 'white space'],
    ['example.com\0', 'control character'],
    ['10.1.2.3/8', 'write 10.0.0.0/8, or 10.1.2.3 for that address alone'],
    ['255.255.255.255/0', 'write 0.0.0.0/0,'],
    ['10.1.2.3/31', 'write 10.1.2.2/31,'],
    ['fd00::1/8', 'write fd00::/8, or fd00::1 for'],
    ['FD00:0::1:0:0:1/64', 'write fd00::/64, or fd00::1:0:0:1 for'],
    ['10.0.0.0/33', '0 to 32'],
    ['10.0.0.0/', '0 to 32'],
    ['10.0.0.0/08', '0 to 32'],
    ['10.0.0.0/-1', '0 to 32'],
    ['10.0.0.0/8.0', '0 to 32'],
    ['10.0.0.0/0x8', '0 to 32'],
    ['10.0.0.0/255.0.0.0', '0 to 32'],
    ['10.0.0.0/8/8', '0 to 32'],
    ['fd00::/129', '0 to 128'],
    ['0x7f.1', 'this one means 127.0.0.1.'],
    ['010.0.0.1', 'this one means 8.0.0.1.'],
    ['127.1', 'this one means 127.0.0.1.'],
    ['2130706433', 'this one means 127.0.0.1.'],
    ['127.0.0.1.', 'this one means 127.0.0.1.'],
    ['１２７.０.０.１', 'this one means 127.0.0.1.'],
    ['010.0.0.0/8', 'this one means 8.0.0.0.'],
    ['127.1/32', 'this one means 127.0.0.1.'],
    ['256.0.0.1', 'got none of them'],
    ['1.2.3.4.5', 'got none of them'],
    ['fe80::1%eth0', 'write fe80::1.'],
    ['fe80::%eth0/64', 'write fe80::.'],
    ['exam%70le.com', 'got a %'],
    ['[::1]', 'write ::1.'],
    ['[::1]:80', 'write ::1.'],
    ['[', 'got a bracket'],
    ['[example.com]', 'got a bracket'],
    ['10.0.0.1:80', 'port'],
    ['example.com:443', 'port'],
    ['http://10.0.0.1', 'write 10.0.0.1.'],
    ['https://Example.com:8443/x?y', 'write its host alone.'],
    ['https://[::1]/', 'write ::1.'],
    ['http://', 'got a URL: write its host alone.'],
    ['example.com/hook', 'got a path'],
    ['/', 'got a path'],
    ['*', '0.0.0.0/0 and ::/0'],
    ['*.', 'got none of them'],
    ['*.*.example', 'got none of them'],
    ['a.*.example', 'got none of them'],
    ['*example.com', 'got none of them'],
    ['.example.com', 'got none of them'],
    ['example..com', 'got none of them'],
    ['example.com..', 'got none of them'],
    ['.', 'got none of them'],
    ['*.10.0.0.1', 'got an address'],
    ['user@example.com', 'got none of them'],
    ['example.com?x', 'got none of them'],
    ['example.com#x', 'got none of them'],
    ['example.com\\x', 'got none of them'],
    ['exa$mple.com', 'got none of them'],
    ['a.127', 'got none of them'],
    ['\uD800.example', 'got none of them'],
    [`${'a'.repeat(64)}.example`, 'got none of them'],
    [`${'a.'.repeat(127)}example`, 'got none of them'],
    ['::1::', 'got none of them'],
    ['12345::', 'got none of them'],
  ])('%j: %s', (entry, message) => {
    expect(errorOf({ allow: ['10.0.0.0/8', entry] })).toMatchObject({
      code: 'option_invalid',
      option: 'egress.allow[1]',
      message: expect.stringContaining(message) as string,
    })
    expect(errorOf({ deny: [entry] })).toMatchObject({ code: 'option_invalid', option: 'egress.deny[0]' })
  })

  it('without its text, which may be a URL with a password', () => {
    for (const entry of [
      'https://user:s3cret@example.com/s3cret',
      'user:s3cret@example.com',
      'x://s3cret',
      's3cret@x',
      's3cret/8',
      '*.s3cret!',
    ]) {
      expect(errorOf({ allow: [entry] }).message).not.toContain('s3cret')
    }
  })

  it.each([
    '10.0.0.1',
    '0.0.0.0/0',
    '10.0.0.0/8',
    '10.0.0.1/32',
    '::/0',
    '::1/128',
    'FD00:0:0::/8',
    '::ffff:10.0.0.1',
    '::ffff:10.0.0.0/104',
    'localhost',
    'a_b',
    'Example.com.',
    'bücher.example',
    '*.internal.example',
    '*.com',
    'xn--bcher-kva.example',
    '1e100.example',
  ])('but %j is taken', (entry) => {
    expect(() => createEgressGuard({ allow: [entry], deny: [entry] })).not.toThrow()
  })
})

describe('other options', () => {
  it.each([
    [{ allow: '10.0.0.0/8' }, 'egress.allow'],
    [{ allow: [10] }, 'egress.allow[0]'],
    [{ allow: ['10.0.0.1', null] }, 'egress.allow[1]'],
    [{ deny: {} }, 'egress.deny'],
    [{ ports: [] }, 'egress.ports'],
    [{ ports: [0] }, 'egress.ports[0]'],
    [{ ports: [443, 65_536] }, 'egress.ports[1]'],
    [{ ports: [80.5] }, 'egress.ports[0]'],
    [{ ports: ['443'] }, 'egress.ports[0]'],
    [{ httpsOnly: 1 }, 'egress.httpsOnly'],
    [{ proxy: 1 }, 'egress.proxy'],
    [{ proxy: { ftp: 'http://proxy:3128' } }, 'egress.proxy.ftp'],
    [{ proxy: { http: 'http://proxy:3128', https: 'https://proxy:3128' } }, 'egress.proxy.https'],
    [{ proxy: { http: 'socks5://proxy:1080' } }, 'egress.proxy.http'],
    [{ noProxy: 'localhost' }, 'egress.noProxy'],
    [{ noProxy: ['localhost', 'http://localhost'] }, 'egress.noProxy[1]'],
    [{ lookup: {} }, 'egress.lookup'],
    [{ alow: [] }, 'egress.alow'],
    [null, 'egress'],
    ['10.0.0.0/8', 'egress'],
  ])('%j is refused as %s', (options, option) => {
    expect(errorOf(options)).toMatchObject({ code: 'option_invalid', option })
  })

  it('are told of all that is wrong in them at once', () => {
    const error = errorOf({
      allow: ['127.1'],
      proxy: { http: 'socks5://proxy:1080', https: 'https://proxy:3128' },
      noProxy: ['localhost', 'http://localhost', 'a b'],
    })
    expect(error.problems.map(({ option }) => option)).toEqual([
      'egress.allow[0]',
      'egress.proxy.http',
      'egress.proxy.https',
      'egress.noProxy[1]',
      'egress.noProxy[2]',
    ])
  })

  it('may be undefined, and are read once', () => {
    const none = {
      allow: undefined,
      deny: undefined,
      ports: undefined,
      httpsOnly: undefined,
      proxy: undefined,
      noProxy: undefined,
    }
    const guard = createEgressGuard({ ...none, lookup: undefined })
    expect(guard.proxyFor(somewhere)).toBeUndefined()
    expect(guard.lookup).toBe(lookUpName)

    const allow = ['10.0.0.0/8']
    const ports = [443]
    const early = createEgressGuard({ allow, ports })
    allow.push('127.0.0.1')
    ports.push(22)
    expect(early.refusesAddress('127.0.0.1', '127.0.0.1')?.code).toBe('EGRESS_LOOPBACK')
    expect(early.refusesUrl(new URL('https://example.com:22/'))?.code).toBe('EGRESS_PORT')
  })

  it('lookup is given out as it came', () => {
    const own: NonNullable<EgressOptions['lookup']> = (_hostname, _options, callback) =>
      callback(null, '127.0.0.1', 4)
    expect(createEgressGuard({ lookup: own }).lookup).toBe(own)
  })
})

describe('a proxy', () => {
  it.each([
    ['http://proxy.internal:3128', 'http://proxy.internal:3128/'],
    ['http://proxy.internal/', 'http://proxy.internal/'],
    ['HTTP://10.0.0.1:8080', 'http://10.0.0.1:8080/'],
    ['http://[::1]:3128', 'http://[::1]:3128/'],
    ['http://user:pass%40word@proxy.internal:3128', 'http://proxy.internal:3128/', 'user', 'pass%40word'],
    ['http://user@proxy.internal', 'http://proxy.internal/', 'user'],
  ])('%s is taken', (proxy, href, username = '', password = '') => {
    const guard = createEgressGuard({ proxy })
    expect(guard.proxyFor(somewhere)?.url.href).toBe(href)
    expect(guard.proxyFor(somewhere)?.credentials()).toEqual({ username, password })
  })

  it('has its credentials where nobody sees them', () => {
    const guard = createEgressGuard({ proxy: 'http://s3cret-user:s3cret-password@proxy.internal:3128' })
    const proxy = guard.proxyFor(somewhere)
    expect(seenOf(proxy).join('')).toContain('proxy.internal')
    for (const text of [...seenOf(guard), ...seenOf(proxy)]) expect(text).not.toContain('s3cret')
  })

  it('may be another one for each scheme, or one for one of them alone', () => {
    const guard = createEgressGuard({ proxy: { http: 'http://a:1', https: 'http://b:2' } })
    expect(guard.proxyFor(new URL('http://example.com'))?.url.host).toBe('a:1')
    expect(guard.proxyFor(new URL('https://example.com'))?.url.host).toBe('b:2')
    const secure = createEgressGuard({ proxy: { https: 'http://b:2' } })
    expect(secure.proxyFor(new URL('http://example.com'))).toBeUndefined()
    expect(secure.proxyFor(new URL('https://example.com'))?.url.host).toBe('b:2')
  })

  it('is not used where `noProxy` says so', () => {
    const guard = createEgressGuard({
      proxy: 'http://proxy:3128',
      noProxy: ['.internal.example', '10.0.0.0/8'],
    })
    for (const url of ['http://ci.internal.example/', 'https://internal.example/', 'http://10.1.2.3:8080/'])
      expect(guard.proxyFor(new URL(url))).toBeUndefined()
    for (const url of ['http://internal.example.com/', 'https://11.0.0.1/'])
      expect(guard.proxyFor(new URL(url))?.url.host).toBe('proxy:3128')
  })

  it.each([
    ['', 'does not start with http://'],
    ['s3cret', 'does not start with http://'],
    ['s3cret.internal:3128', 'does not start with http://'],
    ['socks5://user:s3cret@proxy:1080', 'does not start with http://'],
    ['http:s3cret', 'does not start with http://'],
    ['https://user:s3cret@proxy.internal:3128', 'TLS to the proxy itself is not supported'],
    ['http://', 'got none'],
    ['http:///s3cret', 'got none'],
    ['http://user:s3cret@', 'cannot be parsed'],
    ['http://user:s3cret@proxy:99999', 'cannot be parsed'],
    ['http://user:s3cret@exa<mple', 'cannot be parsed'],
    ['http://user:s3cret@proxy.internal:3128/x', 'a path'],
    ['http://user:s3cret@proxy.internal:3128/.', 'a path'],
    ['http://user:s3cret@proxy.internal:3128//', 'a path'],
    ['http://user:s3cret@proxy.internal:3128\\', 'a path'],
    ['http://user:s3cret@proxy.internal:3128?', 'a query'],
    ['http://user:s3cret@proxy.internal:3128#', 'a fragment'],
    ['http://user:s3/cret@proxy.internal:3128', 'a path'],
    [' http://user:s3cret@proxy.internal', 'white space'],
    ['http://user:s3 cret@proxy.internal', 'white space'],
    ['http://user:s3cret%@proxy.internal', '%25'],
    ['http://s3cret%zz:x@proxy.internal', '%25'],
  ])('%s is refused, and not shown', (proxy, message) => {
    const error = errorOf({ proxy })
    expect(error).toMatchObject({ code: 'option_invalid', option: 'egress.proxy' })
    expect(error.message).toContain(message)
    expect(`${error.message}${JSON.stringify(error)}`).not.toContain('s3cret')
    expect(error.cause).toBeUndefined()
  })

  it('leaves what the URL shows to the guard', () => {
    const guard = createEgressGuard({ proxy: 'http://10.0.0.1:3128' })
    expect(guard.refusesUrl(new URL('http://127.0.0.1/'))?.code).toBe('EGRESS_LOOPBACK')
    expect(guard.refusesUrl(new URL('http://localhost/'))?.code).toBe('EGRESS_LOOPBACK')
    expect(guard.refusesUrl(new URL('http://metadata/'))?.code).toBe('EGRESS_METADATA')
    expect(guard.refusesUrl(new URL('http://example.com/'))).toBeUndefined()
  })
})
