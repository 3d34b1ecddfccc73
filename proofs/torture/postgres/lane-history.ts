import type { Evidence } from '../evidence.ts'
import type { Receipt } from '../ledger.ts'
import { hookNames } from '../plan.ts'
import type { StoredDelivery } from '../stored.ts'

/** What was sent to one hook, and when there was something to send. */
export class LaneHistory {
  /** In the order of arrival. */
  readonly receipts: readonly Receipt[]
  readonly #stored: readonly StoredDelivery[]

  constructor(receipts: readonly Receipt[], stored: readonly StoredDelivery[]) {
    this.receipts = receipts
    this.#stored = stored
  }

  /** Who had the lane at this time, by the last request before it; `undefined` before the first. */
  holderAt(time: number): number | undefined {
    return this.receipts.findLast(({ at }) => at <= time)?.life
  }

  /** The first request after this time that another process sent. */
  nextOfOthers(life: number, time: number): Receipt | undefined {
    return this.receipts.find((receipt) => receipt.at > time && receipt.life !== life)
  }

  /** The first time from this one on at which something was due; `Infinity` for never. */
  dueFrom(time: number): number {
    return this.#stored.reduce((first, delivery) => Math.min(first, dueFrom(delivery, time)), Infinity)
  }
}

/** By hook. */
export function laneHistories({ receipts, stored }: Evidence): readonly LaneHistory[] {
  const all = [...receipts.values()].flat().toSorted((one, other) => one.number - other.number)
  return hookNames.map((hook) => {
    const own = all.filter(({ bytes }) => bytes.startsWith(`POST /${hook}?`))
    const ids = new Set(own.map(({ id }) => id))
    return new LaneHistory(
      own,
      [...stored.values()].filter(({ id }) => ids.has(id)),
    )
  })
}

/** What is in flight at the time counts as due. */
function dueFrom({ recordedAt, settledAt = Infinity, attempts }: StoredDelivery, time: number): number {
  if (settledAt <= time) return Infinity
  const last = attempts.findLast(({ endedAt }) => endedAt <= time)
  return Math.max(time, last?.nextAt ?? recordedAt)
}
