import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseHookUrl } from '../../src/signing/hook-url.ts'
import { baseVariants } from '../../src/verify/explain/base-variants.ts'
import { Budget } from '../../src/verify/explain/budget.ts'
import type { ExplainOptions, Explanation } from '../../src/verify/explain/explain.ts'
import { advice, type NearMiss } from '../../src/verify/explain/near-misses.ts'
import { nearestMatch } from '../../src/verify/explain/nearest-match.ts'
import { queryVariants } from '../../src/verify/explain/query-variants.ts'
import type { RequestLike } from '../../src/verify/request.ts'
import { secretVariants } from '../../src/verify/explain/secret-variants.ts'
import { readSignedQuery } from '../../src/verify/signed-query.ts'
import { createVerifier, type VerifierOptions } from '../../src/verify/verifier.ts'
import { hookUrl as anyHookUrl, release as anyRelease } from '../arbitraries.ts'
import { delivery, hookUrl, release, secret, type DeliveryOptions } from './delivery.ts'
import { oddRequest, oddValue } from './odd-requests.ts'
import { runs } from '../runs.ts'

/** What a verifier of `receiver` tells of a delivery that was sent as `sender` says. */
interface Case {
  readonly sender?: DeliveryOptions
  readonly receiver?: Partial<VerifierOptions>
  readonly request?: (request: ReturnType<typeof delivery>) => RequestLike
  readonly options?: ExplainOptions
}

function explain({ sender, receiver, request, options }: Case): Explanation {
  const sent = delivery(sender)
  const arrived = request === undefined ? sent : request(sent)
  return createVerifier({ url: hookUrl, secret, ...receiver }).explain(arrived, options)
}

function reversed(url: string): string {
  const [path, query = ''] = url.split('?')
  return `${path}?${query.split('&').toReversed().join('&')}`
}

/** What a release says besides Deis's five behind all others, as a sender writes it that does not sort. */
function lastFurther(url: string): string {
  const [path, query = ''] = url.split('?')
  const pairs = query.split('&')
  const isFurther = (pair: string): boolean => /^release_(?!summary)/u.test(pair)
  return `${path}?${[...pairs.filter((pair) => !isFurther(pair)), ...pairs.filter(isFurther)].join('&')}`
}

/** The same request with another Authorization value. */
function authorized(change: (value: string) => string): NonNullable<Case['request']> {
  return (sent) => ({
    ...sent,
    headers: { ...sent.headers, authorization: change(sent.headers.authorization) },
  })
}

const base = 'https://hooks.example.com'
const tilde = { ...release, user: '~gabrtv' }
const told = { ...release, stage: 'failed', environment: 'eu', deployment: 'd-7' } as const
const escaped = { ...release, user: 'zoë/b' }

type Row = readonly [title: string, misses: readonly NearMiss[], found: Case]

