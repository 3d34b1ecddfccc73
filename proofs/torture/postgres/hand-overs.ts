import { median } from '../../shared/statistics.ts'
import type { Evidence } from '../evidence.ts'
import type { Life } from '../life.ts'
import { violationOf, type Finding } from '../../shared/report.ts'
import { laneHistories, type LaneHistory } from './lane-history.ts'

/** From the end of a worker's last request to the first one of the worker that has its lane then, in milliseconds. */
const longestMs = 2000

/** Who is asked to end hands its lanes back as soon as nothing is in flight, and the others go on at once. */
export function checkHandOvers(evidence: Evidence): Finding {
  const terminated = [...evidence.lives.values()].filter(({ ending }) => ending?.how === 'terminated')
  const histories = laneHistories(evidence)
  const all = terminated
    .filter((life) => isAnotherThere(life, evidence))
    .flatMap((life) => histories.flatMap((lane) => handOverOf(lane, life) ?? []))
  const late = all.filter((ms) => ms > longestMs).map((ms) => `${ms} ms`)
  const none = all.length === 0 ? ['No lane was handed over, so nothing was measured'] : []
  return {
    figures: {
      'lanes handed over': all.length,
      ...(all.length > 0 && {
        'hand-over to request by another, median ms': median(all),
        'hand-over to request by another, max ms': Math.max(...all),
      }),
    },
    violations: [
      ...violationOf(late, `Lanes that were handed back were not taken within ${longestMs} ms`),
      ...none,
    ],
  }
}

/** One that sends before this one has ended, and goes on. Who was only starting has no lanes, and takes none when it is asked to end itself. */
function isAnotherThere({ ending }: Life, { lives, receipts }: Evidence): boolean {
  const { endedAt = 0 } = ending ?? {}
  const before = [...receipts.values()].flat().filter(({ at }) => at <= endedAt)
  const sending = new Set(before.map(({ life }) => life))
  return [...lives.values()].some(
    (other) => sending.has(other.plan.life) && (other.ending?.askedAt ?? Infinity) > endedAt,
  )
}

/** `undefined` when it did not have the lane, or nobody had anything to send any more. */
function handOverOf(lane: LaneHistory, { plan, ending }: Life): number | undefined {
  const { askedAt = 0, endedAt = 0 } = ending ?? {}
  if (lane.holderAt(askedAt) !== plan.life) return undefined
  const next = lane.nextOfOthers(plan.life, askedAt)
  if (next === undefined) return undefined
  const deadline = Math.min(endedAt, askedAt + plan.closeMs) // what has no answer by then is handed back
  const own = lane.receipts.filter(({ life, at }) => life === plan.life && at < next.at)
  const freeAt = Math.max(askedAt, ...own.map(({ answeredAt = deadline }) => Math.min(answeredAt, deadline)))
  return Math.max(0, next.at - Math.max(freeAt, lane.dueFrom(freeAt)))
}
