import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseHookUrl } from '../../src/signing/hook-url.ts'
import { createVerifier } from '../../src/verify/verifier.ts'
import type { VerifiedHook, VerifyResult } from '../../src/verify/result.ts'
import { fullRelease, hookUrl as anyHookUrl } from '../arbitraries.ts'
import { nativeUrl } from '../signing/url-by-hand.ts'
import { fullReleaseOf, nativeVectors, ownVectors, reservedVectors } from '../vectors/vectors.ts'
import { delivery, hookUrl, release, secret, signature, type DeliveryOptions } from './delivery.ts'
import { runs } from '../runs.ts'

const names = [
  'release_delivery',
  'release_deployment',
  'release_environment',
  'release_stage',
  'release_time',
] as const
const five = 'app=foo&release=v1&release_summary=said+so&sha=&user=bob'
const foo = { app: 'foo', version: 'v1', user: 'bob', sha: '', summary: 'said so' }
const deliveryId = fc.constantFrom('dlv_0123456789abcdef0123456789abcdef', 'ü&release_stage=failed')

/** What a verifier of `url` makes of a query that was signed as it stands. */
function verified(query: string, url: string = hookUrl): VerifyResult {
  const authorization = signature(`${hookUrl}?${query}`)
  return createVerifier({ url, secret }).safeVerify({ url: `/x?${query}`, headers: { authorization } })
}

function outcome(query: string, url?: string): unknown {
  const result = verified(query, url)
  return result.ok ? result.hook.release : result.code
}

/** What a genuine delivery verifies as. */
function hookOf(options: DeliveryOptions): VerifiedHook {
  return createVerifier({ url: options.url ?? hookUrl, secret }).verify(delivery(options))
}

describe('known answers', () => {
  it.each([...nativeVectors, ...reservedVectors])('$name: verifies and reads back', (vector) => {
    const { pathname, search } = new URL(vector.url)
    for (const algorithm of ['sha1', 'sha256'] as const) {
      const verifier = createVerifier({ url: vector.base_url, secret: vector.secret, algorithm })
      const hook = verifier.verify({ url: pathname + search, headers: { authorization: vector[algorithm] } })

      expect(hook.release).toEqual(fullReleaseOf(vector))
      expect(hook.delivery).toBe(vector.fields.release_delivery)
      expect(hook.key).toBe(vector.fields.release_delivery ?? vector[algorithm])
    }
  })

  it.each(ownVectors)('$name: what Deis signed as the URL’s own says nothing of the release', (vector) => {
    const { pathname, search } = new URL(vector.url)
    const request = { url: pathname + search, headers: { authorization: vector.sha256 } }
    const hook = createVerifier({ url: vector.base_url, secret: vector.secret }).verify(request)

    expect(hook.release).toEqual(fullReleaseOf(vector))
    expect(hook).not.toHaveProperty('delivery')
    const other = createVerifier({ url: hookUrl, secret: vector.secret })
    expect(other.safeVerify(request)).toMatchObject({ ok: false })
  })
})

