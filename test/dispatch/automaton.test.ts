import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Automaton, type Span } from '../../src/masking/automaton.ts'
import type { Sought } from '../../src/masking/sought.ts'
import { Spelled } from '../../src/masking/spelled.ts'
import { runs } from '../runs.ts'

const shortest = 4

/** Of two letters, so that texts start and end alike. */
const letters = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom('a', 'b', '='), minLength, maxLength })
const sought: fc.Arbitrary<Sought> = fc.record({
  units: letters(shortest, 12),
  before: fc.nat({ max: 1 }),
  behind: fc.nat({ max: 5 }),
  size: fc.constant(12),
})

/** Each text looked for at each place; what touches is one. */
function spansByHand(text: string, texts: readonly Sought[], isCut: boolean): readonly Span[] {
  const isMasked = Array.from({ length: text.length }, () => false)
  const mask = (from: number, to: number): void => {
    isMasked.fill(true, Math.max(0, from), Math.min(to, text.length))
  }
  for (let at = 0; at < text.length; at += 1)
    for (const { units, before, behind } of texts)
      if (text.startsWith(units, at)) {
        const end = at + units.length
        // All that end here are masked as far as the furthest of them is.
        const furthest = texts.reduce(
          (most, other) => (text.slice(0, end).endsWith(other.units) ? Math.max(most, other.behind) : most),
          behind,
        )
        mask(at - before, end + furthest + (/^={0,2}/u.exec(text.slice(end + furthest))?.[0].length ?? 0))
      }
  if (isCut) mask(begunAt(text, texts), text.length)
  return spansOf(isMasked)
}

/** Where the end of a text begins that is the longest start of one that is looked for. */
function begunAt(text: string, texts: readonly Sought[]): number {
  for (let at = 0; at <= text.length - shortest; at += 1) {
    const alike = texts.filter(({ units }) => units.startsWith(text.slice(at)))
    if (alike.length > 0) return at - Math.max(...alike.map(({ before }) => before))
  }
  return text.length
}

function spansOf(isMasked: readonly boolean[]): readonly Span[] {
  const starts = isMasked.flatMap((masked, at) => (masked && isMasked[at - 1] !== true ? [at] : []))
  return starts.map((start) => {
    const end = isMasked.indexOf(false, start)
    return { start, end: end === -1 ? isMasked.length : end }
  })
}

const automaton = new Automaton()

describe('the search for many texts at once', () => {
  it('finds what a search for each at each place finds', () => {
    fc.assert(
      fc.property(
        letters(0, 60),
        fc.array(sought, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        (text, texts, isCut) => {
          const spans = automaton.lookFor(texts).spansIn(new Spelled().readAsItIs(text), isCut)
          expect(spans).toEqual(spansByHand(text, texts, isCut))
        },
      ),
      runs(1000),
    )
  })
})
