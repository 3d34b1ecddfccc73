import type { Delivery } from 'deploy-hooks'
import { violationOf, type Finding } from '../../shared/report.ts'
import type { Receipt } from './receivers.ts'

export interface Evidence {
  /** What should be told, by event: ids of the hooks. */
  readonly expected: ReadonlyMap<string, readonly string[]>
  /** All that were recorded, when all of them were sent. */
  readonly deliveries: readonly Delivery[]
  readonly eventOf: (delivery: Delivery) => string
  readonly receipts: readonly Receipt[]
  /** Whether an event may be told twice: it was told in doubt, with a warning. @default none */
  readonly isDoubted?: (event: string) => boolean
}

/** Compares what should be told, what was recorded and what the receivers handled. */
export function judge(evidence: Evidence): Finding {
  const { expected, deliveries, receipts, isDoubted = () => false } = evidence
  const recorded = recordedIn(evidence)
  const wanted = [...expected].flatMap(([event, hooks]) => hooks.map((hook) => `${event} ${hook}`))
  const lost = wanted.filter((each) => !recorded.has(each))
  const several = [...recorded].filter(([, ids]) => ids.length > 1).map(([each]) => each)
  const twice = several.filter((each) => !isDoubted(each.slice(0, each.lastIndexOf(' '))))
  const own = new Set(wanted)
  const unwanted = [...recorded.keys()].filter((each) => !own.has(each))
  const undelivered = deliveries.filter(({ state }) => state !== 'delivered').map(({ id }) => id)
  const handled = Map.groupBy(
    receipts.filter(({ status }) => status === 204),
    ({ id }) => id,
  )
  const notHandled = deliveries.map(({ id }) => id).filter((id) => !handled.has(id))
  const again = [...handled].filter(([, times]) => times.length > 1).map(([id]) => id)
  const known = receipts.filter(({ status }) => status === 200)
  const refused = receipts.filter(({ status }) => status !== 200 && status !== 204)
  return {
    figures: {
      events: expected.size,
      'deliveries, as they should be': wanted.length,
      '… as they are': deliveries.length,
      lost: lost.length,
      'told twice': twice.length,
      '… in doubt': several.length - twice.length,
      requests: receipts.length,
      'answers that were lost': receipts.filter(({ isLost }) => isLost).length,
      'repeats known by seen': known.length,
      'handled once': handled.size - again.length,
      'handled twice': again.length,
      'never handled': notHandled.length,
    },
    violations: [
      ...violationOf(lost, 'Something was lost'),
      ...violationOf(twice, 'Something was told twice'),
      ...violationOf(unwanted, 'Something was told to a hook that should not hear of it'),
      ...violationOf(undelivered, 'Something was not delivered'),
      ...violationOf(notHandled, 'A receiver did not handle a delivery'),
      ...violationOf(again, 'A receiver handled a delivery twice'),
      ...violationOf(
        refused.map(({ hookId, status }) => `${hookId} ${status}`),
        'A receiver refused a request',
      ),
    ],
  }
}

/** Ids of deliveries, by event and hook. */
function recordedIn({ deliveries, eventOf }: Evidence): ReadonlyMap<string, readonly string[]> {
  const recorded = new Map<string, string[]>()
  for (const delivery of deliveries) {
    const name = `${eventOf(delivery)} ${delivery.hookId}`
    recorded.set(name, [...(recorded.get(name) ?? []), delivery.id])
  }
  return recorded
}
