import { hookOf, measuredVersions, scheduledMs, type Traffic } from '../shared/traffic.ts'
import type { TrialResult } from './trial.ts'

/**
 * Milliseconds from the time a measured release was scheduled for to its receipt, for each delivery to these hooks. `Infinity` for
 * one that did not arrive: to leave it out would make those look quick that deliver little.
 */
export function latenciesOf(
  traffic: Traffic,
  { startedAt, receipts }: Pick<TrialResult, 'startedAt' | 'receipts'>,
  isAmong: (hook: number) => boolean,
): readonly number[] {
  const first = new Map<number, number>()
  for (const [hook, version, at] of receipts)
    if (hook === hookOf(traffic, version) && !first.has(version)) first.set(version, at)
  const latencies: number[] = []
  const measured = measuredVersions(traffic)
  for (let version = measured.first; version <= measured.last; version += 1) {
    if (!isAmong(hookOf(traffic, version))) continue
    const at = first.get(version) ?? Infinity
    latencies.push(at - startedAt - scheduledMs(traffic, version))
  }
  return latencies
}

/** Percent. */
export function shareArrived(latencies: readonly number[]): number {
  return (100 * latencies.filter((latency) => latency < Infinity).length) / latencies.length
}
