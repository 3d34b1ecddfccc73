import type { BreakerSettings } from '../hooks/breaker-settings.ts'
import { infoOf, type HookInfo } from '../hooks/hook-info.ts'
import type { BreakerReading } from './worker/breaker.ts'
import type { HookHealth } from './worker/health.ts'
import type { Hook } from '../hooks/hook.ts'
import type { Lane } from './worker/lane.ts'
import type { PaceOptions } from '../pace.ts'

/** A hook as it stands in one process. Times are epoch milliseconds. */
export interface HookStatus extends HookInfo {
  /** Whether this process sends to it. Of the workers that share a Postgres store one does, and knows the rest of this. */
  readonly isHere: boolean
  /** Since when, and why, nothing is sent to it; absent while it is enabled. */
  readonly disabled?: { readonly since: number; readonly reason: string }
  /** First of the failures since its last success; absent when the last attempt succeeded. */
  readonly failingSince?: number
  /** Whether its receiver answered the last request; absent when there was none lately. */
  readonly answering?: boolean
  /** Until then nothing is sent: its breaker is open, or its receiver asked for it. */
  readonly pausedUntil?: number
  /** Absent when it is switched off. */
  readonly breaker?: BreakerReading & { readonly settings: BreakerSettings }
  /** Requests in flight, and deliveries that this process has claimed and not sent. The rest wait in the store. */
  readonly inFlight: number
  readonly waiting: number
  /** Requests in flight at once. */
  readonly concurrency: number
  readonly pace?: PaceOptions
}

export function statusOf(
  hook: Hook,
  lane: Lane,
  health: HookHealth,
  isHere: boolean,
  now: number,
): HookStatus {
  const { disabled, failingSince } = health.read(hook.id)
  const { answering, breaker, closedUntil, inFlight, waiting } = lane
  return {
    ...infoOf(hook),
    isHere,
    ...(disabled === undefined ? undefined : { disabled }),
    ...(failingSince === undefined ? undefined : { failingSince }),
    ...(answering === undefined ? undefined : { answering }),
    ...(closedUntil > now ? { pausedUntil: closedUntil } : undefined),
    ...(breaker === undefined || hook.breaker === undefined
      ? undefined
      : { breaker: { ...breaker.read(now), settings: hook.breaker } }),
    inFlight,
    waiting,
    concurrency: hook.concurrency,
    ...(hook.pace === undefined ? undefined : { pace: hook.pace }),
  }
}
