import assert from 'node:assert/strict'
import type { Taken, Taking, TriggerRecord, TriggerRecords } from '../../stores/triggers/records.ts'
import type { Store } from '../../stores/store.ts'

/** A moment, so many seconds after the first one, in epoch milliseconds. */
export function at(seconds: number): number {
  return 1_800_000_000_000 + seconds * 1000
}

export const perMinute = 3
export const runsAtMostMs = 3_600_000

export function recordsOf({ triggers }: Store): TriggerRecords {
  assert.ok(triggers !== undefined, 'Expected a store with `triggers`')
  return triggers
}

export async function createTrigger(
  store: Store,
  given: Partial<TriggerRecord> & { readonly id: string },
): Promise<TriggerRecords> {
  const records = recordsOf(store)
  await records.create({
    app: 'web',
    environment: 'production',
    dialect: 'native',
    settings: {},
    createdAt: at(0),
    tokens: [{ digest: `digest of ${given.id}`, hint: 'abcd' }],
    ...given,
  })
  return records
}

/** A call of trigger `t`, of its lane `lane`; ids follow from `id`. */
export function taking(id: string, seconds: number, given: Partial<Taking> = {}): Taking {
  return {
    triggerId: 't',
    digest: 'digest of t',
    call: { id: `call ${id}`, triggerId: 't', at: at(seconds), facts: { params: { from: id } } },
    deploymentId: `deployment ${id}`,
    lane: 'lane',
    overlap: 'latest',
    depth: 0,
    perMinute,
    countsMerged: false,
    runsAtMostMs,
    ...given,
  }
}

/** Outcome, and the deployment that it names. */
export function shown(taken: Taken): readonly [string, string | undefined] {
  return [taken.outcome, 'deployment' in taken ? taken.deployment.id : undefined]
}

/** Begins what may be started of the lane, and tells that it runs. @returns its id */
export async function startNext(records: TriggerRecords, seconds: number): Promise<string | undefined> {
  const begun = await records.start('lane', at(seconds), at(seconds + 30), runsAtMostMs)
  if (begun === undefined) return undefined
  const { id, attempt } = begun.deployment
  const result = { externalId: `external ${id}`, status: 'running' } as const
  assert.equal(await records.started(id, attempt, result, at(seconds)), true)
  return id
}
