import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { releaseUrl, signUrl, type ReleaseInput } from '../../src/index.ts'
import { parseHookUrl } from '../../src/signing/hook-url.ts'
import { urlOfRelease } from '../../src/signing/release-url.ts'
import { fullRelease, hookUrl, release } from '../arbitraries.ts'
import { fullReleaseOf, nativeVectors, vectors } from '../vectors/vectors.ts'
import { frozenUrl, nativeUrl } from './url-by-hand.ts'
import { runs } from '../runs.ts'

const algorithms = ['sha1', 'sha256'] as const
const deliveryId = fc.option(
  fc.constantFrom('dlv_0123456789abcdef0123456789abcdef', 'ü&release_stage=failed'),
  {
    nil: undefined,
  },
)

describe('known answers', () => {
  it('are here: 14 of the native dialect, one of them among those of Deis', () => {
    const [plain] = nativeVectors
    expect(nativeVectors).toHaveLength(14)
    expect(vectors).toContainEqual(expect.objectContaining({ url: plain?.url, sha256: plain?.sha256 }))
  })

  it.each(nativeVectors)('$name: the URL and both signatures are the known ones', (vector) => {
    const { base_url: url, secret, fields } = vector
    const signed = releaseUrl(url, fullReleaseOf(vector), { delivery: fields.release_delivery })
    expect(signed).toBe(vector.url)
    for (const algorithm of algorithms) expect(signUrl(signed, { secret, algorithm })).toBe(vector[algorithm])
  })

  it.each(nativeVectors)('$name: says in the deis dialect what Deis says', (vector) => {
    const { base_url: url, fields } = vector
    const { app, version, user, sha, summary } = fullReleaseOf(vector)
    const five = { app, version, user, sha, summary }
    const options = { dialect: 'deis', delivery: fields.release_delivery } as const
    expect(releaseUrl(url, fullReleaseOf(vector), options)).toBe(releaseUrl(url, five, { dialect: 'deis' }))
  })
})

describe('the signed URL', () => {
  it('of a plain release is what it has always been, in both dialects', () => {
    fc.assert(
      fc.property(hookUrl, release, fc.constantFrom('native', 'deis'), (url, facts, dialect) => {
        expect(urlOfRelease(parseHookUrl(url), facts, dialect).signed).toBe(frozenUrl(url, facts, dialect))
      }),
      runs(600),
    )
  })

  it('of any release is that of a plain one in the deis dialect', () => {
    fc.assert(
      fc.property(hookUrl, fullRelease, deliveryId, (url, facts, delivery) => {
        expect(urlOfRelease(parseHookUrl(url), facts, 'deis', delivery).signed).toBe(
          frozenUrl(url, facts, 'deis'),
        )
      }),
      runs(200),
    )
  })

  it('says in the native dialect what there is to say besides, sorted in, and is what a client sends', () => {
    fc.assert(
      fc.property(hookUrl, fullRelease, deliveryId, (url, facts, delivery) => {
        const { app, version, user, sha, summary, stage, environment, deployment } = facts
        const signed = urlOfRelease(parseHookUrl(url), facts, 'native', delivery).signed
        expect(signed).toBe(
          nativeUrl(url, {
            app,
            release: version,
            release_delivery: delivery,
            release_deployment: deployment,
            release_environment: environment,
            release_stage: stage,
            release_summary: summary,
            sha,
            user,
          }),
        )
        expect(new URL(signed).href).toBe(signed)
      }),
      runs(600),
    )
  })

  it('of two stages, environments, deployments or deliveries is never the same', () => {
    const url = 'https://hooks.example.com/deploy'
    const plain = { app: 'web', version: 4, user: 'gabrtv', summary: 'said so' }
    const told: readonly (readonly [Partial<ReleaseInput>, string?])[] = [
      [{}],
      [{ stage: 'succeeded' }],
      [{ stage: 'failed' }],
      [{ stage: 'rolled-back' }],
      [{ environment: 'a' }],
      [{ deployment: 'a' }],
      [{}, 'a'],
      [{}, 'b'],
    ]
    const urls = told.map(([facts, delivery]) => releaseUrl(url, { ...plain, ...facts }, { delivery }))
    expect(new Set(urls).size).toBe(told.length)
    expect(releaseUrl(url, { ...plain, stage: 'released' })).toBe(urls[0])
  })

  it.each(['', '\uD800'])('is not made for a delivery %j', (delivery) => {
    const plain = { app: 'web', version: 4, user: 'gabrtv' }
    expect(() => releaseUrl('https://hooks.example.com/deploy', plain, { delivery })).toThrow(
      expect.objectContaining({ code: 'option_invalid', option: 'delivery' }),
    )
  })
})

describe('a hook URL with a parameter called', () => {
  const names = [
    'release_delivery',
    'release_deployment',
    'release_environment',
    'release_stage',
    'release_time',
    'release%5Fstage',
    '%72elease_time',
  ]
  const five = ['app', 'release', 'release_summary', 'sha', 'user', '%61pp']

  it.each(names)('%s is refused in the dialect that needs it, and in no other', (name) => {
    for (const url of [`https://hooks.example.com/?${name}=x`, `https://hooks.example.com/?a=1&${name}`]) {
      expect(() => parseHookUrl(url, 'url', 'native')).toThrow(
        expect.objectContaining({ code: 'hook_url_parameter', option: 'url' }),
      )
      expect(parseHookUrl(url, 'url', 'deis').typed.query).toBe(url.split('?')[1])
      expect(parseHookUrl(url)).toEqual(parseHookUrl(url, 'url', 'deis')) // a verifier knows no dialect
      expect(() => releaseUrl(url, { app: 'web', version: 4, user: 'gabrtv' })).toThrow(/release_stage/u)
    }
  })

  it.each(five)('%s is refused in both', (name) => {
    for (const dialect of ['native', 'deis', undefined] as const)
      expect(() => parseHookUrl(`https://hooks.example.com/?${name}=x`, 'url', dialect)).toThrow(
        expect.objectContaining({ code: 'hook_url_parameter' }),
      )
  })

  it.each(['release_stages', 'release-stage', 'Release_stage', 'release_', 'stage', '?release_stage'])(
    '%s is refused in none',
    (name) => {
      const url = `https://hooks.example.com/?${name}=x`
      expect(parseHookUrl(url, 'url', 'native')).toEqual(parseHookUrl(url, 'url', 'deis'))
    },
  )
})
