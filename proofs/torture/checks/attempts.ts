import type { Evidence } from '../evidence.ts'
import type { Receipt } from '../ledger.ts'
import { violationOf, type Finding } from '../../shared/report.ts'
import type { StoredDelivery } from '../stored.ts'

/** Every attempt in the store is a request that the receiver got, once, with the answer that it gave. */
export function checkAttempts({ receipts, stored }: Evidence): Finding {
  const all = [...stored.values()]
  const invented = all.flatMap((delivery) => inventedAttempts(delivery, receipts.get(delivery.id) ?? []))
  const uncounted = all
    .filter(({ attempts, attemptsMade }) => attempts.length !== attemptsMade)
    .map(({ id, attempts, attemptsMade }) => `${id}: ${attempts.length} of ${attemptsMade}`)
  const retries = all.flatMap(({ attempts }) => attempts.filter(({ outcome }) => outcome === 'retry'))
  return {
    figures: { 'answered with 503 and sent again': retries.length },
    violations: [
      ...violationOf(invented, 'Attempts are in the store that the receiver knows otherwise'),
      ...violationOf(uncounted, 'Attempts are missing from the store'),
    ],
  }
}

function inventedAttempts({ id, attempts }: StoredDelivery, receipts: readonly Receipt[]): readonly string[] {
  const byNumber = new Map(receipts.map((receipt) => [receipt.number, receipt]))
  return attempts
    .filter(({ receipt = 0, status }) => {
      const received = byNumber.get(receipt)
      byNumber.delete(receipt)
      return received?.status !== status
    })
    .map(({ number, status, code }) => `${id}: attempt ${number} (${status ?? code})`)
}