describe('explain() names', () => {
  it.each<Row>([
    ['no signature', ['unsigned'], { request: ({ url }) => ({ url, headers: {} }) }],
    [
      'Basic credentials instead of the signature',
      ['basic-credentials'],
      { request: authorized(() => 'Basic Ym9iOnB3') },
    ],
    [
      'a header that was joined',
      ['repeated-header'],
      { request: authorized((value) => `${value}, Basic Ym9iOnB3`) },
    ],
    [
      'a header that was repeated',
      ['repeated-header'],
      {
        request: (sent) => {
          const { authorization } = sent.headers
          return { ...sent, rawHeaders: ['Authorization', authorization, 'authorization', authorization] }
        },
      },
    ],
    ['a prefix', ['signature-prefix'], { request: authorized((value) => `sha256=${value}`) }],
    ['a scheme', ['signature-prefix'], { request: authorized((value) => `HMAC-SHA256 ${value}`) }],
    ['upper case', ['upper-case-signature'], { request: authorized((value) => value.toUpperCase()) }],
    ['what is no signature at all', ['not-a-signature'], { request: authorized(() => 'token abc') }],
    ['a digest of no known length', ['not-a-signature'], { request: authorized((value) => value.slice(1)) }],
    ['a missing query', ['query-missing'], { sender: { arrives: (url) => url.split('?')[0] ?? '' } }],
    ['an empty query', ['query-missing'], { sender: { arrives: (url) => `${url.split('?')[0]}?` } }],
    ['the other algorithm', ['wrong-algorithm'], { sender: { algorithm: 'sha1' } }],
    ['the other algorithm, the other way round', ['wrong-algorithm'], { receiver: { algorithm: 'sha1' } }],
    ['a trailing slash at the sender', ['trailing-slash'], { sender: { url: `${hookUrl}/` } }],
    ['a trailing slash at the receiver', ['trailing-slash'], { receiver: { url: `${hookUrl}/` } }],
    [
      'http behind a proxy that ends TLS',
      ['scheme'],
      { receiver: { url: 'http://hooks.example.com/hooks/deploy' } },
    ],
    ['https at the receiver alone', ['scheme'], { sender: { url: 'http://hooks.example.com/hooks/deploy' } }],
    ['a port at the sender', ['port'], { sender: { url: `${base}:8443/hooks/deploy` } }],
    ['a port at the receiver', ['port'], { receiver: { url: `${base}:8443/hooks/deploy` } }],
    ['another port', ['port'], { sender: { url: `${base}:8443/x` }, receiver: { url: `${base}:3000/x` } }],
    [
      'the default port, signed as typed',
      ['port'],
      { sender: { url: `${base}:443/hooks/deploy`, dialect: 'deis' } },
    ],
    [
      'a host that was signed in upper case',
      ['host-case'],
      { sender: { url: 'https://HOOKS.EXAMPLE.COM/hooks/deploy', dialect: 'deis' } },
    ],
    [
      'a host that was signed in mixed case, and arrives so',
      ['host-case'],
      {
        sender: { url: 'https://Hooks.Example.com/hooks/deploy', dialect: 'deis' },
        request: (sent) => ({ ...sent, headers: { ...sent.headers, host: 'Hooks.Example.com' } }),
      },
    ],
    [
      'another host, which the request names',
      ['host'],
      { sender: { url: 'https://example.org/hooks/deploy' } },
    ],
    [
      'another host, which a proxy names',
      ['host'],
      {
        sender: { url: 'https://example.org/hooks/deploy' },
        request: (sent) => ({
          ...sent,
          headers: { ...sent.headers, host: '10.0.0.7:3000', 'x-forwarded-host': 'example.org, proxy' },
        }),
      },
    ],
    [
      'another host, which only the URL names',
      ['host'],
      {
        sender: { url: 'https://example.org/hooks/deploy' },
        request: ({ url, headers: { authorization } }) => ({
          url: `http://example.org${url}`,
          headers: { authorization },
        }),
      },
    ],
    [
      'a path prefix that the receiver does not know',
      ['path-prefix'],
      { sender: { url: `${base}/api/v1/hooks/deploy` } },
    ],
    [
      'a path prefix that a proxy took away and tells of',
      ['path-prefix'],
      {
        sender: { url: `${base}/api/hooks/deploy`, arrives: (url) => url.replace('/api', '') },
        request: (sent) => ({ ...sent, headers: { ...sent.headers, 'x-forwarded-prefix': '/api/' } }),
      },
    ],
    [
      'a path prefix that the sender does not know',
      ['path-prefix'],
      { receiver: { url: `${base}/api/v1/hooks/deploy` } },
    ],
    [
      'a path prefix that a router took away',
      ['path-prefix'],
      {
        sender: { url: `${base}/api/hooks/deploy` },
        request: (sent) => ({
          ...sent,
          url: sent.url.replace('/api/hooks/deploy', '/'),
          originalUrl: sent.url,
        }),
      },
    ],
    ['another path, which the request came for', ['path'], { sender: { url: `${base}/elsewhere` } }],
    [
      '~ that arrives as %7E',
      ['tilde'],
      { sender: { release: tilde, arrives: (url) => url.replaceAll('~', '%7E') } },
    ],
    [
      '%20 that was signed for a space',
      ['plus-space'],
      { sender: { signed: (url) => url.replaceAll('+', '%20') } },
    ],
    [
      '%20 that arrives for a space',
      ['plus-space'],
      { sender: { arrives: (url) => url.replaceAll('+', '%20') } },
    ],
    [
      'escapes that were signed in lower case',
      ['escape-case'],
      {
        sender: {
          release: escaped,
          signed: (url) => url.replaceAll(/%../gu, (escape) => escape.toLowerCase()),
        },
      },
    ],
    [
      'escapes that arrive in lower case',
      ['escape-case'],
      {
        sender: {
          release: escaped,
          arrives: (url) => url.replaceAll(/%../gu, (escape) => escape.toLowerCase()),
        },
      },
    ],
    [
      'parameters that were signed in another order',
      ['parameters-reordered'],
      { sender: { signed: reversed } },
    ],
    [
      'parameters that were signed and sent in another order',
      ['parameters-reordered'],
      {
        sender: {
          signed: reversed,
          arrives: (url) => url.replace(/\?(?<first>[^&]*)&(?<rest>.*)$/u, '?$<rest>&$<first>'),
        },
      },
    ],
    [
      'parameters of a URL with many of its own, in another order',
      ['parameters-reordered'],
      {
        sender: {
          url: `${hookUrl}?a=1&b=2&c=3&y=4&z=5`,
          signed: () =>
            `${hookUrl}?user=gabrtv&a=1&b=2&c=3&y=4&z=5&app=secure-woodland&release=v4&release_summary=gabrtv+deployed+35b3726&sha=35b3726`,
        },
        receiver: { url: `${hookUrl}?a=1&b=2&c=3&y=4&z=5` },
      },
    ],
    [
      'what a release says besides, signed and sent behind the rest',
      ['parameters-reordered'],
      {
        sender: {
          release: told,
          signed: lastFurther,
          arrives: (url) =>
            lastFurther(url).replace('app=secure-woodland&', '').concat('&app=secure-woodland'),
        },
      },
    ],
    [
      "Deis's second ?, which something on the way removed",
      ['second-question-mark'],
      {
        sender: {
          url: `${hookUrl}?token=abc`,
          dialect: 'deis',
          arrives: (url) => url.replace('?app', '&app'),
        },
        receiver: { url: `${hookUrl}?token=abc` },
      },
    ],
    [
      "Deis's second ?, which the sender did not sign",
      ['second-question-mark'],
      {
        sender: {
          url: `${hookUrl}?token=abc`,
          arrives: (url) => url.replace('&token=abc', '').replace('?', '?token=abc?'),
        },
        receiver: { url: `${hookUrl}?token=abc` },
      },
    ],
    [
      'own parameters that the sender lacks',
      ['own-parameters'],
      { receiver: { url: `${hookUrl}?token=abc` } },
    ],
    [
      'own parameters that the receiver lacks',
      ['own-parameters'],
      { sender: { url: `${hookUrl}?token=abc` } },
    ],
    [
      'own parameters that differ',
      ['own-parameters'],
      { sender: { url: `${hookUrl}?team=a` }, receiver: { url: [`${hookUrl}?team=b`, `${hookUrl}?team=c`] } },
    ],
    [
      'own parameters that were lost on the way',
      ['own-parameters'],
      {
        sender: { url: `${hookUrl}?token=abc`, arrives: (url) => url.replace('&token=abc', '') },
        receiver: { url: `${hookUrl}?token=abc` },
      },
    ],
    [
      'own parameters that were lost on the way, of a release that says more',
      ['own-parameters'],
      {
        sender: {
          url: `${hookUrl}?token=abc`,
          release: told,
          arrives: (url) => url.replace('&token=abc', ''),
        },
        receiver: { url: `${hookUrl}?token=abc` },
      },
    ],
    [
      'own parameters that were not signed',
      ['own-parameters'],
      {
        sender: { url: `${hookUrl}?token=abc`, signed: (url) => url.replace('&token=abc', '') },
        receiver: { url: `${hookUrl}?token=abc` },
      },
    ],
    [
      'a secret that only explain() was given',
      ['other-secret'],
      { sender: { secret: 'older' }, options: { secrets: ['oldest', 'older'] } },
    ],
    [
      'a secret that only explain() was given, alone',
      ['other-secret'],
      { sender: { secret: 'older' }, options: { secrets: 'older' } },
    ],
    [
      'an empty secret that only explain() was given, as Deis may sign with',
      ['other-secret'],
      { sender: { secret: '' }, options: { secrets: '' } },
    ],
    [
      'a line break behind the secret at the sender',
      ['secret-blanks'],
      { sender: { secret: `${secret}\n` } },
    ],
    [
      'a Windows line break behind the secret at the sender',
      ['secret-blanks'],
      { sender: { secret: `${secret}\r\n` } },
    ],
    ['a blank before the secret at the sender', ['secret-blanks'], { sender: { secret: ` ${secret}` } }],
    ['blanks around the secret at the sender', ['secret-blanks'], { sender: { secret: ` ${secret} ` } }],
    [
      'blanks around the secret at the receiver',
      ['secret-blanks'],
      { receiver: { secret: `\t ${secret}  ` } },
    ],
    [
      'blanks at one end of a secret that has them at both',
      ['secret-blanks'],
      { sender: { secret: ` ${secret}` }, receiver: { secret: ` ${secret}\t` } },
    ],
    ['quotes around the secret at the sender', ['secret-quotes'], { sender: { secret: `"${secret}"` } }],
    ['quotes around the secret at the receiver', ['secret-quotes'], { receiver: { secret: `'${secret}'` } }],
  ])('%s', (_title, misses, found) => {
    const { ok, nearMisses, message } = explain(found)

    expect(nearMisses).toEqual(misses)
    expect(ok).toBe(false)
    for (const miss of misses) expect(message).toContain(`- ${miss}: ${advice[miss]}`)
    expect(message).not.toContain('No near miss')
  })

  it.each<Row>([
    [
      '~ that was signed as %7E and arrives as ~',
      ['tilde'],
      { sender: { release: tilde, signed: (url) => url.replaceAll('~', '%7E') } },
    ],
    [
      'parameters that were re-ordered on the way',
      ['parameters-reordered'],
      { sender: { arrives: reversed } },
    ],
    [
      'a URL that was signed as typed',
      ['signed-as-typed'],
      { sender: { url: 'http://deis.rocks', dialect: 'deis' }, receiver: { url: 'http://deis.rocks' } },
    ],
    [
      'an older secret',
      ['older-secret'],
      { sender: { secret: 'old' }, receiver: { secret: ['new', 'old'] } },
    ],
  ])('what verifies all the same: %s', (_title, misses, found) => {
    const { ok, nearMisses, message } = explain(found)

    expect(nearMisses).toEqual(misses)
    expect(ok).toBe(true)
    for (const miss of misses) expect(message).toContain(`- ${miss}: ${advice[miss]}`)
  })

  it.each<Row>([
    [
      'scheme and slash',
      ['scheme', 'trailing-slash'],
      { sender: { url: 'http://hooks.example.com/hooks/deploy/' } },
    ],
    [
      'scheme and port',
      ['scheme', 'port'],
      { sender: { url: 'http://hooks.example.com:8080/hooks/deploy' } },
    ],
    ['host and prefix', ['host', 'path-prefix'], { sender: { url: 'https://example.org/api/hooks/deploy' } }],
    [
      'an address inside the cluster: scheme, host and prefix',
      ['scheme', 'host', 'path-prefix'],
      {
        sender: { url: 'https://example.org/api/hooks/deploy' },
        receiver: { url: 'http://10.0.0.7:3000/hooks/deploy' },
      },
    ],
    [
      'slash and space',
      ['trailing-slash', 'plus-space'],
      { sender: { url: `${hookUrl}/`, signed: (url) => url.replaceAll('+', '%20') } },
    ],
    [
      'slash and order',
      ['trailing-slash', 'parameters-reordered'],
      { sender: { url: `${hookUrl}/`, signed: reversed } },
    ],
    [
      'space and tilde',
      ['plus-space', 'tilde'],
      { sender: { release: tilde, signed: (url) => url.replaceAll('~', '%7E').replaceAll('+', '%20') } },
    ],
    [
      'scheme and secret',
      ['scheme', 'older-secret'],
      {
        sender: { url: 'http://hooks.example.com/hooks/deploy', secret: 'old' },
        receiver: { secret: ['new', 'old'] },
      },
    ],
    [
      'order and secret',
      ['parameters-reordered', 'secret-blanks'],
      { sender: { signed: reversed, secret: `${secret}\n` } },
    ],
    [
      'an older secret with a line break',
      ['older-secret', 'secret-blanks'],
      { sender: { secret: 'old\n' }, receiver: { secret: ['new', 'old'] } },
    ],
    [
      'a quoted secret with a line break inside',
      ['secret-blanks', 'secret-quotes'],
      { sender: { secret: `"${secret}\n"` } },
    ],
    [
      'another secret and a slash',
      ['trailing-slash', 'other-secret'],
      { sender: { url: `${hookUrl}/`, secret: 'x' }, options: { secrets: 'x' } },
    ],
    [
      'own parameters and scheme',
      ['own-parameters', 'scheme'],
      { sender: { url: 'http://hooks.example.com/hooks/deploy?a=1' } },
    ],
    [
      'a second ? and a slash',
      ['trailing-slash', 'second-question-mark'],
      {
        sender: { url: `${hookUrl}/?a=1`, dialect: 'deis', arrives: (url) => url.replace('?app', '&app') },
        receiver: { url: `${hookUrl}?a=1` },
      },
    ],
    [
      'what can be seen, and what has to be searched for',
      [
        'signature-prefix',
        'upper-case-signature',
        'wrong-algorithm',
        'scheme',
        'trailing-slash',
        'plus-space',
      ],
      {
        sender: {
          url: 'http://hooks.example.com/hooks/deploy/',
          algorithm: 'sha1',
          signed: (url) => url.replaceAll('+', '%20'),
        },
        request: authorized((value) => `sha1=${value.toUpperCase()}`),
      },
    ],
  ])('several at once: %s', (_title, misses, found) => {
    expect(explain(found)).toMatchObject({ ok: false, nearMisses: misses })
  })

  it('any two differences of URL, query and secret', () => {
    const differences: readonly (readonly [NearMiss, DeliveryOptions])[] = [
      ['scheme', { url: 'http://hooks.example.com/hooks/deploy' }],
      ['port', { url: `${base}:8443/hooks/deploy` }],
      ['trailing-slash', { url: `${hookUrl}/` }],
      ['path-prefix', { url: `${base}/api/hooks/deploy` }],
      ['plus-space', { signed: (url) => url.replaceAll('+', '%20') }],
      ['tilde', { signed: (url) => url.replaceAll('~', '%7E') }],
      ['escape-case', { arrives: (url) => url.replaceAll(/%../gu, (escape) => escape.toLowerCase()) }],
      ['parameters-reordered', { signed: reversed }],
      ['older-secret', { secret: 'old' }],
      ['secret-blanks', { secret: `${secret}\n` }],
      ['secret-quotes', { secret: `"${secret}"` }],
    ]
    for (const [one, first] of differences) {
      for (const [two, second] of differences) {
        if (Object.keys(first).some((option) => option in second)) continue
        const sender = { release: { ...tilde, summary: 'zoë said so' }, ...first, ...second }
        const { nearMisses } = explain({ sender, receiver: { secret: [secret, 'old'] } })

        expect(nearMisses.toSorted()).toEqual([one, two].toSorted())
      }
    }
  })
})

