import type { Delivery } from 'deploy-hooks'
import { outcomeOf } from './in-words.ts'

/** What is to become of each hook's delivery. */
export type Expectations = Readonly<Record<string, readonly [outcome: string, reason: string]>>

/** A sentence for each delivery that came to something else. */
export function differences(expectations: Expectations, deliveries: readonly Delivery[]): readonly string[] {
  return Object.entries(expectations).flatMap(([hook, [outcome, reason]]) => {
    const expected = `${outcome}, ${reason}`
    const delivery = deliveries.find(({ hookId }) => hookId === hook)
    const got = delivery === undefined ? 'no delivery' : `${outcomeOf(delivery)}, ${delivery.outcome?.reason}`
    return got === expected ? [] : [`Expected ${hook} to be ${expected}; got ${got}.`]
  })
}
