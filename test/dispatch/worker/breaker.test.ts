import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Breaker, type BreakerReading } from '../../../src/dispatch/worker/breaker.ts'
import { defaultBreaker } from '../../../src/hooks/breaker-settings.ts'

const settings = { failureShare: 0.5, minimum: 4, windowMs: 1000, openMs: 100, maxOpenMs: 350 }

function newBreaker(): { readonly breaker: Breaker; readonly changes: BreakerReading[] } {
  const changes: BreakerReading[] = []
  return { breaker: new Breaker(settings, (reading) => changes.push(reading)), changes }
}

function fail(breaker: Breaker, times: number, now = 0): void {
  for (let time = 0; time < times; time += 1) breaker.record(true, now)
}

describe('a breaker', () => {
  it('opens at its share of failures, with the figures that it came of', () => {
    const { breaker, changes } = newBreaker()
    breaker.record(false, 0)
    breaker.record(false, 10)
    breaker.record(true, 20)
    expect(breaker.state).toBe('closed')
    breaker.record(true, 30)
    expect(changes).toEqual([{ state: 'open', attempts: 4, failures: 2, until: 130 }])
    expect(breaker.opensAt).toBe(130)
  })

  it('does not open before its minimum of attempts, whatever their share', () => {
    const { breaker } = newBreaker()
    fail(breaker, settings.minimum - 1)
    expect(breaker.state).toBe('closed')
    fail(breaker, 1)
    expect(breaker.state).toBe('open')
  })

  it('forgets what is older than its window', () => {
    const { breaker } = newBreaker()
    fail(breaker, 3, 0)
    fail(breaker, 1, settings.windowMs)
    expect(breaker.state).toBe('closed')
    expect(breaker.read(settings.windowMs)).toEqual({ state: 'closed', attempts: 1, failures: 1 })
  })

  it('never opens by a success, though most before it failed', () => {
    const { breaker } = newBreaker()
    fail(breaker, 3)
    breaker.record(false, 1)
    expect(breaker.state).toBe('closed')
  })

  it('is half-open from what is sent next, and closes when that succeeds, as if nothing had been', () => {
    const { breaker, changes } = newBreaker()
    fail(breaker, 4)
    breaker.begin(100)
    expect(breaker.state).toBe('half-open')
    breaker.record(false, 110)
    expect(changes.map(({ state }) => state)).toEqual(['open', 'half-open', 'closed'])
    expect(breaker.read(110)).toEqual({ state: 'closed', attempts: 0, failures: 0 })
  })

  it('opens for twice as long each time the one that is tried fails, up to its most', () => {
    const { breaker } = newBreaker()
    fail(breaker, 4)
    const lengths: number[] = []
    for (let now = breaker.opensAt; lengths.length < 4; now = breaker.opensAt) {
      breaker.begin(now)
      breaker.record(true, now)
      lengths.push(breaker.opensAt - now)
    }
    expect(lengths).toEqual([200, 350, 350, 350])
  })

  it('begins with the shortest time again after it was closed', () => {
    const { breaker } = newBreaker()
    fail(breaker, 4)
    breaker.begin(100)
    breaker.record(true, 100)
    breaker.begin(300)
    breaker.record(false, 300)
    fail(breaker, 4, 400)
    expect(breaker.opensAt).toBe(400 + settings.openMs)
  })

  it('while it is open learns nothing from what was under way', () => {
    const { breaker } = newBreaker()
    fail(breaker, 4)
    breaker.record(false, 50)
    fail(breaker, 4, 60)
    expect(breaker.opensAt).toBe(100)
    expect(breaker.state).toBe('open')
  })

  it('can be told to try one, and to forget', () => {
    const { breaker, changes } = newBreaker()
    breaker.probe(0)
    breaker.probe(1)
    expect(changes.map(({ state }) => state)).toEqual(['half-open'])
    breaker.reset(2)
    breaker.reset(3)
    expect(changes.map(({ state }) => state)).toEqual(['half-open', 'closed'])
  })

  it('counts as one that remembers every attempt does, up to the step in which a window is forgotten', () => {
    const step = settings.windowMs / 10
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 300 })), { maxLength: 60 }),
        (attempts) => {
          const breaker = new Breaker({ ...settings, minimum: Infinity }, () => {})
          let now = 0
          const times: number[] = []
          for (const [failed, pause] of attempts) {
            now += pause
            times.push(now)
            breaker.record(failed, now)
          }
          const within = (ms: number): number => times.filter((time) => time > now - ms).length
          const { attempts: counted } = breaker.read(now)
          expect(counted).toBeGreaterThanOrEqual(within(settings.windowMs - step))
          expect(counted).toBeLessThanOrEqual(within(settings.windowMs))
        },
      ),
    )
  })

  it('has defaults that leave alone a hook with a few releases an hour', () => {
    const breaker = new Breaker(defaultBreaker, () => {})
    for (let now = 0; now < 24 * 3600_000; now += 60_000) breaker.record(true, now)
    expect(breaker.state).toBe('closed')
  })
})
