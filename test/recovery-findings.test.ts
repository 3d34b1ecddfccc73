import { describe, expect, it } from 'vitest'
import { hour, minute } from '../simulation/durations.ts'
import { everyTenMinutes, sixHours, tenAMinute } from '../simulation/plans.ts'
import { hookId, Platform } from '../simulation/platform.ts'

// What the simulation shows to be worse than it could be. Each is written as it should be, and fails today.
describe('a receiver that is back', () => {
  it.fails('gets what waits for it soon after it took another delivery', async () => {
    const { downMs } = sixHours
    await using platform = new Platform({ down: 'answers 503', downMs, traffic: everyTenMinutes })
    const { backAt, seen } = platform
    await platform.advanceTo(backAt + hour)
    expect(Math.min(...[...seen.delivered.values()].filter((at) => at >= backAt))).toBeLessThan(
      backAt + 5 * minute,
    )

    const waiting = platform.missed.filter(({ id }) => !seen.isFinal(id))

    expect(waiting).toEqual([])
  })

  it.fails('gets nothing later because it is replayed', async () => {
    const { downMs } = sixHours
    await using platform = new Platform({ down: 'answers 503', downMs, traffic: tenAMinute })
    const { dispatcher, backAt } = platform
    await platform.advanceTo(backAt + minute)
    const dues = async (): Promise<Map<string, number>> => {
      const waiting = await Array.fromAsync(dispatcher.deliveries({ state: 'waiting' }))
      return new Map(waiting.map(({ id, dueAt = 0 }) => [id, dueAt]))
    }
    const before = await dues()

    await dispatcher.replay({ hook: hookId, state: 'waiting' })

    const later = [...(await dues())].filter(
      ([id, dueAt]) => dueAt > Math.max(before.get(id) ?? 0, backAt + minute),
    )
    expect(later).toEqual([])
  })
})