describe('explain() finds nothing wrong', () => {
  it('with any genuine request', () => {
    fc.assert(
      fc.property(
        anyHookUrl,
        anyRelease,
        fc.constantFrom('sha1' as const, 'sha256' as const),
        (url, release, algorithm) => {
          const request = delivery({ url, release, algorithm })

          expect(createVerifier({ url, secret, algorithm }).explain(request)).toEqual({
            ok: true,
            nearMisses: [],
            message: 'The request verifies.',
          })
        },
      ),
    )
  })

  it('and nothing near, when the secrets differ', () => {
    fc.assert(
      fc.property(anyHookUrl, anyRelease, fc.string({ minLength: 8 }), (url, release, other) => {
        const request = delivery({ url, release, secret: `another ${other}` })
        const { ok, code, nearMisses, message } = createVerifier({ url, secret }).explain(request)

        expect({ ok, code, nearMisses }).toEqual({ ok: false, code: 'signature_mismatch', nearMisses: [] })
        expect(message).toContain('most likely the secrets differ')
      }),
      runs(6),
    )
  })

  it('and says so besides what can be seen in the header alone', () => {
    const { nearMisses, message } = explain({
      sender: { secret: 'another', algorithm: 'sha1' },
      request: authorized((value) => `sha1=${value}`),
    })

    expect(nearMisses).toEqual(['signature-prefix', 'wrong-algorithm'])
    expect(message).toContain('No near miss matches besides')
  })

  it.each([
    ['parameter_repeated', '&user=bob'],
    ['release_incomplete', ''],
    ['release_malformed', '&user=%zz'],
    ['release_malformed', '&user=bob&release_stage=deployed'],
  ])('in the signature, when it is right and the release is not: %s', (code, user) => {
    const query = `app=a&release=v1&release_summary=&sha=${user}${code === 'parameter_repeated' ? user : ''}`
    const change = (url: string): string => `${url.split('?')[0]}?${query}`
    const explanation = explain({ sender: { signed: change, arrives: change } })

    expect(explanation).toMatchObject({ ok: false, code, nearMisses: [] })
    expect(explanation.message).toMatch(/^The signature is right/u)
  })
})

