import type { NewDelivery } from '../store.ts'
import {
  deliveryIds,
  former,
  formerDeliveryId,
  isAgain,
  type HookToTell,
  type Ordinal,
  type Telling,
} from './telling.ts'

/**
 * What is recorded of a telling for some of its hooks. What is not the newest of its app, since it is late or was told before, follows no
 * other: none is superseded by it.
 */
export function newDeliveries(
  telling: Telling,
  news: 'told' | 'late' | 'repeated',
  ordinal: Ordinal,
  hooks: readonly HookToTell[],
): readonly NewDelivery[] {
  const { release, recordedAt } = telling
  const idOf = deliveryIds(release, ordinal)
  const again = isAgain(ordinal)
  return hooks.map((hook) => {
    const { hookId, dueAt, group } = hook
    const id = ordinal === former ? formerDeliveryId(telling, hook) : idOf(hookId)
    return { id, hookId, release, recordedAt, dueAt, again, group: news === 'told' ? group : undefined }
  })
}
