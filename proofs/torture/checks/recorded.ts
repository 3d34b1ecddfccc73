import type { Evidence } from '../evidence.ts'
import { hookNames } from '../plan.ts'
import { violationOf, type Finding } from '../../shared/report.ts'

/** Nothing that was acknowledged is missing, from the store or at the receiver, and nothing is unfinished. */
export function checkRecorded({ acked, receipts, stored }: Evidence): Finding {
  const missing = [...acked].filter((id) => !stored.has(id))
  const unsent = [...acked].filter((id) => !receipts.has(id))
  const all = [...stored.values()]
  const stuck = all
    .filter(({ state }) => state === 'waiting')
    .map(
      ({ id, attempts }) => `${id} (${attempts.length} attempts, ${receipts.get(id)?.length ?? 0} requests)`,
    )
  const inPart = [...Map.groupBy(all, ({ release }) => release)]
    .filter(([, { length }]) => length !== hookNames.length)
    .map(([release, { length }]) => `release ${release} for ${length} of ${hookNames.length} hooks`)
  const dead = all.filter(({ state }) => state === 'dead').map(({ id }) => id)
  return {
    figures: {
      'deliveries recorded': stored.size,
      'deliveries acknowledged': acked.size,
      'acknowledged, not recorded': missing.length,
      'acknowledged, not received': unsent.length,
      'recorded, not final': stuck.length,
      'releases recorded in part': inPart.length,
    },
    violations: [
      ...violationOf(missing, 'Acknowledged deliveries are not in the store'),
      ...violationOf(unsent, 'Acknowledged deliveries were not received'),
      ...violationOf(stuck, 'Deliveries are stuck'),
      ...violationOf(inPart, 'Releases were recorded in part'),
      ...violationOf(dead, 'Deliveries are dead that the receiver would have taken'),
    ],
  }
}
