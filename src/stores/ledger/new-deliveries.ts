import type { NewDelivery } from '../store.ts'
import type { Told } from './ledger.ts'
import type { Telling } from './telling.ts'

/**
 * What is recorded of a telling. What is not the newest of its app, since it is late or was told before, follows no other: none is
 * superseded by it.
 */
export function newDeliveries(
  { release, recordedAt }: Telling,
  { news, fresh }: Pick<Told, 'news' | 'fresh'>,
): readonly NewDelivery[] {
  return fresh.map(({ id, hook: { hookId, dueAt, group }, again }) => ({
    id,
    hookId,
    release,
    recordedAt,
    dueAt,
    again,
    group: news === 'told' ? group : undefined,
  }))
}
