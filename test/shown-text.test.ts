import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as errors from '../src/errors.ts'
import { shownText, textOfError } from '../src/shown-text.ts'
import { runs } from './runs.ts'

const point = (code: number): string => String.fromCodePoint(code)

/** Every character of these ranges, ends included. */
function characters(...ranges: readonly (readonly [first: number, last: number])[]): readonly string[] {
  return ranges.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => point(first + index)),
  )
}

const dangerous = characters(
  [0, 8],
  [0xb, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x61c, 0x61c],
  [0x180e, 0x180e],
  [0x200b, 0x200b],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe007f],
  [0xd800, 0xd800],
  [0xdfff, 0xdfff],
)

const isDangerous: ReadonlySet<string> = new Set(dangerous)

describe('a text that people are shown', () => {
  it('has no control, no character that turns directions, and none that nobody sees', () => {
    for (const [before, behind] of ['ab', '日本', '👩🚒'].map((text) => Array.from(text)))
      for (const character of dangerous)
        expect(`${character} ${shownText(`${before}${character}${behind}`)}`).toBe(
          `${character} ${before}\u{FFFD}${behind}`,
        )
  })

  it('steers no terminal, whichever way the sequence is begun', () => {
    expect(shownText('\u{1B}[2J\u{9B}31m\u{1B}]8;;https://evil.example\u{7}ok\u{1B}\\')).toBe(
      '\u{FFFD}[2J\u{FFFD}31m\u{FFFD}]8;;https://evil.example\u{FFFD}ok\u{FFFD}\\',
    )
  })

  it('keeps tabs, line ends, and every character that is printed', () => {
    const printed = characters([0x20, 0x7e], [0xa1, 0xac], [0xae, 0x200], [0x391, 0x3a1], [0x4e00, 0x4eff])
    const text = `\t\n${printed.join('')}`
    expect(shownText(text)).toBe(text)
  })

  it.each([
    ['emoji that are joined', '👩\u{200D}🚒 ❤\u{FE0F}\u{200D}🔥'],
    ['keycaps', '1\u{FE0F}\u{20E3} #\u{FE0F}\u{20E3}'],
    ['Persian', 'می\u{200C}خواهم'],
    ['Devanagari', 'क्\u{200D}ष'],
    ['Kanji in a variant of theirs', '葛\u{E0100}城'],
    ['Mongolian', 'ᠠ\u{180B}'],
    ['combined letters', 'e\u{301}'],
  ])('keeps what %s are written with', (_, text) => {
    expect(shownText(text)).toBe(text)
  })

  it('has no joiner and no selector where no script wants one', () => {
    for (const [text, shown] of [
      ['ad\u{200D}min', 'ad_min'],
      ['\u{200C}', '_'],
      ['日\u{200D}', '日_'],
      ['\u{200D}日', '_日'],
      ['日\u{200D}\u{200D}日', '日__日'],
      ['日\u{FE0F}\u{FE0F}', '日\u{FE0F}_'],
      [' \u{FE0F}', ' _'],
      ['\u{E0101}\u{E0102}', '__'],
    ] as const)
      expect(shownText(text)).toBe(shown.replaceAll('_', '\u{FFFD}'))
  })

  it('is the same when it is made so again, and as long as it was', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom(...dangerous, '\u{200D}', '\u{200C}', '\u{FE0F}', 'a', '日', '👩'))
        .map((all) => all.join('')),
    )
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = shownText(text)
        expect(shownText(shown)).toBe(shown)
        expect(Array.from(shown)).toHaveLength(Array.from(text).length)
        expect(Array.from(shown).filter((character) => isDangerous.has(character))).toEqual([])
      }),
      runs(400),
    )
  })
})

describe('the message of an error of this library', () => {
  const hostile = 'a\u{1B}[2Jb\u{202E}c\u{200B}d'
  const shown = shownText(hostile)

  it.each<[string, Error]>([
    ['configuration', new errors.ConfigurationError('option_invalid', hostile, hostile)],
    ['release', new errors.ReleaseError(hostile, hostile)],
    ['store', new errors.StoreError('store_failed', hostile)],
  ])('about the %s is one that people may be shown, whose words it may quote', (_about, { message }) => {
    expect(shown).not.toBe(hostile)
    expect(message).toContain(shown)
    expect(shownText(message)).toBe(message)
  })
})

describe('what an error says', () => {
  it('is its text, of 4,000 characters at most', () => {
    expect(textOfError(new TypeError('one\u{1B}[0m'))).toBe('TypeError: one\u{1B}[0m')
    expect(textOfError(Symbol('thrown'))).toBe('Symbol(thrown)')
    expect(textOfError('x'.repeat(100_000))).toBe('x'.repeat(4000))
  })

  it('is one also where what was thrown has no text', () => {
    expect(textOfError(Object.create(null))).toBe('a value of type object that has no text')
    const hostile = {
      toString(): string {
        throw new Error('no')
      },
    }
    expect(textOfError(hostile)).toBe('a value of type object that has no text')
  })
})
