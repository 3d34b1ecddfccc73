import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Pace } from '../../src/pace.ts'

describe('a pace', () => {
  it('lets one through each interval', () => {
    const pace = new Pace({ perSecond: 2 })
    expect(pace.readyAt).toBe(-Infinity)
    pace.take(1000)
    expect(pace.readyAt).toBe(1500)
    pace.take(1500)
    expect(pace.readyAt).toBe(2000)
  })

  it('after a rest lets a burst through, and then one each interval', () => {
    const pace = new Pace({ perSecond: 1, burst: 3 })
    const waits: number[] = []
    for (let sent = 0; sent < 5; sent += 1) {
      const now = Math.max(10_000, pace.readyAt)
      waits.push(now - 10_000)
      pace.take(now)
    }
    expect(waits).toEqual([0, 0, 0, 1000, 2000])
  })

  it('never lets more than its burst and its rate through in any period', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 2, maxLength: 100 }),
        (perSecond, burst, pauses) => {
          const pace = new Pace({ perSecond, burst })
          const sent: number[] = []
          let now = 0
          for (const pause of pauses) {
            now = Math.max(now + pause, pace.readyAt)
            pace.take(now)
            sent.push(now)
          }
          for (const [first, from] of sent.entries())
            for (const [more, to] of sent.slice(first).entries())
              expect(more + 1).toBeLessThanOrEqual(burst + ((to - from) * perSecond) / 1000 + 1e-6)
        },
      ),
    )
  })
})
