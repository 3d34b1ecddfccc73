import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReleaseError, releaseUrl, type ReleaseInput } from '../../src/index.ts'
import { parseHookUrl } from '../../src/signing/hook-url.ts'
import { unquotePlus } from '../../src/signing/query.ts'
import { cutsSummary, urlOfRelease } from '../../src/signing/release-url.ts'
import { runs } from '../runs.ts'

const longest = 7980
const facts = { app: 'web', version: 'v4', user: 'gabrtv', sha: '35b3726' }

/** Longer than any URL may be, and near the border. */
const summary = fc
  .array(fc.constantFrom('a', ' ', '&', '日', 'é', '🚀', "'", '%', 'deploy', '…'), {
    minLength: 1500,
    maxLength: 2600,
  })
  .map((parts) => parts.join(''))
const path = fc.constantFrom('', '/hooks?token=abc', `/${'p'.repeat(3000)}`, '/hük?ü=部署', '/?zz=1&aa')
const dialect = fc.constantFrom('native' as const, 'deis' as const)
/** It has no `release_summary` before the release's own. */
const summaryIn = (url: string): string => {
  const from = url.lastIndexOf('release_summary=') + 'release_summary='.length
  return unquotePlus(url.slice(from).split('&')[0] ?? '') ?? ''
}

describe('the summary in a URL', () => {
  it('is whole, or its longest start that fits with an ellipsis, of whole characters', () => {
    let cut = 0
    fc.assert(
      fc.property(summary, path, dialect, (text, end, spoken) => {
        const hook = parseHookUrl(`https://hooks.example${end}`, 'url', spoken)
        const of = (given: string): ReturnType<typeof urlOfRelease> =>
          urlOfRelease(hook, { ...facts, summary: given }, spoken)
        const { signed, sent, isCut } = of(text)
        expect(Buffer.byteLength(sent)).toBeLessThanOrEqual(longest)
        const shown = summaryIn(signed)
        expect(isCut).toBe(shown !== text)
        if (!isCut) return
        cut += 1
        expect(shown.endsWith('…')).toBe(true)
        const kept = Array.from(shown).slice(0, -1)
        const all = Array.from(text)
        expect(all.slice(0, kept.length)).toEqual(kept)
        // One more would not have fitted.
        const more = [...kept, all[kept.length]].join('')
        const size = (given: string): number => sent.length + encodedSize(given) - encodedSize(kept.join(''))
        expect(size(more)).toBeGreaterThan(longest)
      }),
      runs(60),
    )
    expect(cut).toBeGreaterThan(20)
  })

  it('is whole in a URL of exactly as many bytes as servers read, and cut in one of a byte more', () => {
    const room = longest - releaseUrl('https://hooks.example', { ...facts, summary: '' }).length
    const url = (text: string): string => releaseUrl('https://hooks.example', { ...facts, summary: text })
    expect(summaryIn(url('s'.repeat(room)))).toBe('s'.repeat(room))
    expect(summaryIn(url('s'.repeat(room + 1)))).toBe(`${'s'.repeat(room - 9)}…`)
  })
})

/** Facts of which some URLs are as long as servers read, some a little longer or shorter, and some too long for any summary. */
const near = fc.record({
  part: fc.constantFrom('app', 'version', 'user', 'sha', 'environment', 'deployment' as const),
  unit: fc.constantFrom('a', '日', '🚀', ' '),
  short: fc.constantFrom('', 's', 'ein Text', '日本', 's'.repeat(99)),
  off: fc.integer({ min: -150, max: 150 }),
  delivery: fc.constantFrom(undefined, 'dlv_0123456789'),
})

describe('whether a summary is cut', () => {
  it('is known of every release, without the URL of most', () => {
    const found = { cut: 0, whole: 0, none: 0 }
    fc.assert(
      fc.property(near, path, dialect, ({ part, unit, short, off, delivery }, end, spoken) => {
        const hook = parseHookUrl(`https://hooks.example${end}`, 'url', spoken)
        const of = (count: number): Parameters<typeof urlOfRelease>[1] => ({
          ...facts,
          summary: short,
          [part]: unit.repeat(count),
        })
        const least = urlOfRelease(hook, of(1), spoken, delivery).sent.length
        const count = Math.max(1, 1 + Math.floor((longest + off - least) / encodedSize(unit)))
        const expected = cutOf(() => urlOfRelease(hook, of(count), spoken, delivery).isCut)
        found[expected === undefined ? 'none' : expected ? 'cut' : 'whole'] += 1
        expect(cutsSummary(hook, of(count), spoken, delivery)).toBe(expected ?? false)
      }),
      runs(1000),
    )
    expect(Math.min(...Object.values(found))).toBeGreaterThan(20)
  })
})

/** `undefined` where it fits in no URL. */
function cutOf(isCut: () => boolean): boolean | undefined {
  try {
    return isCut()
  } catch (error) {
    if (error instanceof ReleaseError) return undefined
    throw error
  }
}

function encodedSize(text: string): number {
  return new URLSearchParams({ '': text }).toString().length - 1
}

describe('a release that fits in no URL', () => {
  const given: ReleaseInput = { ...facts, app: '日'.repeat(900), summary: 'short' }

  it('is refused with the sizes of its parts, the largest first, and nothing of the hook', () => {
    for (const spoken of ['native', 'deis'] as const) {
      const make = (): string =>
        releaseUrl('https://hooks.example/?token=planted', given, { dialect: spoken })
      expect(make).toThrow(ReleaseError)
      expect(make).toThrow(expect.objectContaining({ code: 'url_too_long', field: '' }))
      expect(make).toThrow(/without any summary \(app 8104, the hook's own URL \d+, .*release_summary 16/u)
      expect(make).not.toThrow(/planted/u)
    }
  })
})
