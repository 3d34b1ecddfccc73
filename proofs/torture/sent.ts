import type { Evidence } from './evidence.ts'
import type { Receipt } from './ledger.ts'
import type { Life } from './life.ts'

/** A request, with what the store and its sender's end say of it. */
export interface Sent {
  readonly receipt: Receipt
  readonly life: Life
  /** When its sender began to send it. What arrives after its sender's end was sent before. */
  readonly at: number
  /** Outcome of the attempt in the store; absent when the store knows none. */
  readonly recorded: string | undefined
}

/** All that was sent for a delivery, in the order of sending. */
export function sentFor(id: string, { receipts, stored, lives }: Evidence): readonly Sent[] {
  const attempts = new Map(stored.get(id)?.attempts.map(({ receipt, outcome }) => [receipt, outcome]))
  const sent = (receipts.get(id) ?? []).map((receipt) => {
    const life = lives.get(receipt.life) as Life // it named itself
    const { how, askedAt = Infinity } = life.ending ?? {}
    const at = how === 'killed' ? Math.min(receipt.begunAt, askedAt) : receipt.begunAt
    return { receipt, life, at, recorded: attempts.get(receipt.number) }
  })
  return sent.toSorted((one, other) => one.at - other.at)
}
