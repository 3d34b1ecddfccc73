import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { ConfigurationError } from '../../src/errors.ts'
import { createVerifier, type VerifierOptions } from '../../src/verify/verifier.ts'
import type { VerifyResult } from '../../src/verify/result.ts'
import type { RequestLike } from '../../src/verify/request.ts'
import { hookUrl as anyHookUrl, release as anyRelease } from '../arbitraries.ts'
import { delivery, hookUrl, release, secret } from './delivery.ts'
import { runs } from '../runs.ts'

const genuine = delivery()

/** `ok`, or the code: what a verifier says to a request. */
function verdict(options: Partial<VerifierOptions>, request: RequestLike = genuine): string {
  return said(createVerifier({ url: hookUrl, secret, ...options }).safeVerify(request))
}

function said(result: VerifyResult): string {
  return result.ok ? 'ok' : result.code
}

function matched(options: Partial<VerifierOptions>, request: RequestLike): unknown {
  return createVerifier({ url: hookUrl, secret, ...options }).verify(request).matched
}

describe('a genuine delivery', () => {
  it('verifies, with the release that was signed', () => {
    const hook = createVerifier({ url: hookUrl, secret }).verify(genuine)

    expect(hook).toEqual({
      release,
      key: genuine.headers.authorization,
      digest: genuine.headers.authorization,
      matched: { secret: 0, url: 0, form: 'wire' },
    })
  })

  it('verifies at whatever host and path it arrived, since both may have been changed on the way', () => {
    const query = genuine.url.slice(genuine.url.indexOf('?'))

    for (const base of ['/', '', '/deploy', 'http://10.0.0.7:3000/deploy', '*']) {
      expect(verdict({}, { ...genuine, url: base + query })).toBe('ok')
    }
  })

  it('verifies by the URL before a router shortened it', () => {
    expect(verdict({}, { ...genuine, url: '/', originalUrl: genuine.url })).toBe('ok')
    expect(verdict({}, { ...genuine, originalUrl: '/deploy?app=other' })).toBe('signature_mismatch')
  })

  it('verifies with an absolute URL, as proxies and Fetch have it', () => {
    expect(verdict({}, { ...genuine, url: `https://hooks.example.com${genuine.url}` })).toBe('ok')
    expect(verdict({}, new Request(`http://127.0.0.1${genuine.url}`, genuine))).toBe('ok')
  })

  it('verifies for any hook URL, release, dialect and algorithm', () => {
    fc.assert(
      fc.property(
        anyHookUrl,
        anyRelease,
        fc.constantFrom('native' as const, 'deis' as const),
        fc.constantFrom('sha1' as const, 'sha256' as const),
        (url, release, dialect, algorithm) => {
          const request = delivery({ url, release, dialect, algorithm })

          expect(createVerifier({ url, secret, algorithm }).verify(request).release).toEqual(release)
        },
      ),
      runs(400),
    )
  })

  it('is the same by `safeVerify` as by `verify`', () => {
    const verifier = createVerifier({ url: hookUrl, secret })

    expect(verifier.safeVerify(genuine)).toEqual({ ok: true, hook: verifier.verify(genuine) })
    expect(verifier.safeVerify({ url: '/', headers: {} })).toEqual({
      ok: false,
      code: 'authorization_missing',
      status: 401,
    })
  })

  it.each([
    ['the app', 'app=secure-woodland', 'app=another'],
    ['the version', 'release=v4', 'release=v5'],
    ['an empty addition', 'app=', '&app='],
    ['an unsigned addition', 'app=', 'admin=1&app='],
    ['the encoding of one letter', 'app=s', 'app=%73'],
  ])('does not verify once %s was changed', (_what, from, to) => {
    expect(verdict({}, { ...genuine, url: genuine.url.replace(from, to) })).toBe('signature_mismatch')
  })
})

