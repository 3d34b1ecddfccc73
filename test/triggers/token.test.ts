import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createToken, digestOf, hintOf } from '../../src/triggers/token.ts'
import { createTriggers, isTriggerToken } from '../../src/triggers/index.ts'
import { memoryStore } from '../../src/index.ts'

describe('a token', () => {
  it('has a prefix, 32 random characters and a checksum', () => {
    expect(createToken('dht')).toMatch(/^dht_[0-9A-Za-z]{38}$/u)
    expect(isTriggerToken(createToken('dht'))).toBe(true)
    expect(isTriggerToken(createToken('acme'), { prefix: 'acme' })).toBe(true)
    expect(isTriggerToken(createToken('acme'))).toBe(false)
  })

  it('is never made twice', () => {
    expect(new Set(Array.from({ length: 10_000 }, () => createToken('dht'))).size).toBe(10_000)
  })

  it('uses every character about as often', () => {
    const counts = new Map<string, number>()
    for (let index = 0; index < 3000; index += 1)
      for (const character of createToken('x0').slice(3, 35))
        counts.set(character, (counts.get(character) ?? 0) + 1)
    expect(counts.size).toBe(62)
    // 96,000 characters, 1,548 of each: six deviations are 234.
    for (const count of counts.values()) expect(Math.abs(count - 1548)).toBeLessThan(300)
  })

  it('is none any more when one character is changed, added or lost', () => {
    const change = fc.record({ at: fc.nat({ max: 41 }), to: fc.string({ unit: 'grapheme', maxLength: 2 }) })
    fc.assert(
      fc.property(change, ({ at, to }) => {
        const token = createToken('dht')
        const changed = token.slice(0, at) + to + token.slice(at + 1)
        expect(isTriggerToken(changed)).toBe(changed === token)
      }),
    )
  })

  it('is told from anything else without being looked up', () => {
    fc.assert(fc.property(fc.anything(), (value) => !isTriggerToken(value as string)))
    fc.assert(
      // One of 62^6 texts of this form has the right checksum.
      fc.property(fc.stringMatching(/^dht_[0-9A-Za-z]{38}$/u), (text) => !isTriggerToken(text)),
    )
  })

  it('is kept as its digest and its last four characters', () => {
    const token = createToken('dht')
    expect(digestOf(token)).toMatch(/^[\da-f]{64}$/u)
    expect(hintOf(token)).toBe(token.slice(-4))
  })

  it.each(['', 'D', 'has space', 'way-too-long-for-a-prefix', '9x', 'a_b', 7 as unknown as string])(
    'has no prefix such as %j',
    (tokenPrefix) => {
      const options = { store: memoryStore(), onTrigger: () => ({ id: 'x' }), tokenPrefix }
      expect(() => createTriggers(options)).toThrow(expect.objectContaining({ code: 'option_invalid' }))
    },
  )
})
