import { createDispatcher, type Store } from 'deploy-hooks'
import type { Chance } from '../../../src/testing/store/chance.ts'
import { violationOf, type Finding } from '../../shared/report.ts'
import { dispatchUntil, repeatsAtOnce, type Dispatched } from './dispatching.ts'
import { formerDeliveryId, hookOf, secret, type UpgradePlan } from './plan.ts'
import type { CountingReceiver } from './receiver.ts'

export interface Trial {
  readonly plan: UpgradePlan
  readonly chance: Chance
  readonly receiver: CountingReceiver
  /** No dispatch may take longer, in milliseconds. */
  readonly longestMs: number
}

/** The tables, read without the library. */
export interface Tables {
  /** The hook's id of the delivery that is moved last. */
  readonly lastMoved: () => Promise<string>
  readonly waiting: () => Promise<number>
  /** Deliveries by their hooks' ids, and states. */
  readonly counts: () => Promise<ReadonlyMap<string, number>>
}

/** Begins to send, and dispatches until all is sent and moved. */
export async function goOn(store: Store, tables: Tables, trial: Trial): Promise<Finding> {
  const { plan, chance } = trial
  const hooks = Array.from({ length: plan.hooks }, (_, hook) => hookOf(plan, hook))
  await using dispatcher = createDispatcher({ hooks, secret, store, egress: { allow: ['127.0.0.1'] } })
  const ids = new Set(dispatcher.hooks().map(({ id }) => id))
  const startedAt = performance.now()
  const isDone = async (): Promise<boolean> =>
    ids.has(await tables.lastMoved()) && (await tables.waiting()) === 0
  const dispatched = await dispatchUntil(isDone, { dispatcher, plan, chance })
  const seconds = (performance.now() - startedAt) / 1000
  await dispatcher.close()
  const { figures, violations } = await judge(dispatched, ids, tables, trial)
  return { figures: { 's until all was sent and moved': seconds, ...figures }, violations }
}

async function judge(
  { waits, waitsAtOnce, news, wrong }: Dispatched,
  ids: ReadonlySet<string>,
  tables: Tables,
  { plan, receiver, longestMs }: Trial,
): Promise<Finding> {
  const received = await receiver.counts()
  const due = new Set(news)
  for (let number = plan.deliveries - plan.waiting; number < plan.deliveries; number += 1)
    due.add(formerDeliveryId(plan, number))
  const counts = await tables.counts()
  const former = [...counts].filter(([key]) => !ids.has(key.split(' ')[0] ?? ''))
  const sum = [...counts.values()].reduce((one, other) => one + other, 0)
  const [alone, atOnce] = [Math.max(...waits), Math.max(...waitsAtOnce)]
  const twice = [...received].filter(([, times]) => times > 1).map(([id]) => id)
  const unasked = [...received.keys()].filter((id) => !due.has(id))
  const missing = [...due].filter((id) => !received.has(id))
  const rows = plan.deliveries + news.size
  return {
    figures: {
      dispatches: waits.length + waitsAtOnce.length,
      'longest dispatch, ms': alone,
      [`longest of ${repeatsAtOnce} repeats at once, ms`]: atOnce,
      sent: received.size,
      'sent twice': twice.length,
      'sent, and were final': unasked.length,
      'not sent': missing.length,
      'left under former ids': former.length,
    },
    violations: [
      ...violationOf(wrong, 'Releases were taken for news, or for repeats'),
      ...violationOf(twice, 'Deliveries were sent twice'),
      ...violationOf(unasked, 'Deliveries were sent that were final'),
      ...violationOf(missing, 'Deliveries were not sent'),
      ...violationOf(
        former.map(([key]) => key),
        'Deliveries are left under former ids',
      ),
      ...(sum === rows ? [] : [`Expected ${rows} deliveries in the end, got ${sum}`]),
      ...violationOf(
        [alone, atOnce].filter((ms) => ms > longestMs).map((ms) => `${Math.round(ms)} ms`),
        'Dispatches took too long',
      ),
    ],
  }
}
