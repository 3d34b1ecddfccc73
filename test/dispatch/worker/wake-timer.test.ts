import { beforeEach, describe, expect, it, vi } from 'vitest'
import { WakeTimer } from '../../../src/dispatch/worker/wake-timer.ts'

describe('the timer', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 0 })
    return () => vi.useRealTimers()
  })

  function newTimer(): { readonly timer: WakeTimer; readonly rung: number[] } {
    const rung: number[] = []
    const timer = new WakeTimer(Date.now)
    timer.woken.listen(() => rung.push(Date.now()))
    return { timer, rung }
  }

  it('rings at the earliest of many times, once', () => {
    const { timer, rung } = newTimer()
    for (const at of [500, 200, undefined, 900]) timer.wakeAt(at)
    vi.advanceTimersByTime(10_000)
    expect(rung).toEqual([200])
  })

  it('rings at once for a time that has passed', () => {
    vi.setSystemTime(1000)
    const { timer, rung } = newTimer()
    timer.wakeAt(5)
    vi.advanceTimersByTime(1)
    expect(rung).toEqual([1000])
  })

  it('does not ring at once for a time that no timer can hold: it rings early, to be set again', () => {
    const { timer, rung } = newTimer()
    const month = 30 * 24 * 3600 * 1000
    timer.wakeAt(month)
    vi.advanceTimersByTime(2 ** 31 - 2)
    expect(rung).toEqual([])
    vi.advanceTimersByTime(1)
    expect(rung).toEqual([2 ** 31 - 1])
  })

  it('rings no more once it is closed', () => {
    const { timer, rung } = newTimer()
    timer.wakeAt(5)
    timer.close()
    timer.wakeAt(6)
    vi.advanceTimersByTime(100)
    expect(rung).toEqual([])
  })
})
