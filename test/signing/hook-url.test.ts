import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/errors.ts'
import { parseHookUrl } from '../../src/signing/hook-url.ts'
import { urlOfRelease } from '../../src/signing/release-url.ts'
import { hookUrl, release } from '../arbitraries.ts'
import { runs } from '../runs.ts'

describe('a hook URL is refused', () => {
  it.each([
    ['hook_url_invalid', ''],
    ['hook_url_invalid', 'http://'],
    ['hook_url_invalid', 'https://exa mple'.replace(' ', '[')],
    ['hook_url_invalid', `https://example.com/${'a'.repeat(4096)}`],
    ['hook_url_invalid', 'https://example.com/\uD800'],
    ['hook_url_scheme', 'ftp://example.com/'],
    ['hook_url_scheme', 'example.com/hook'],
    ['hook_url_scheme', 'http:/example.com'],
    ['hook_url_scheme', 'javascript:alert(1)'],
    ['hook_url_whitespace', ' https://example.com/'],
    ['hook_url_whitespace', 'https://example.com/a b'],
    ['hook_url_whitespace', 'https://example.com/\n'],
    ['hook_url_whitespace', 'https://exam\tple.com/'],
    ['hook_url_whitespace', 'https://example.com/\u00A0'],
    ['hook_url_whitespace', 'https://example.com/\0'],
    ['hook_url_fragment', 'https://example.com/#'],
    ['hook_url_fragment', 'https://example.com/?a=b#c'],
    ['hook_url_credentials', 'https://user:password@example.com/'],
    ['hook_url_credentials', 'https://user@example.com/'],
    ['hook_url_credentials', 'https://@example.com/'],
    ['hook_url_credentials', 'https:///user:password@example.com/'],
    ['hook_url_credentials', 'https://\\user:password@example.com/'],
    ['hook_url_credentials', 'https:////user@example.com/'],
    ['hook_url_credentials', 'https:///:password@example.com/'],
    ['hook_url_parameter', 'https://example.com/?app=x'],
    ['hook_url_parameter', 'https://example.com/?a=1&release_summary'],
    ['hook_url_parameter', 'https://example.com/?%61pp=x'],
  ])('%s: %j', (code, url) => {
    expect(() => parseHookUrl(url, 'hooks[0].url')).toThrow(
      expect.objectContaining({ code, option: 'hooks[0].url' }),
    )
  })

  it('without its text in the error, since URLs hold tokens', () => {
    const urls = [
      'https://example.com/s3cret#x',
      'https://s3cret@example.com',
      'https://example.com/s3cret ?',
      'ftp://s3cret/',
    ]
    for (const url of urls) {
      const error = errorOf(() => parseHookUrl(url))
      expect(`${error.message}${JSON.stringify(error)}`).not.toContain('s3cret')
    }
  })

  it('with a code of this library only, whatever the text is', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
    )
    fc.assert(
      fc.property(text, fc.constantFrom('', 'http://', 'https://'), (rest, scheme) => {
        try {
          parseHookUrl(`${scheme}${rest}`)
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigurationError)
        }
      }),
      runs(1000),
    )
  })
})

function errorOf(action: () => unknown): Error {
  try {
    action()
  } catch (error) {
    return error as Error
  }
  throw new Error('expected an error')
}

describe('the URL of a release', () => {
  it('is, in the native dialect, already what an HTTP client sends', () => {
    fc.assert(
      fc.property(hookUrl, release, (url, facts) => {
        const { signed, sent } = urlOfRelease(parseHookUrl(url), facts, 'native')
        expect(new URL(signed).href).toBe(signed)
        expect(sent).toBe(signed)
      }),
      runs(600),
    )
  })

  it('starts, in the deis dialect, with the hook URL as typed', () => {
    fc.assert(
      fc.property(hookUrl, release, (url, facts) => {
        expect(urlOfRelease(parseHookUrl(url), facts, 'deis').signed.startsWith(`${url}?app=`)).toBe(true)
      }),
    )
  })

  it('keeps the parameters of the hook URL as typed, sorts them in, and drops empty ones', () => {
    const facts = { app: 'a', version: 'v1', user: 'u', summary: '' }
    const url = parseHookUrl('https://example.com/?zeta=%7e+x&&B=2&flag&sga=1&B=1&')
    expect(urlOfRelease(url, facts, 'native').signed).toBe(
      'https://example.com/?B=1&B=2&app=a&flag&release=v1&release_summary=&sga=1&sha=&user=u&zeta=%7e+x',
    )
  })
})
