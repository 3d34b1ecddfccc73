import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { soughtFor } from '../../src/masking/sought.ts'
import { secretsOfProxy, secretsOfUrl } from '../../src/hooks/url-secrets.ts'
import { parseUrl } from '../../src/signing/hook-url.ts'
import { hookUrl } from '../arbitraries.ts'
import { hostileText } from './spelling.ts'

const secretsOf = (url: string, secretPath = false): readonly string[] =>
  secretsOfUrl(parseUrl(url), secretPath)

describe('what may be a secret of a hook URL', () => {
  it.each([
    ['the value of a parameter', '?token=s3cret', ['s3cret']],
    [
      'as it is sent too, and decoded',
      '?a=s%C3%A9c%2Bret+é',
      ['s%C3%A9c%2Bret+é', 'séc+ret é', 'séc+ret+é', 's%C3%A9c%2Bret+%C3%A9'],
    ],
    ['a token without a name', '?s3cret', ['s3cret']],
    ['the start of base64', '?c2VjcmV0==', ['c2VjcmV0==', 'c2VjcmV0']],
    ['what is no percent-encoding', '?a=100%&b=%ff', ['100%', '%ff']],
    ['no plain word', '?branch=main&env=production&wait', []],
    ['a word whose parameter is one of secrets', '?api_key=swordfish', ['swordfish']],
    ['no path', '/s3cret-t0ken', []],
  ])('is %s', (_, rest, secrets) => {
    expect(secretsOf(`https://h.example${rest.startsWith('/') ? '' : '/'}${rest}`).toSorted()).toEqual(
      secrets.toSorted(),
    )
  })

  it('is a secret path, whole, and those of its segments that are no plain words; the last one always', () => {
    expect(secretsOf('https://discord.com/api/webhooks/1234567890/abCdefGhijkl', true)).toEqual([
      '/api/webhooks/1234567890/abCdefGhijkl',
      '1234567890',
      'abCdefGhijkl',
    ])
    expect(secretsOf('https://ntfy.example/deployments', true)).toEqual(['/deployments', 'deployments'])
    expect(secretsOf('https://h.example/deployments/T0', true)).toEqual(['/deployments/T0'])
    expect(secretsOf('https://h.example/webhooks/', true)).toEqual(['/webhooks/', 'webhooks'])
  })

  it('is what a proxy is shown', () => {
    expect(secretsOfProxy(undefined)).toEqual([])
    expect(secretsOfProxy(new URL('http://user:p%40ss@proxy.example'))).toEqual([
      'user:p@ss',
      'p%40ss',
      'p@ss',
    ])
    expect(secretsOfProxy(new URL('http://t0ken@proxy.example'))).toEqual(['t0ken:', '', 't0ken'])
  })

  it('makes no more work than 20,000 characters do, whatever the URL', () => {
    const value = hostileText.map((text) => text.replaceAll(/[\s\p{Cc}#&]/gu, ''))
    const hostile = fc
      .tuple(fc.array(value), value, fc.nat(600))
      .map(
        ([values, one, times]) =>
          `http://h/?${values.concat(Array.from({ length: times }, () => one)).join('&')}`,
      )
    fc.assert(
      fc.property(fc.oneof(hookUrl, hostile), (text) => {
        const url = text.slice(0, 4096).toWellFormed()
        fc.pre(URL.canParse(url) && !url.includes('#'))
        const units = soughtFor(secretsOfUrl(parseUrl(url), true)).reduce(
          (sum, { units }) => sum + units.length,
          0,
        )
        expect(units).toBeLessThanOrEqual(20_000)
      }),
    )
  })
})
