import { describe, expect, it } from 'vitest'
import { minute } from '../proofs/simulation/durations.ts'
import { sixHours, tenAMinute } from '../proofs/simulation/plans.ts'
import { hookId, Platform } from '../proofs/simulation/platform.ts'

describe('a receiver that is back', () => {
  it('gets nothing later because it is replayed', async () => {
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
