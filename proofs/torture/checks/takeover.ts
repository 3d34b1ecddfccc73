import { median } from '../../shared/statistics.ts'
import type { Evidence, Limits } from '../evidence.ts'
import { violationOf, type Finding } from '../../shared/report.ts'
import { sentFor, type Sent } from '../sent.ts'

/** What was in flight at a kill is sent by another process, long before the lease ends: unless that one is killed first. */
export function checkTakeover(evidence: Evidence, { takeoverMs }: Limits): Finding {
  const endings = [...evidence.lives.values()].map(({ ending }) => ending)
  const kills = endings.flatMap((ending) => (ending?.how === 'killed' ? [ending.askedAt] : []))
  const times = [...evidence.receipts.keys()].flatMap((id) => takeoverOf(sentFor(id, evidence), kills) ?? [])
  const late = times.filter((time) => time > takeoverMs).map((time) => `${time} ms`)
  return {
    figures: {
      ...(times.length > 0 && {
        'kill to request by the other process, median ms': median(times),
        'kill to request by the other process, max ms': Math.max(...times),
      }),
    },
    violations: violationOf(
      late,
      `What a killed process had in flight was not sent again within ${takeoverMs} ms`,
    ),
  }
}

/** Of a delivery that had not failed before: those that had let fresh ones go first, however many there are. */
function takeoverOf([first, next]: readonly Sent[], kills: readonly number[]): number | undefined {
  const { how, askedAt = 0 } = first?.life.ending ?? {}
  if (how !== 'killed' || first?.recorded !== undefined || next === undefined) return undefined
  return kills.some((kill) => kill > askedAt && kill < next.at) ? undefined : next.at - askedAt
}
