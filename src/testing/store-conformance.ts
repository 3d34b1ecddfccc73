import { aFunction, checkFields, required } from '../option-fields.ts'
import type { Store } from '../stores/store.ts'
import { accepting } from './store/accepting.ts'
import { attempts } from './store/attempts.ts'
import type { Behaviours, SharedBehaviours } from './store/behaviours.ts'
import { claiming } from './store/claiming.ts'
import { closing } from './store/closing.ts'
import { counting } from './store/counting.ts'
import { fencing } from './store/fencing.ts'
import { following } from './store/following.ts'
import { hookStates } from './store/hook-states.ts'
import { leases } from './store/leases.ts'
import { listing } from './store/listing.ts'
import { marking } from './store/marking.ts'
import { moving, movingTogether } from './store/moving.ts'
import { naming, namingTogether } from './store/naming.ts'
import { nextDue } from './store/next-due.ts'
import { paging } from './store/paging.ts'
import { pruning } from './store/pruning.ts'
import { randomWalks, sharedRandomWalks } from './store/random-walk.ts'
import { reading } from './store/reading.ts'
import { recordingMany } from './store/recording-many.ts'
import { recording } from './store/recording.ts'
import { rescheduling } from './store/rescheduling.ts'
import { settling } from './store/settling.ts'
import { sharing } from './store/sharing.ts'
import { sharedTelling, telling } from './store/telling.ts'
import { finding } from './triggers/finding.ts'
import { sharedTriggers, starting } from './triggers/starting.ts'
import { takingCalls } from './triggers/taking.ts'

/** How the suite comes by stores. */
export interface StoreHarness {
  /** Makes a new, empty store. The suite closes it. */
  create(): Store | Promise<Store>
  /**
   * Opens another instance over the data of a store that `create` made, as a second process would: while the first one is
   * still open, or after it was closed. The suite closes it. Absent: the store is not shared, and what is promised to those
   * that share one is not tested.
   */
  reopen?(store: Store): Store | Promise<Store>
}

/** One test. It depends on no other, and leaves nothing behind but what `create` made. */
export interface ConformanceTest {
  /** What every store does, in a sentence. No two tests have the same. */
  readonly name: string
  /** Rejects when the store does not: with an `AssertionError`, or with what the store rejected with. */
  readonly run: () => Promise<void>
}

const ofEveryStore: Behaviours = {
  ...recording,
  ...recordingMany,
  ...telling,
  ...claiming,
  ...leases,
  ...settling,
  ...accepting,
  ...marking,
  ...fencing,
  ...rescheduling,
  ...nextDue,
  ...reading,
  ...listing,
  ...paging,
  ...following,
  ...attempts,
  ...counting,
  ...pruning,
  ...hookStates,
  ...moving,
  ...naming,
  ...closing,
  ...randomWalks,
}

const ofSharedStores: SharedBehaviours = {
  ...sharing,
  ...movingTogether,
  ...namingTogether,
  ...sharedTelling,
  ...sharedRandomWalks,
}

/**
 * The tests that every store passes: what a dispatcher relies on, in every operation of {@link Store}. They run with any
 * test runner, use no clock and wait for nothing.
 *
 * @throws {@link ConfigurationError} `option_invalid`
 * @example
 * import { memoryStore } from 'deploy-hooks'
 * import { storeConformance } from 'deploy-hooks/testing'
 * import { describe, test } from 'node:test'
 *
 * describe('my store', () => {
 *   for (const { name, run } of storeConformance({ create: () => memoryStore() })) test(name, run)
 * })
 */
export function storeConformance(harness: StoreHarness): readonly ConformanceTest[] {
  checkHarness(harness, 'storeConformance()')
  return testsOf(ofEveryStore, ofSharedStores, harness)
}

/**
 * The tests that every store passes whose `triggers` keeps triggers, their calls and their deployments, for `deploy-hooks/triggers`.
 *
 * @example
 * for (const { name, run } of triggersConformance({ create: () => memoryStore() })) test(name, run)
 */
export function triggersConformance(harness: StoreHarness): readonly ConformanceTest[] {
  checkHarness(harness, 'triggersConformance()')
  return testsOf({ ...finding, ...takingCalls, ...starting }, sharedTriggers, harness)
}

function checkHarness(harness: StoreHarness, of: string): void {
  checkFields(harness, { create: required(aFunction), reopen: aFunction }, { of })
}

function testsOf(
  ofAll: Behaviours,
  ofShared: SharedBehaviours,
  harness: StoreHarness,
): readonly ConformanceTest[] {
  const behaviours = harness.reopen === undefined ? ofAll : { ...ofAll, ...ofShared }
  return Object.entries(behaviours).map(([name, prove]) => ({ name, run: () => runOn(harness, prove) }))
}

/** Closes all that was opened, whatever the test comes to. */
async function runOn(harness: StoreHarness, prove: SharedBehaviours[string]): Promise<void> {
  const store = await harness.create()
  const open = [store]
  const reopen = async (): Promise<Store> => {
    const another = await harness.reopen?.(store)
    if (another === undefined) throw new TypeError('Expected `reopen` to give a store, got undefined')
    open.push(another)
    return another
  }
  const close = (): Promise<unknown> => Promise.all(open.map((each) => each.close()))
  try {
    await prove(store, reopen)
  } catch (error) {
    await close().catch(() => undefined) // the test's own error tells more
    throw error
  }
  await close()
}
