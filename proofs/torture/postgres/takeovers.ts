import { median } from '../../shared/statistics.ts'
import type { Evidence, Limits } from '../evidence.ts'
import { violationOf, type Finding } from '../../shared/report.ts'
import { laneHistories, type LaneHistory } from './lane-history.ts'

/** A worker that nothing is heard of any more. Epoch milliseconds. */
interface Loss {
  readonly life: number
  readonly at: number
}

interface Takeover {
  readonly name: string
  /** From the loss, or when something was due after it, to the first request of another worker. */
  readonly ms: number
  /** Nothing else was lost meanwhile, and the server was there. */
  readonly isUndisturbed: boolean
}

/** The lanes of a worker that is killed, or stands still, are soon others': in so long that its deliveries go on. */
export function checkTakeovers(evidence: Evidence, { recoveryMs }: Limits): Finding {
  const losses = lossesIn(evidence)
  const disturbances = [
    ...losses.map(({ at }) => at),
    ...evidence.outages.flatMap(({ from, until }) => [from, until]),
  ]
  const histories = laneHistories(evidence)
  const all = losses.flatMap((loss) =>
    histories.flatMap((lane) => takeoverOf(lane, loss, disturbances) ?? []),
  )
  const undisturbed = all.filter(({ isUndisturbed }) => isUndisturbed).map(({ ms }) => ms)
  const disturbed = all.filter(({ isUndisturbed }) => !isUndisturbed).map(({ ms }) => ms)
  const late = all.filter(({ ms }) => ms > recoveryMs).map(({ name }) => name)
  const none = all.length === 0 ? ['No lane was taken over, so nothing was measured'] : []
  return {
    figures: {
      'lanes taken over': undisturbed.length,
      ...(undisturbed.length > 0 && {
        'loss to request by another, median ms': median(undisturbed),
        'loss to request by another, max ms': Math.max(...undisturbed),
      }),
      ...(disturbed.length > 0 && {
        'lanes taken over amid further losses': disturbed.length,
        'last loss to request by another, max ms': Math.max(...disturbed),
      }),
    },
    violations: [
      ...violationOf(late, `Lanes of lost workers were not taken over within ${recoveryMs} ms`),
      ...none,
    ],
  }
}

/** By kills and stops; not by SIGTERM, which hands lanes back. */
function lossesIn({ lives }: Evidence): readonly Loss[] {
  return [...lives.values()].flatMap(({ plan: { life }, ending, stops }) => [
    ...stops.map(({ from }) => ({ life, at: from })),
    ...(ending?.how === 'killed' ? [{ life, at: ending.askedAt }] : []),
  ])
}

/** `undefined` when the lane was not lost with it, or had nothing to send. */
function takeoverOf(
  lane: LaneHistory,
  { life, at }: Loss,
  disturbances: readonly number[],
): Takeover | undefined {
  const due = lane.dueFrom(at)
  if (lane.holderAt(at) !== life || due === Infinity) return undefined
  const next = lane.nextOfOthers(life, at)?.at ?? Infinity
  const others = disturbances.filter((time) => time > at && time < next)
  const ms = Math.max(0, next - Math.max(due, ...others))
  return { name: `${ms} ms after process ${life} was lost`, ms, isUndisturbed: others.length === 0 }
}
