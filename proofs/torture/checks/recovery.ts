import { median } from '../../shared/statistics.ts'
import type { Evidence, Limits } from '../evidence.ts'
import { violationOf, type Finding } from '../../shared/report.ts'
import type { StoredDelivery } from '../stored.ts'

/** A process that finds something due sends it soon after its start. For processes that had the store to themselves. */
export function checkRecovery(evidence: Evidence, { recoveryMs }: Limits): Finding {
  const firsts = firstRequests(evidence)
  const timed = [...evidence.lives.values()].map((life) => {
    const { plan, spawnedAt, ending } = life
    const first = firsts.get(plan.life)
    const leftAlone = first === undefined && isAnythingDue(evidence, spawnedAt)
    const until = first ?? (leftAlone ? ending?.endedAt : undefined) ?? spawnedAt
    return {
      name: `process ${plan.life}, ${until - spawnedAt} ms`,
      ms: until - spawnedAt,
      measured: first !== undefined,
    }
  })
  const times = timed.filter(({ measured }) => measured).map(({ ms }) => ms)
  const late = timed.filter(({ ms }) => ms > recoveryMs).map(({ name }) => name)
  return {
    figures: {
      'restarts with work left, timed': times.length,
      ...(times.length > 0 && {
        'restart to first request, median ms': median(times),
        'restart to first request, max ms': Math.max(...times),
      }),
    },
    violations: violationOf(late, `What was left was not started again within ${recoveryMs} ms`),
  }
}

/** By process: when its first request for a delivery arrived that was recorded before its start. */
function firstRequests({ lives, receipts, stored }: Evidence): ReadonlyMap<number, number> {
  const firsts = new Map<number, number>()
  for (const [id, received] of receipts) {
    const recordedAt = stored.get(id)?.recordedAt ?? Infinity
    for (const { life, at } of received) {
      const isLeft = recordedAt < (lives.get(life)?.spawnedAt ?? 0)
      if (isLeft) firsts.set(life, Math.min(at, firsts.get(life) ?? Infinity))
    }
  }
  return firsts
}

function isAnythingDue({ stored }: Evidence, time: number): boolean {
  return [...stored.values()].some((delivery) => isDue(delivery, time))
}

function isDue({ recordedAt, settledAt = Infinity, attempts }: StoredDelivery, time: number): boolean {
  const last = attempts.findLast(({ endedAt }) => endedAt < time)
  return recordedAt < time && settledAt > time && (last?.nextAt ?? recordedAt) <= time
}
