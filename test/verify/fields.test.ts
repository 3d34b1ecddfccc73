import { describe, expect, it } from 'vitest'
import { createVerifier } from '../../src/verify/verifier.ts'
import type { VerifyResult } from '../../src/verify/result.ts'
import { delivery, hookUrl, release, secret, signature } from './delivery.ts'

const five = 'app=foo&release=v1&release_summary=said+so&sha=&user=bob'
const foo = { app: 'foo', version: 'v1', user: 'bob', sha: '', summary: 'said so' }

/** What a verifier of `url` makes of a query that was signed as it stands, at `https://hooks.example.com/hooks/deploy`. */
function verified(query: string, url: string = hookUrl): VerifyResult {
  const authorization = signature(`${hookUrl}?${query}`)
  return createVerifier({ url, secret }).safeVerify({
    url: `/hooks/deploy?${query}`,
    headers: { authorization },
  })
}

function outcome(query: string, url?: string): unknown {
  const result = verified(query, url)
  return result.ok ? result.hook.release : result.code
}

describe('the release', () => {
  it('is read from the signed query', () => {
    expect(outcome(five)).toEqual(foo)
  })

  it('is decoded as Python encodes: + is a space, and percent escapes are UTF-8', () => {
    expect(outcome(five.replace('said+so', 'a+b%20c%2Bd%26e%3Df%3Fg%25+%C3%BC%F0%9F%9A%80'))).toMatchObject({
      summary: 'a b c+d&e=f?g% ü🚀',
    })
  })

  it('keeps = in values, and reads a parameter without = as empty', () => {
    expect(outcome(five.replace('sha=', 'sha=a=b'))).toMatchObject({ sha: 'a=b' })
    expect(outcome(five.replace('sha=', 'sha'))).toMatchObject({ sha: '' })
  })

  it('may be empty in every value', () => {
    expect(outcome('app=&release=&release_summary=&sha=&user=')).toEqual({
      app: '',
      version: '',
      user: '',
      sha: '',
      summary: '',
    })
  })

  it.each(['app', 'release', 'release_summary', 'sha', 'user'])('is incomplete without %s', (name) => {
    const rest = five.split('&').filter((pair) => !pair.startsWith(`${name}=`))

    expect(outcome(rest.join('&'))).toBe('release_incomplete')
  })

  it.each(['%', '%2', '%zz', '%C3', '%ff', '%ED%A0%80'])('is malformed with a value of %s', (value) => {
    expect(outcome(five.replace('bob', value))).toBe('release_malformed')
  })
})

describe('a repeated name', () => {
  it.each([
    ['at the end', `${five}&app=evil`],
    ['at the start', `app=evil&${five}`],
    ['with the same value', `${five}&app=foo`],
    ['without a value', `${five}&user`],
    ['percent-encoded', `${five}&%61pp=evil`],
    ['percent-encoded in upper and lower case', `${five}&%75se%72=evil`],
    ['percent-encoded throughout', `${five}&%72%65%6c%65%61%73%65=v2`],
    ['before a second question mark', `app=evil?${five}`],
    ['percent-encoded before a second question mark', `%61pp=evil?${five}`],
  ])('is refused: %s', (_where, query) => {
    expect(outcome(query)).toBe('parameter_repeated')
  })

  it('is refused behind a second question mark', () => {
    expect(outcome('x=1?app=a&app=b&release=v1&release_summary=&user=bob', `${hookUrl}?x=1`)).toBe(
      'parameter_repeated',
    )
  })

  it('is another name when only its case or its blanks differ', () => {
    for (const own of ['APP=x', 'app+=x', '%20app=x', 'app%00=x', 'ａpp=x']) {
      expect(outcome(`${five}&${own}`, `${hookUrl}?${own}`)).toEqual(foo)
    }
  })
})

describe('the parameters of the hook URL itself', () => {
  it('stand among the five, in alphabetic order', () => {
    const url = `${hookUrl}?token=abc&channel=x&zone=eu`
    const request = delivery({ url })

    expect(request.url).toMatch(/\?app=.*&channel=x&release=.*&token=abc&user=gabrtv&zone=eu$/u)
    expect(createVerifier({ url, secret }).verify(request).release).toEqual(release)
  })

  it('stand before a second question mark when Deis signed', () => {
    const url = `${hookUrl}?token=abc&channel=x`
    const request = delivery({ url, dialect: 'deis' })

    expect(request.url).toMatch(/\?token=abc&channel=x\?app=.*&user=gabrtv$/u)
    expect(createVerifier({ url, secret }).verify(request).release).toEqual(release)
  })

  it.each([
    'next=/x?y',
    'next=/x?y&z=1',
    'next=/x?',
    'next=?a=1&b=2&c=3&d=4',
    'zz=?',
    '?',
    '?a=1',
    'a=1?b=2?c=3',
    'a?b',
    'a=1&',
    '&a=1',
    'a=1&&b=2',
    'a=1&a=1',
    'a=1&a=2',
    '=',
    '%zz=1',
    "quote='x'",
    'bücher=ü',
    '__proto__=1&constructor=2&toString',
    'release_summary2=x&apps=y',
  ])('may be %s', (query) => {
    const url = `${hookUrl}?${query}`
    for (const dialect of ['native', 'deis'] as const) {
      const result = createVerifier({ url, secret }).safeVerify(delivery({ url, dialect }))

      expect(result).toMatchObject({ ok: true, hook: { release } })
    }
  })

  it('are not taken for the release, even where five of them stand behind a question mark', () => {
    const url = `${hookUrl}?x=?a=1&b=2&c=3&d=4&e=5`

    expect(createVerifier({ url, secret }).verify(delivery({ url })).release).toEqual(release)
    expect(createVerifier({ url, secret }).verify(delivery({ url, dialect: 'deis' })).release).toEqual(
      release,
    )
  })

  it('do not stand for a part of the release that is missing behind the second question mark', () => {
    const query = `x=1?${five.replace('&sha=', '')}`

    expect(outcome(query, `${hookUrl}?x=1`)).not.toEqual(expect.objectContaining({ app: 'foo' }))
  })
})
