import { day } from './durations.ts'
import { hookId, Platform, type PlatformOptions } from './platform.ts'

/** What came of enabling a disabled hook, and nothing else. Times are from the call. */
export interface Enabled {
  /** Until the receiver took the first one. */
  readonly requests: number
  readonly firstMs: number | undefined
  /** From the receiver's return, if it was still down. */
  readonly firstAfterReturnMs: number | undefined
  /** Of the releases made after the call, the deliveries that did not arrive within a day. */
  readonly lost: number
}

/** @param atMs from the receiver's return: negative while it is down */
export async function enabledAfter(options: PlatformOptions, atMs: number): Promise<Enabled> {
  await using platform = new Platform(options)
  const { dispatcher, receiver, seen, backAt } = platform
  const at = backAt + atMs
  await platform.advanceTo(at)
  const before = { requests: receiver.requests.length, delivered: seen.delivered.size }
  await dispatcher.enable(hookId)
  const until = Math.max(at, backAt) + day
  await platform.advanceTo(until, () => seen.delivered.size > before.delivered)
  const first = [...seen.delivered.values()][before.delivered]
  const requests = receiver.requests.length - before.requests
  await platform.advanceTo(until)
  const since = platform.recorded.filter(({ recordedAt }) => recordedAt > at)
  return {
    requests,
    firstMs: first === undefined ? undefined : first - at,
    firstAfterReturnMs: first === undefined || atMs >= 0 ? undefined : first - backAt,
    lost: since.filter(({ id }) => !seen.delivered.has(id)).length,
  }
}
