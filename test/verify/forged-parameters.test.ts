import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { furtherParameters as names } from '../../src/signing/query.ts'
import { createVerifier } from '../../src/verify/verifier.ts'
import { fullRelease, hookUrl as anyHookUrl, release as anyRelease } from '../arbitraries.ts'
import { delivery, secret } from './delivery.ts'
import { runs } from '../runs.ts'

const deliveryId = fc.constantFrom('dlv_0123456789abcdef0123456789abcdef', 'ü&release_stage=failed')

describe('a parameter that was put in, taken out or changed on the way', () => {
  const value = fc.constantFrom(
    'failed',
    'succeeded',
    'released',
    'production',
    'dlv_1',
    '',
    '%66ailed',
    'x~',
  )
  const kinds = ['add', 'prepend', 'remove', 'rename', 'set', 'swap', 'encode', 'cut off'] as const
  const change = fc.record({
    kind: fc.constantFrom(...kinds),
    at: fc.nat(),
    name: fc.constantFrom(...names),
    value,
  })

  /** The pairs of a query, one of those that the change is about changed. */
  function changed(
    pairs: readonly string[],
    { kind, at, name, value }: { kind: (typeof kinds)[number]; at: number; name: string; value: string },
  ): string {
    const further = pairs.flatMap((pair, index) => (/^release_(?!summary)/u.test(pair) ? [index] : []))
    const index = further[at % further.length] ?? 0
    const [from = '', old = ''] = (pairs[index] ?? '').split('=')
    const other = pairs[further[(at + 1) % further.length] ?? 0] ?? ''
    switch (kind) {
      case 'add':
        return pairs.toSpliced(at % (pairs.length + 1), 0, `${name}=${value}`).join('&')
      case 'prepend':
        return `${name}=${value}?${pairs.join('&')}`
      case 'remove':
        return pairs.toSpliced(index, 1).join('&')
      case 'rename':
        return pairs.with(index, `${name}=${old}`).join('&')
      case 'set':
        return pairs.with(index, `${from}=${value}`).join('&')
      case 'swap':
        return pairs.with(index, `${from}=${other.slice(other.indexOf('=') + 1)}`).join('&')
      case 'encode':
        return pairs.with(index, `${from.replace('_', '%5F')}=${old}`).join('&')
      default: // cut off
        return `${pairs.toSpliced(index, 1).join('&')}?${pairs[index]}`
    }
  }

  it('never verifies, alone or with others', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(
        anyHookUrl,
        fullRelease,
        deliveryId,
        fc.array(change, { minLength: 1, maxLength: 3 }),
        (url, facts, again, changes) => {
          const sent = delivery({ url, release: facts, again })
          const query = sent.url.slice(sent.url.indexOf('?') + 1)
          const other = changes.reduce((text, each) => changed(text.split('&'), each), query)
          const isSame = other.split('&').toSorted().join('&') === query.split('&').toSorted().join('&')
          fc.pre(!isSame)
          const result = createVerifier({ url, secret }).safeVerify({ ...sent, url: `/?${other}` })

          expect(result).toEqual({ ok: false, code: 'signature_mismatch', status: 401 })
          for (const { kind } of changes) seen.add(kind)
        },
      ),
      runs(1000),
    )
    expect(seen.size).toBe(kinds.length)
  })

  it('never verifies where there was none', () => {
    fc.assert(
      fc.property(
        anyHookUrl,
        anyRelease,
        fc.constantFrom('native', 'deis'),
        fc.constantFrom(...names),
        value,
        fc.nat(),
        (url, facts, dialect, name, value, at) => {
          const sent = delivery({ url, release: facts, dialect })
          const pairs = sent.url.slice(sent.url.indexOf('?') + 1).split(/(?<=[?&])/u)
          const forged = pairs.toSpliced(at % pairs.length, 0, `${name}=${value}&`).join('')

          expect(createVerifier({ url, secret }).safeVerify({ ...sent, url: `/?${forged}` })).toMatchObject({
            ok: false,
            code: 'signature_mismatch',
          })
        },
      ),
      runs(600),
    )
  })
})