describe('the message of explain()', () => {
  const marked = fc.string({ minLength: 4, unit: 'grapheme' }).map((text) => `private-${text}`)
  const shape = fc.constantFrom(
    (url: string) => url,
    (url: string) => url.replace('?', '%3F'),
    (url: string) => url.replace('?', '&'),
    (url: string) => url.replace('?', ';'),
    (url: string) => url.replaceAll('=', '%3D'),
    (url: string) => url.replaceAll('=', ''),
    (url: string) => url.replaceAll('&', '?'),
    (url: string) => `https://bob:private-password@hooks.example.com${url}`,
  )
  const value = fc.constantFrom(
    (digest: string, text: string) => digest + text.slice(0, 0),
    (_digest: string, text: string) => text,
    (digest: string, text: string) => `${text}=${digest}`,
    (digest: string, text: string) => `Bearer ${text},${digest}`,
    (digest: string) => digest.toUpperCase(),
  )

  it('holds no secret, no signature, no Authorization value and no value of a parameter', () => {
    fc.assert(
      fc.property(
        fc.array(marked, { minLength: 6, maxLength: 6 }),
        fc.constantFrom(0, 1, 2, 3),
        shape,
        value,
        fc.constantFrom('sha1' as const, 'sha256' as const),
        (
          [one = '', two = '', three = '', four = '', five = '', six = ''],
          which,
          arrives,
          authorization,
          algorithm,
        ) => {
          const token = `private-${encodeURIComponent(six.toWellFormed()).replaceAll("'", '')}`
          const sent = delivery({
            url: `${hookUrl}?token=${token}&${token}`,
            secret: [one, two, `${one}\n`, three][which] ?? one,
            algorithm,
            release: { app: four, version: five, user: `private-${four}`, summary: four, sha: 'private-sha' },
            arrives,
          })
          const headers = { ...sent.headers, authorization: authorization(sent.headers.authorization, five) }
          const { message, nearMisses } = createVerifier({
            url: [`${hookUrl}?token=${token}&${token}`, `${hookUrl}?private-parameter`],
            secret: [one, two],
          }).explain({ ...sent, headers }, { secrets: three })

          const said = message + nearMisses.join()
          expect(said).not.toMatch(/private/u)
          expect(said).not.toMatch(/[0-9a-f]{40}/iu)
          for (const text of [one, two, three, four, five]) expect(said).not.toContain(text)
        },
      ),
      runs(60),
    )
  })

  it('tells what was compared', () => {
    const { message } = explain({
      sender: { secret: 'another' },
      receiver: { url: [hookUrl, `${base}/x?token=abc`] },
    })

    expect(message.split('\n').slice(2)).toEqual([
      'Compared under sha256 with:',
      '  https://hooks.example.com/hooks/deploy',
      '  https://hooks.example.com/x and a query of its own',
      'The request came for /hooks/deploy with app, release, release_summary, sha, user.',
    ])
  })

  it('tells what a release says besides, by name', () => {
    const { message } = explain({ sender: { secret: 'another', release: told, again: 'dlv_private' } })

    expect(message).toContain(
      'with app, release, release_summary, sha, user, release_delivery, release_deployment, release_environment, release_stage.',
    )
    expect(message).not.toMatch(/private|d-7|failed/u)
  })
})

