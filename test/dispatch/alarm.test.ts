import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Alarm } from '../../src/dispatch/worker/wake-timer.ts'

describe('the alarm', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 0 })
    return () => vi.useRealTimers()
  })

  function newAlarm(): { readonly alarm: Alarm; readonly rung: number[] } {
    const rung: number[] = []
    return { alarm: new Alarm(Date.now, () => rung.push(Date.now())), rung }
  }

  it('rings at the earliest of many times, once', () => {
    const { alarm, rung } = newAlarm()
    for (const at of [500, 200, undefined, 900]) alarm.set(at)
    vi.advanceTimersByTime(10_000)
    expect(rung).toEqual([200])
  })

  it('rings at once for a time that has passed', () => {
    vi.setSystemTime(1000)
    const { alarm, rung } = newAlarm()
    alarm.set(5)
    vi.advanceTimersByTime(1)
    expect(rung).toEqual([1000])
  })

  it('does not ring at once for a time that no timer can hold: it rings early, to be set again', () => {
    const { alarm, rung } = newAlarm()
    const month = 30 * 24 * 3600 * 1000
    alarm.set(month)
    vi.advanceTimersByTime(2 ** 31 - 2)
    expect(rung).toEqual([])
    vi.advanceTimersByTime(1)
    expect(rung).toEqual([2 ** 31 - 1])
  })

  it('rings no more once it is closed', () => {
    const { alarm, rung } = newAlarm()
    alarm.set(5)
    alarm.close()
    alarm.set(6)
    vi.advanceTimersByTime(100)
    expect(rung).toEqual([])
  })
})
