import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alphabetised, quotePlus, rawPairs, unquotePlus } from '../../src/signing/query.ts'
import { runs } from '../runs.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 60 })

describe('quotePlus', () => {
  it.each([
    ['AZaz09_.-~', 'AZaz09_.-~'],
    ['a b', 'a+b'],
    ['a+b', 'a%2Bb'],
    ["!'()*", '%21%27%28%29%2A'],
    ['é', '%C3%A9'],
    ['🚀', '%F0%9F%9A%80'],
    ['100% of %20', '100%25+of+%2520'],
    ['\0\t\n\x7F', '%00%09%0A%7F'],
    ['', ''],
  ])('encodes %j as Python does', (plain, encoded) => {
    expect(quotePlus(plain)).toBe(encoded)
  })

  it('leaves nothing but unreserved characters, plus and upper-case escapes', () => {
    fc.assert(
      fc.property(text, (plain) => {
        expect(quotePlus(plain)).toMatch(/^(?:[A-Za-z0-9_.~+-]|%[0-9A-F]{2})*$/u)
      }),
    )
  })

  it('is undone by unquotePlus', () => {
    fc.assert(
      fc.property(text, (plain) => {
        expect(unquotePlus(quotePlus(plain))).toBe(plain)
      }),
    )
  })
})

describe('unquotePlus', () => {
  it.each(['%', '%zz', '%C3', '%ff', '%C3%28', '%ED%A0%80'])('answers undefined for %j', (raw) => {
    expect(unquotePlus(raw)).toBeUndefined()
  })

  it('agrees with decodeURIComponent for any text, malformed escapes included', () => {
    const escape = fc.constantFrom(
      '%',
      '+',
      '%2',
      '%2B',
      '%2b',
      '%00',
      '%7F',
      '%80',
      '%C3%A9',
      '%f0%9F%9a%80',
      '%G0',
      '%0G',
      '%%41',
    )
    const piece = fc.oneof(
      escape,
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.stringMatching(/^%[0-9A-Fa-f]{2}$/u),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const raw = pieces.join('')
        let expected: string | undefined
        try {
          expected = decodeURIComponent(raw.replaceAll('+', ' '))
        } catch {
          expected = undefined
        }
        expect(unquotePlus(raw)).toBe(expected)
      }),
      runs(4000),
    )
  })

  it('reads %20 as well as plus', () => {
    expect(unquotePlus('a%20b+c')).toBe('a b c')
  })
})

describe('alphabetised', () => {
  it('sorts by name first, where whole pairs would sort a-b before a', () => {
    expect(alphabetised(['a-b=1', 'a=1', 'a=0', 'Z=1'])).toEqual(['Z=1', 'a=0', 'a=1', 'a-b=1'])
  })

  it('puts release before release_summary', () => {
    expect(alphabetised(rawPairs('user=u&sha=&release_summary=s&release=v1&app=a'))).toEqual([
      'app=a',
      'release=v1',
      'release_summary=s',
      'sha=',
      'user=u',
    ])
  })

  it('gives the same order whatever order it is given', () => {
    const pair = fc.tuple(text, text).map(([name, value]) => `${quotePlus(name)}=${quotePlus(value)}`)
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 8 }), fc.infiniteStream(fc.nat()), (pairs, numbers) => {
        const shuffled = pairs
          .map((entry) => [numbers.next().value as number, entry] as const)
          .toSorted(([left], [right]) => left - right)
          .map(([, entry]) => entry)
        expect(alphabetised(shuffled)).toEqual(alphabetised(pairs))
      }),
    )
  })
})