describe('explain() works within bounds:', () => {
  const urls = Array.from({ length: 5 }, (_, index) =>
    parseHookUrl(`https://Internal-${index}.example:8443/api/v1/hooks/deploy/app${index}?token=abc${index}`),
  )
  const around = {
    path: '/deploy/app1',
    hosts: ['Hooks.example.com:3000', 'other.example.com', '10.0.0.7:80'],
    prefix: '/api',
  }

  /** Signatures made for a query that nothing explains. */
  function trials(query: string, secrets: readonly string[], more: readonly string[]): number {
    let count = 0
    const sign = (): string => {
      count += 1
      return ''
    }
    const budget = new Budget()
    const keys = secretVariants(secrets, more, budget)
    const space = {
      bases: baseVariants(urls, readSignedQuery(query), around, budget),
      queries: queryVariants(query, urls, budget),
      keys: { ...keys, at: (distance: number) => Array.from(keys.at(distance), (key) => ({ ...key, sign })) },
    }
    nearestMatch('none', space, budget)
    return count
  }

  it('some ten thousand signatures for five URLs, three secrets and six parameters', () => {
    const query = 'app=a~%2F%40b&release=v1&release_summary=x+y%20z%7e&sha=&token=abc1&user=b~'

    expect(trials(query, ['a', 'b', 'c'], [])).toBeGreaterThan(10_000)
    expect(trials(query, ['a', 'b', 'c'], ['d', 'e', 'f'])).toBeLessThan(200_000)
    const further = '&release_delivery=d&release_deployment=e&release_environment=f&release_stage=g'
    expect(trials(query + further, ['a', 'b', 'c'], [])).toBeLessThan(200_000)
  })

  it('never more than 200,000, and fewer of long URLs', () => {
    const secrets = Array.from({ length: 100 }, (_, index) => `secret ${index}`)

    expect(trials('app=a~%2f&release=v1&release_summary=+&sha=&token=abc1&user=b', secrets, [])).toBeLessThan(
      250_000,
    )
    expect(trials(`app=${'~%2f+'.repeat(3000)}&token=abc1`, secrets, [])).toBeLessThan(10_000)
    expect(trials(`${'a&?=~'.repeat(20_000)}&token=abc1`, secrets, [])).toBeLessThan(2_000)
  })
})

describe('explain()', () => {
  it('never throws, whatever it is given', () => {
    const verifier = createVerifier({ url: [hookUrl, `${hookUrl}?token=abc`], secret: [secret, 'old'] })
    const codes = new Set<string | undefined>()
    fc.assert(
      fc.property(oddRequest, oddValue, fc.boolean(), (request, option, inside) => {
        const options = inside ? { secrets: option() } : option()
        const explanation = verifier.explain(request() as RequestLike, options as ExplainOptions)

        codes.add(explanation.code)
        expect(explanation.nearMisses.every((miss) => miss in advice)).toBe(true)
        expect(explanation.ok).toBe(explanation.code === undefined)
      }),
      runs(200),
    )
    expect(codes.size).toBeGreaterThan(5)
  })
})
