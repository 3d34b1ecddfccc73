import type { Evidence } from '../evidence.ts'
import { violationOf, type Finding } from '../../shared/report.ts'

/** A release for a hook is one id and the same bytes, whoever dispatches or sends it, and how often. */
export function checkIdentity({ receipts }: Evidence): Finding {
  const all = [...receipts.values()].flat()
  const bytes = severalIn(all.map(({ id, bytes }) => [id, bytes]))
  const ids = severalIn(all.map(({ id, bytes }) => [requestLineOf(bytes), id]))
  return {
    figures: { 'ids with different bytes': bytes.length, 'releases under different ids': ids.length },
    violations: [
      ...violationOf(bytes, 'Deliveries were sent again as other bytes'),
      ...violationOf(ids, 'Releases were sent to a hook under several ids'),
    ],
  }
}

/** Keys with more than one value, and with how many. */
function severalIn(pairs: readonly (readonly [key: string, value: string])[]): readonly string[] {
  const values = new Map<string, Set<string>>()
  for (const [key, value] of pairs) values.set(key, (values.get(key) ?? new Set()).add(value))
  return [...values].filter(([, { size }]) => size > 1).map(([key, { size }]) => `${key} (${size})`)
}

function requestLineOf(bytes: string): string {
  return bytes.slice(0, bytes.indexOf('\n'))
}
