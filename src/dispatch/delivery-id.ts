import { hash } from 'node:crypto'

/** An id that is the same for the same key in every process: docs/decisions/0002. */
export function deliveryId(key: readonly string[]): string {
  return `dlv_${hash('sha256', JSON.stringify(key), 'hex').slice(0, 32)}`
}
