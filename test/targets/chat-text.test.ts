import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { line, linkable, visible } from '../../src/targets/chat-text.ts'
import { ellipsized } from '../../src/cut.ts'
import { runs } from '../runs.ts'

describe('a text that is cut', () => {
  it.each([
    ['web', 3, 'web'],
    ['webs', 3, 'we…'],
    ['🚀🚀', 4, '🚀🚀'],
    ['🚀🚀🚀', 4, '🚀…'],
    ['🚀🚀🚀', 3, '🚀…'],
    ['🚀', 1, '…'],
    ['web', 1, '…'],
    ['web', 0, ''],
    ['', 0, ''],
  ])('%s is at %i %s', (text, max, expected) => {
    expect(ellipsized(text, max)).toBe(expected)
  })

  it('never is longer, never ends within a character, and is as long as can be', () => {
    const sizes = { '&': 5, '<': 4 } as Readonly<Record<string, number>>
    const sizeOf = (character: string): number => sizes[character] ?? character.length
    const total = (text: string): number => Array.from(text).reduce((sum, each) => sum + sizeOf(each), 0)
    const text = fc.string({ unit: fc.constantFrom('&', '<', 'a', '🚀', '部') })
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 60 }), (given, max) => {
        const kept = ellipsized(given, max, sizeOf)
        expect(total(kept)).toBeLessThanOrEqual(max)
        expect(kept.isWellFormed()).toBe(true)
        if (total(given) <= max) {
          expect(kept).toBe(given)
          return
        }
        expect(kept.endsWith('…')).toBe(true)
        const start = kept.slice(0, -1)
        expect(given.startsWith(start)).toBe(true)
        const [next = ''] = given.slice(start.length)
        expect(total(kept) + sizeOf(next)).toBeGreaterThan(max - 1)
      }),
    )
  })
})

describe('a text that is shown', () => {
  it.each([
    ['a\r\nb\rc', 'a\nb\nc'],
    [' \u{1B}[31mred\u{7} ', '[31mred'],
    ['\u{202E}txt.exe\u{202C}', 'txt.exe'],
    ['\u{D83D}', '\u{FFFD}'],
    ['\u{200B}\u{FEFF}\u{2060}', ''],
    ['\u{3164}\u{2800}', ''],
    ['é', 'é'],
    ['👩‍👩‍👧‍👦', '👩‍👩‍👧‍👦'],
    ['مرحبا', 'مرحبا'],
  ])('%j is %j', (text, expected) => {
    expect(visible(text)).toBe(expected)
  })

  it('is one line where there is room for one', () => {
    expect(line('a\n\n b\u{2028}c\td')).toBe('a b c d')
  })
})

describe('a link', () => {
  it.each([
    [undefined, undefined],
    ['https://a.example', 'https://a.example/'],
    ['https://a.example/a b|c>d', 'https://a.example/a%20b%7Cc%3Ed'],
    ['https://a.example/(x)?q={{a}}\'"`\\', 'https://a.example/%28x%29?q=%7B%7Ba%7D%7D%27%22%60%5C'],
    ['https://[::1]/x', 'https://[::1]/x'],
    [`https://a.example/${'x'.repeat(1982)}`, `https://a.example/${'x'.repeat(1982)}`],
    [`https://a.example/${'x'.repeat(1983)}`, undefined],
    [`https://a.example/${'部'.repeat(300)}`, undefined],
    ['web', undefined],
    ['javascript:alert(1)', undefined],
    ['https://git.example@evil.example/', undefined],
    ['https://:password@a.example/', undefined],
  ])('to %s is %s', (url, expected) => {
    expect(linkable(url)).toBe(expected)
  })

  it('is one that ends no markup and leads where it says, or none, whatever a release says', () => {
    const texts = fc.oneof(
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.string({ unit: 'binary' }).map((text) => `https://a.example/${text}`),
      fc.string({
        unit: fc.constantFrom(...Array.from('htps:/@\\.?#|<>()[] \t\n'), 'https://', 'javascript:'),
      }),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const link = linkable(text)
        if (link === undefined) return
        expect(link).toMatch(/^https?:\/\/[^/?#@]+\/[!#$%&*+,\-./:;=?@[\]^\w~]*$/u)
      }),
      runs(400),
    )
  })
})
