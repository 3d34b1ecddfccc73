import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { charactersIn, hasRow } from '../../src/masking/row.ts'
import { runs } from '../runs.ts'

describe('a row of characters', () => {
  it('is found wherever it stands, and only when it is long enough', () => {
    const text = fc
      .array(fc.constantFrom('a', 'aaa', 'aaaaaaa', 'b', 'é', ' '))
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 12 }), (text, count) => {
        const rows = text.split(/[^ab]+/u)
        expect(hasRow(text, charactersIn('ab'), count)).toBe(rows.some(({ length }) => length >= count))
      }),
      runs(400),
    )
  })
})
