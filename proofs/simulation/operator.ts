import { minute } from './durations.ts'
import { mostWithin } from './figures.ts'
import { hookId, Platform, type PlatformOptions } from './platform.ts'

/** What came of a replay. Times are from the call. */
export interface Replayed {
  readonly deliveries: number
  readonly delivered: number
  readonly firstMs: number | undefined
  readonly lastMs: number | undefined
  readonly mostInAMinute: number
}

/** Does at a time, from the receiver's return, what an operator does, and reads what came of it. */
export interface Operation {
  readonly atMs: number
  readonly enables: boolean
  readonly state: 'dead' | 'waiting'
}

const longestMs = 60 * minute

export async function replayedAfter(options: PlatformOptions, operation: Operation): Promise<Replayed> {
  await using platform = new Platform(options)
  const { dispatcher, receiver, seen } = platform
  const at = platform.backAt + operation.atMs
  await platform.advanceTo(at)
  if (operation.enables) await dispatcher.enable(hookId)
  const { ids } = await dispatcher.replay({ hook: hookId, state: operation.state })
  await platform.advanceTo(at + longestMs, () => ids.every((id) => seen.isFinal(id)))
  const arrived = ids.flatMap((id) => seen.delivered.get(id) ?? [])
  return {
    deliveries: ids.length,
    delivered: arrived.length,
    firstMs: arrived.length === 0 ? undefined : Math.min(...arrived) - at,
    lastMs: arrived.length === 0 ? undefined : Math.max(...arrived) - at,
    mostInAMinute: mostWithin(
      receiver.requests.filter((sentAt) => sentAt >= at),
      minute,
    ),
  }
}