describe('what a release says besides', () => {
  it('comes back as it was sent, whatever is there and whatever is not', () => {
    const time = fc.option(fc.constantFrom('2026-11-30T12:00:00.000Z', 'now'), { nil: undefined })
    const again = fc.option(deliveryId, { nil: undefined })
    fc.assert(
      fc.property(anyHookUrl, fullRelease, again, time, (url, facts, again, time) => {
        const { app, version, user, sha, summary, stage, environment, deployment } = facts
        const signed = nativeUrl(url, {
          app,
          release: version,
          release_summary: summary,
          sha,
          user,
          release_stage: stage,
          release_environment: environment,
          release_deployment: deployment,
          release_delivery: again,
          release_time: time,
        })
        const { pathname, search } = new URL(signed)
        const authorization = signature(signed)
        const hook = createVerifier({ url, secret }).verify({
          url: pathname + search,
          headers: { authorization },
        })

        expect(hook.release).toStrictEqual({ ...facts, ...(time === undefined ? undefined : { time }) })
        expect(hook.delivery).toBe(again)
        expect(hook.key).toBe(again ?? authorization)
      }),
      runs(400),
    )
  })

  it('tells stages, environments, deployments and a second send apart, with the same words for people', () => {
    const all: readonly DeliveryOptions[] = [
      { release },
      { release: { ...release, stage: 'succeeded' } },
      { release: { ...release, stage: 'failed' } },
      { release: { ...release, stage: 'rolled-back' } },
      { release: { ...release, environment: 'staging' } },
      { release: { ...release, deployment: 'd-7' } },
      { release, again: 'dlv_1' },
      { release, again: 'dlv_2' },
    ]
    const handled = new Set<string>()
    const verifier = createVerifier({ url: hookUrl, secret })
    const take = (options: DeliveryOptions): boolean => {
      const result = verifier.safeVerify(delivery(options), { seen: (key) => handled.has(key) })
      if (result.ok) handled.add(result.hook.key)
      return result.ok
    }

    expect(all.map(take)).toEqual(all.map(() => true))
    expect(all.map(take)).toEqual(all.map(() => false)) // each of them comes twice, and is handled once
  })

  it('may have been put in another order on the way, as the rest', () => {
    const arrives = (url: string): string => {
      const [path, query = ''] = url.split('?')
      return `${path}?${query.split('&').toReversed().join('&')}`
    }
    const facts = { ...release, stage: 'failed', environment: 'eu', deployment: 'd-7' } as const

    expect(hookOf({ release: facts, again: 'dlv_1', arrives })).toMatchObject({
      release: facts,
      delivery: 'dlv_1',
      matched: { form: 'wire-sorted' },
    })
  })

  it.each(names)('is refused twice: %s', (name) => {
    const encoded = name.replace('_', '%5F')
    for (const again of [`${name}=a&${name}=a`, `${name}=a&${encoded}=b`, `${encoded}&${name}=failed`])
      expect(outcome(`${five}&${again}`)).toBe('parameter_repeated')
  })

  it.each(names)('is refused where it says nothing or cannot be read: %s', (name) => {
    for (const pair of [name, `${name}=`, `${name}=%ff`, `${name}=%`])
      expect(outcome(`${five}&${pair}`)).toBe('release_malformed')
  })

  it.each(['Failed', 'failed+', 'failed%00', 'deployed', 'constructor', '__proto__'])(
    'is refused as a stage that is not known: %s',
    (stage) => {
      expect(outcome(`${five}&release_stage=${stage}`)).toBe('release_malformed')
    },
  )

  it('is a stage even where a sender says what goes without saying', () => {
    expect(outcome(`${five}&release_stage=released`)).toEqual({ ...foo, stage: 'released' })
  })

  it.each(['release_tenant', 'release_stage2', 'Release_stage', 'release_', 'stage', 'release_stage+'])(
    'is no other parameter than these: %s',
    (name) => {
      expect(outcome(`${five}&${name}=failed`)).toBe('signature_mismatch')
      expect(outcome(`${five}&${name}=failed`, `${hookUrl}?${name}=failed`)).toEqual(foo)
    },
  )

  it('does not stand for a part of the release that is missing', () => {
    expect(outcome(`${five.replace('&sha=', '')}&release_stage=failed`)).toBe('release_incomplete')
  })
})

describe('a hook URL of the deis dialect with a parameter of such a name', () => {
  const ownPair = fc
    .tuple(
      fc.constantFrom(...names, 'release%5Fstage', 'token', 'a?release_stage'),
      fc.constantFrom('', '=', '=failed', '=succeeded', '=%7Ex', '=ü', '=x?y'),
    )
    .map((pair) => pair.join(''))
  const ownQuery = fc.array(ownPair, { minLength: 1, maxLength: 3 }).map((pairs) => pairs.join('&'))

  it('verifies, and the parameter is the URL’s own: it says nothing of the release', () => {
    fc.assert(
      fc.property(ownQuery, fullRelease, deliveryId, (query, facts, again) => {
        const { app, version, user, sha, summary } = facts
        const options = { url: `${hookUrl}?${query}`, release: facts, dialect: 'deis', again } as const
        const hook = hookOf(options)

        expect(hook.release).toStrictEqual({ app, version, user, sha, summary })
        expect(hook).not.toHaveProperty('delivery')
        expect(hook.key).toBe(hook.digest)
      }),
      runs(200),
    )
  })

  it('is told from the same URL without it, and from a release that says so, each way', () => {
    for (const name of names) {
      const own = `${hookUrl}?${name}=failed`
      const facts = { ...release, stage: 'failed', environment: 'failed', deployment: 'failed' } as const
      const ofOwn = delivery({ url: own, dialect: 'deis' })
      const said = delivery({ release: facts, again: 'failed' })

      expect(createVerifier({ url: hookUrl, secret }).safeVerify(ofOwn)).toMatchObject({ ok: false })
      expect(createVerifier({ url: own, secret }).safeVerify(said)).toMatchObject({ ok: false })
      expect(outcome(`${five}&${name}=failed`, own)).toBe('signature_mismatch')
      expect(parseHookUrl(own).typed.query).toBe(`${name}=failed`)
    }
  })

  it('verifies where a client has spelled it in another way, and with another value it does not', () => {
    const url = `${hookUrl}?release_stage={failed}`
    const sent = delivery({ url, dialect: 'deis' })
    const respelled = sent.url.replace('{failed}', '%7Bfailed%7D')
    const verifier = createVerifier({ url, secret })

    expect(verifier.verify({ ...sent, url: respelled }).release).toStrictEqual(release)
    for (const other of ['{succeeded}', '%7Bfailed', ''])
      expect(verifier.safeVerify({ ...sent, url: sent.url.replace('{failed}', other) })).toMatchObject({
        ok: false,
        code: 'signature_mismatch',
      })
  })
})