interface Vector {
  readonly name: string
  readonly secret: string
  readonly base_url: string
  readonly url: string
  readonly sha1: string
  readonly sha256: string
}
const vectors: readonly Vector[] = JSON.parse(
  readFileSync(new URL('../vectors/deis.json', import.meta.url), 'utf8'),
).vectors

describe('what Deis signed, and an HTTP client then sent', () => {
  // Deis signs these too, but nothing can be proven with them: a verifier refuses them at construction.
  const usable = vectors.filter(({ base_url: url, secret: key }) => key !== '' && !/#|@|^ /u.test(url))

  it('is most of the vectors', () => {
    expect(usable.length).toBeGreaterThan(35)
  })

  it.each(usable)('verifies: $name', (vector) => {
    const { pathname, search } = new URL(vector.url)
    for (const algorithm of ['sha1', 'sha256'] as const) {
      const options = { url: vector.base_url, secret: vector.secret, algorithm }
      const request = { url: pathname + search, headers: { authorization: vector[algorithm] } }

      expect(verdict(options, request)).toBe('ok')
    }
  })
})

/** Each character another one, which becomes the right one when it is cut to a byte. */
function withHighBytes(text: string): string {
  return Array.from(text, (character) => String.fromCharCode(character.charCodeAt(0) + 0x100)).join('')
}

describe('the Authorization value', () => {
  const withValue = (...values: readonly unknown[]): RequestLike =>
    ({ ...genuine, headers: { authorization: values } }) as RequestLike
  const right = genuine.headers.authorization

  it.each([
    ['missing', 'authorization_missing', []],
    ['empty', 'authorization_malformed', ['']],
    ['repeated', 'authorization_repeated', [right, right]],
    ['repeated, the first one wrong', 'authorization_repeated', ['0'.repeat(64), right]],
    ['repeated, the second one empty', 'authorization_repeated', [right, '']],
    ['joined by a comma', 'authorization_repeated', [`${right}, ${right}`]],
    ['in upper case', 'authorization_malformed', [right.toUpperCase()]],
    ['behind a scheme', 'authorization_malformed', [`Bearer ${right}`]],
    ['behind a prefix', 'authorization_malformed', [`sha256=${right}`]],
    ['of 63 digits', 'signature_mismatch', [right.slice(1)]],
    ['of 65 digits', 'signature_mismatch', [`${right}0`]],
    ['of one digit', 'signature_mismatch', ['0']],
    ['of 100,000 digits', 'signature_mismatch', ['0'.repeat(100_000)]],
    ['of 64 characters that take more bytes', 'authorization_malformed', ['é'.repeat(64)]],
    ['of other characters with the right low bytes', 'authorization_malformed', [withHighBytes(right)]],
    ['of full-width digits', 'authorization_malformed', ['０'.repeat(64)]],
    ['ended by a line break', 'authorization_malformed', [`${right}\n`]],
    ['wrong', 'signature_mismatch', ['0'.repeat(64)]],
    ['a number', 'request_malformed', [1]],
    ['an object', 'request_malformed', [{ toString: () => right }]],
  ])('%s: %s', (_what, code, values) => {
    expect(verdict({}, withValue(...values))).toBe(code)
  })

  it('is not completed by what was compared before', () => {
    const verifier = createVerifier({ url: hookUrl, secret })
    const codeOf = (value: string): unknown => verifier.safeVerify(withValue(value))
    for (const value of [
      right.slice(0, 63),
      `${right.slice(0, 63)}é`,
      `${right.slice(0, 62)}é`,
      `${right}0`,
      '',
    ]) {
      expect(codeOf(right)).toMatchObject({ ok: true })
      expect(codeOf(value)).toMatchObject({ ok: false })
    }
  })

  it('counts over differently spelled names, and over the raw headers of which Node keeps one', () => {
    const headers = { authorization: right, Authorization: right }
    const rawHeaders = ['Host', 'x', 'Authorization', right, 'authorization', right]

    expect(verdict({}, { ...genuine, headers })).toBe('authorization_repeated')
    expect(verdict({}, { ...genuine, rawHeaders })).toBe('authorization_repeated')
    expect(verdict({}, { ...genuine, raw: { rawHeaders } })).toBe('authorization_repeated')
  })

  it('is found under any spelling of its name', () => {
    for (const name of ['authorization', 'Authorization', 'AUTHORIZATION']) {
      expect(verdict({}, { ...genuine, headers: { [name]: right } })).toBe('ok')
      expect(verdict({}, { ...genuine, headers: {}, rawHeaders: [name, right] })).toBe('ok')
    }
  })
})

describe('the algorithm', () => {
  it('is pinned: a valid signature of the other one is refused', () => {
    const sha1 = delivery({ algorithm: 'sha1' })

    expect(verdict({ algorithm: 'sha1' }, sha1)).toBe('ok')
    expect(verdict({ algorithm: 'sha256' }, sha1)).toBe('signature_mismatch')
    expect(verdict({ algorithm: 'sha1' }, genuine)).toBe('signature_mismatch')
    expect(verdict({ algorithm: 'sha256' }, genuine)).toBe('ok')
  })
})

describe('several secrets', () => {
  it('are all accepted, and `matched` tells which one it was', () => {
    const keys = ['the new one', secret]

    expect(matched({ secret: keys }, genuine)).toMatchObject({ secret: 1 })
    expect(matched({ secret: keys }, delivery({ secret: 'the new one' }))).toMatchObject({ secret: 0 })
    expect(verdict({ secret: ['the new one'] })).toBe('signature_mismatch')
  })

  it('are not trimmed', () => {
    expect(verdict({ secret: `${secret} ` })).toBe('signature_mismatch')
    expect(verdict({ secret: ` ${secret}` }, delivery({ secret: ` ${secret}` }))).toBe('ok')
  })
})

describe('several URLs', () => {
  it('are all accepted, and `matched` tells which one it was', () => {
    const url = ['https://hooks.example.com/a', 'https://hooks.example.com/b']

    expect(matched({ url }, delivery({ url: 'https://hooks.example.com/b' }))).toMatchObject({ url: 1 })
    expect(verdict({ url }, delivery({ url: 'https://hooks.example.com/c' }))).toBe('signature_mismatch')
  })

  it('that differ in their own parameters are told apart', () => {
    const url = [hookUrl, `${hookUrl}?team=a`, `${hookUrl}?team=b`, `${hookUrl}?team=b&x`]

    for (const [index, each] of url.entries()) {
      expect(matched({ url }, delivery({ url: each }))).toMatchObject({ url: index })
      expect(matched({ url }, delivery({ url: each, dialect: 'deis' }))).toMatchObject({ url: index })
    }
  })
})

describe('hooks that share a path and a secret', () => {
  const own = [
    '',
    '?',
    '?team=a',
    '?team=b',
    '?team=',
    '?team',
    '?team=a&team=b',
    '?team=a&x=1',
    '?team=a?x=1',
    '?team=a?',
    '?z=1',
    '?z=12',
    '?z=1?team=a',
    '?a=%C3%A9',
    '?a=é',
  ]
  const pairs = own.flatMap((sender) => own.map((receiver) => [sender, receiver] as const))
  // The same once sent: nothing tells them apart, and nothing needs to.
  const same = new Set([' ?', '? ', '?a=%C3%A9 ?a=é', '?a=é ?a=%C3%A9'])
  const different = pairs.filter(
    ([sender, receiver]) => sender !== receiver && !same.has(`${sender} ${receiver}`),
  )

  it.each(own)('accept their own deliveries: %s', (query) => {
    for (const dialect of ['native', 'deis'] as const) {
      const url = `${hookUrl}${query}`
      expect(verdict({ url }, delivery({ url, dialect }))).toBe('ok')
    }
  })

  it.each(different)(
    'but differ in parameters do not accept the delivery of another: %s at %s',
    (sender, receiver) => {
      for (const dialect of ['native', 'deis'] as const) {
        const request = delivery({ url: `${hookUrl}${sender}`, dialect })
        expect(verdict({ url: `${hookUrl}${receiver}` }, request)).toBe('signature_mismatch')
      }
    },
  )

  it.each([
    ['another value', 'team=%22a%22', 'team=%22b%22'],
    ['one more', 'team=', 'admin=1&team='],
    ['one of the release', 'team=', 'app=evil&team='],
    ['none', 'team=%22a%22', ''],
  ])(
    'do not accept a delivery whose own parameters were exchanged behind the signature: %s',
    (_what, from, to) => {
      const url = `${hookUrl}?team="a"`
      const arrives = (sent: string): string => sent.replace(from, to)

      expect(verdict({ url }, delivery({ url, dialect: 'deis' }))).toBe('ok')
      expect(verdict({ url }, delivery({ url, dialect: 'deis', arrives }))).toBe('signature_mismatch')
    },
  )
})

describe('what happened on the way', () => {
  it('may have put the parameters in another order', () => {
    const request = delivery({
      arrives: (url) => `${url.split('?')[0]}?${(url.split('?')[1] ?? '').split('&').toReversed().join('&')}`,
    })

    expect(matched({}, request)).toMatchObject({ form: 'wire-sorted' })
  })

  it('may have spelled as ~ what Python before 3.7 signs as %7E', () => {
    const tilde = { ...release, user: '~gabrtv' }
    const request = delivery({ release: tilde, signed: (url) => url.replaceAll('~', '%7E') })

    expect(matched({}, request)).toMatchObject({ form: 'wire-tilde' })
  })

  it('may have spelled the URL as clients do, after Deis signed it as typed', () => {
    for (const url of [
      'http://deis.rocks',
      'HTTPS://Hooks.Example.COM/x',
      'http://deis.rocks:80/x',
      'http://bücher.example/hük',
    ]) {
      expect(matched({ url }, delivery({ url, dialect: 'deis' }))).toMatchObject({ form: 'configured' })
      expect(matched({ url }, delivery({ url }))).toMatchObject({ form: 'wire' })
    }
  })

  // Measured with Python 3.11 and requests 2.34: what it makes of a URL's own query that Deis signed as typed.
  it.each([
    ['a={b}', 'a=%7Bb%7D'],
    ['a=b|c', 'a=b%7Cc'],
    ['a=%41%7e', 'a=A~'],
    ['a="b"', 'a=%22b%22'],
    ["a='b'", "a='b'"],
    ['a=[b]', 'a=%5Bb%5D'],
    ['a=é', 'a=%C3%A9'],
    ['a=b^c`d\\e', 'a=b%5Ec%60d%5Ce'],
    ['a=%2f', 'a=%2F'],
  ])('may have spelled the own parameters as requests does: %s as %s', (typed, sent) => {
    const url = `${hookUrl}?${typed}`
    const tilde = { ...release, user: '~gabrtv' }
    for (const signed of [(text: string) => text, (text: string) => text.replace('user=~', 'user=%7E')]) {
      const request = delivery({ url, release: tilde, dialect: 'deis', signed })
      const arrived = {
        ...request,
        url: `/hooks/deploy?${sent}${request.url.slice(request.url.lastIndexOf('?'))}`,
      }

      expect(verdict({ url }, arrived)).toBe('ok')
      expect(createVerifier({ url, secret }).verify(arrived).release).toEqual(tilde)
    }
  })

  it('is not undone for more parameters than hook URLs have, which would cost the receiver much', () => {
    const reversed = (url: string): string => {
      const [path, query = ''] = url.split('?')
      return `${path}?${query.split('&').toReversed().join('&')}`
    }
    for (const [count, expected] of [
      [59, 'ok'],
      [60, 'signature_mismatch'],
    ] as const) {
      const url = `${hookUrl}?${Array.from({ length: count }, (_, index) => `own${index}`).join('&')}`

      expect(verdict({ url }, delivery({ url }))).toBe('ok')
      expect(verdict({ url }, delivery({ url, arrives: reversed }))).toBe(expected)
    }
  })
})

describe('allowedHosts', () => {
  const elsewhere = 'https://alias.example.com/hooks/deploy'
  const request = delivery({ url: elsewhere })
  const allowedHosts = ['alias.example.com']

  it('lets a listed Host stand in for the host of the URL', () => {
    expect(matched({ allowedHosts }, request)).toMatchObject({ form: 'host' })
    expect(verdict({ allowedHosts: ['other.example.com'] }, request)).toBe('signature_mismatch')
    expect(verdict({}, request)).toBe('signature_mismatch')
  })

  it('still takes the URL as configured', () => {
    expect(matched({ allowedHosts }, genuine)).toMatchObject({ form: 'wire' })
  })

  it('compares case-insensitively, on both sides', () => {
    const upper = { ...request, headers: { ...request.headers, host: 'Alias.Example.COM' } }

    expect(verdict({ allowedHosts }, upper)).toBe('ok')
    expect(verdict({ allowedHosts: ['ALIAS.example.com'] }, request)).toBe('ok')
  })

  it('takes the port as part of the host', () => {
    const atPort = delivery({ url: 'https://alias.example.com:8443/hooks/deploy' })

    expect(verdict({ allowedHosts: ['alias.example.com:8443'] }, atPort)).toBe('ok')
    expect(verdict({ allowedHosts }, atPort)).toBe('signature_mismatch')
    expect(verdict({ allowedHosts: ['alias.example.com:8443'] }, request)).toBe('signature_mismatch')
  })

  it('does not derive from two Host headers', () => {
    const { authorization } = request.headers
    const rawHeaders = [
      'Host',
      'alias.example.com',
      'Host',
      'alias.example.com',
      'Authorization',
      authorization,
    ]

    expect(verdict({ allowedHosts }, { ...request, rawHeaders })).toBe('signature_mismatch')
    expect(verdict({ allowedHosts }, { ...request, rawHeaders: rawHeaders.slice(2) })).toBe('ok')
  })

  it('does not look at X-Forwarded-Host, nor at the host of an absolute URL', () => {
    const headers = { ...request.headers, host: 'hooks.example.com', 'x-forwarded-host': 'alias.example.com' }

    expect(verdict({ allowedHosts }, { ...request, headers })).toBe('signature_mismatch')
    expect(
      verdict({ allowedHosts }, { ...request, headers, url: `https://alias.example.com${request.url}` }),
    ).toBe('signature_mismatch')
  })

  it('works for what Deis signs as typed, without a path', () => {
    const typed = delivery({ url: 'http://alias.example.com', dialect: 'deis' })

    expect(verdict({ url: 'http://deis.rocks', allowedHosts }, typed)).toBe('ok')
  })

  it.each([
    ['a string', 'alias.example.com'],
    ['null', null],
    ['a number in it', [1]],
    ['an empty name', ['']],
    ['a URL', ['https://alias.example.com/']],
    ['blanks', [' alias.example.com']],
  ])('is refused at construction as %s', (_what, hosts) => {
    expect(() => createVerifier({ url: hookUrl, secret, allowedHosts: hosts as readonly string[] })).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })
})

describe('seen', () => {
  it('is asked with the key of a delivery, and refuses what was seen, to be acknowledged', () => {
    const verifier = createVerifier({ url: hookUrl, secret })
    const seen = vi.fn<(key: string) => boolean>((key) => key === genuine.headers.authorization)

    expect(verifier.safeVerify(genuine, { seen })).toEqual({ ok: false, code: 'delivery_seen', status: 200 })
    expect(verifier.safeVerify(delivery({ release: { ...release, version: 'v5' } }), { seen }).ok).toBe(true)
    expect(verifier.safeVerify(delivery({ again: 'dlv_1' }), { seen }).ok).toBe(true)
    expect(seen.mock.calls.map(([key]) => key).slice(2)).toEqual(['dlv_1'])
  })

  it('is not asked about what does not verify', () => {
    const seen = vi.fn<() => boolean>(() => true)

    createVerifier({ url: hookUrl, secret: 'another' }).safeVerify(genuine, { seen })
    expect(seen).not.toHaveBeenCalled()
  })

  it('that is async is refused: nobody waits for it, and repeats would pass', () => {
    const verifier = createVerifier({ url: hookUrl, secret })
    const seen = (async () => Promise.reject(new Error('no disk'))) as unknown as () => boolean

    expect(() => verifier.verify(genuine, { seen })).toThrow(
      'Expected `seen` to return a value, got a promise',
    )
  })

  it('may throw, and its error comes out as it is', () => {
    const failure = new TypeError('the database is gone')
    const seen = (): boolean => {
      throw failure
    }
    const verifier = createVerifier({ url: hookUrl, secret })

    expect(() => verifier.verify(genuine, { seen })).toThrow(failure)
    expect(() => verifier.safeVerify(genuine, { seen })).toThrow(failure)
  })
})

describe('a mistake in the configuration', () => {
  it.each([
    ['hook_url_invalid', 'url', { url: '' }],
    ['hook_url_invalid', 'url', { url: [] }],
    ['hook_url_invalid', 'url', { url: undefined }],
    ['hook_url_invalid', 'url', { url: 7 }],
    ['hook_url_invalid', 'url[1]', { url: [hookUrl, null] }],
    ['hook_url_invalid', 'url', { url: 'https://' }],
    ['hook_url_scheme', 'url', { url: 'hooks.example.com' }],
    ['hook_url_whitespace', 'url', { url: `${hookUrl}\n` }],
    ['hook_url_credentials', 'url', { url: 'https://bob:pw@hooks.example.com/' }],
    ['hook_url_fragment', 'url[0]', { url: [`${hookUrl}#here`] }],
    ['hook_url_parameter', 'url', { url: `${hookUrl}?app=mine` }],
    ['hook_url_parameter', 'url', { url: `${hookUrl}?%61pp=mine` }],
    ['secret_invalid', 'secret', { secret: '' }],
    ['secret_invalid', 'secret', { secret: undefined }],
    ['secret_invalid', 'secret', { secret: [] }],
    ['secret_invalid', 'secret[1]', { secret: ['fine', ' '] }],
    ['secret_invalid', 'secret', { secret: 'undefined' }],
    ['option_invalid', 'algorithm', { algorithm: 'md5' }],
    ['option_invalid', 'algorithm', { algorithm: 'SHA256' }],
    ['option_invalid', 'algorithm', { algorithm: null }],
  ])('throws %s for %s: %o', (code, option, options) => {
    const create = (): unknown => createVerifier({ url: hookUrl, secret, ...options } as VerifierOptions)

    expect(create).toThrow(ConfigurationError)
    expect(create).toThrow(expect.objectContaining({ code, option }))
  })

  it('is told without the URL and the secret', () => {
    const token = 'xoxb-very-private'

    expect(() => createVerifier({ url: `https://h/${token}#x`, secret })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(token) }),
    )
  })
})

describe('the query of a stranger', () => {
  it('is not taken apart for each of many URLs', () => {
    const urls = Array.from({ length: 100 }, (_, index) => `${hookUrl}/${index}?token=${index}`)
    const verifier = createVerifier({ url: urls, secret })
    const url = genuine.url.replace('?', `?${'a=%7e&'.repeat(15_000)}?`)
    let read = 0
    const split = vi.spyOn(String.prototype, 'split').mockImplementation(function (
      this: string,
      ...given: Parameters<typeof String.prototype.split>
    ) {
      read += this.length
      return Reflect.apply(original, this, given)
    })
    const result = verifier.safeVerify({ ...genuine, url })
    split.mockRestore()

    expect(said(result)).toBe('signature_mismatch')
    expect(read).toBeGreaterThan(0)
    expect(read).toBeLessThan(3 * url.length)
  })
})

// oxlint-disable-next-line typescript/unbound-method -- it is applied to what it is called on
const original = String.prototype.split
