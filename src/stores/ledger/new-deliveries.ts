import type { NewDelivery } from '../store.ts'
import type { Told } from './ledger.ts'
import { isAgain, type Telling } from './telling.ts'

/**
 * What is recorded of a telling. What is not the newest of its app, since it is late or was told before, follows no other: none is
 * superseded by it.
 */
export function newDeliveries(
  { release, recordedAt }: Telling,
  { news, ordinal, fresh }: Pick<Told, 'news' | 'ordinal' | 'fresh'>,
): readonly NewDelivery[] {
  const again = isAgain(ordinal)
  return fresh.map(({ id, hook: { hookId, dueAt, group } }) => ({
    id,
    hookId,
    release,
    recordedAt,
    dueAt,
    again,
    group: news === 'told' ? group : undefined,
  }))
}
