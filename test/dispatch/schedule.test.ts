import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultSchedule, delayAfter, retryAfterMs } from '../../src/schedule.ts'

describe('the schedule', () => {
  it('is 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 3 h, 6 h, 12 h, and then over', () => {
    const seconds = Array.from({ length: 11 }, (_, index) => delayAfter(index + 1, defaultSchedule, 0.5)).map(
      (ms) => (ms === undefined ? undefined : ms / 1000),
    )
    expect(seconds).toEqual([5, 30, 120, 600, 1800, 3600, 10_800, 21_600, 43_200, undefined, undefined])
  })

  it('has no delay before the first attempt', () => {
    expect(delayAfter(0, defaultSchedule, 0.5)).toBeUndefined()
  })

  it('varies by a tenth either way', () => {
    expect(delayAfter(1, defaultSchedule, 0)).toBe(4500)
    expect(delayAfter(1, defaultSchedule, 0.999_999_9)).toBe(5500)
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, random) => {
          const delay = delayAfter(attempt, defaultSchedule, random) as number
          const middle = defaultSchedule.delaysMs[attempt - 1] as number
          expect(Math.abs(delay - middle)).toBeLessThanOrEqual(middle / 10 + 1)
        },
      ),
    )
  })
})

describe('Retry-After', () => {
  const now = Date.UTC(2026, 10, 21, 9, 0, 0)

  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7000],
    ['1.5', 1500],
    ['0.0001', 1],
    ['Sat, 21 Nov 2026 09:01:00 GMT', 60_000],
    ['Saturday, 21-Nov-26 09:01:00 GMT', 60_000],
    ['Sat Nov 21 09:01:00 2026', 60_000],
    ['Sat, 21 Nov 2026 08:00:00 GMT', 0],
  ])('%j is %i ms', (value, expected) => {
    expect(retryAfterMs(value, now)).toBe(expected)
  })

  it.each([
    undefined,
    '',
    'soon',
    '-1',
    '1e3',
    '0x10',
    '1,5',
    'May 5',
    '5 May',
    '2026-11-21',
    'Sat',
    'Infinity',
    'NaN',
    '9'.repeat(40),
  ])('%j is ignored', (value) => {
    expect(retryAfterMs(value, now)).toBeUndefined()
  })

  it('is a finite number or nothing, whatever a receiver sends', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const ms = retryAfterMs(value, now)
        expect(ms === undefined || (Number.isFinite(ms) && ms >= 0)).toBe(true)
      }),
    )
  })
})
