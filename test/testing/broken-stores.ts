import type { Store } from '../../src/index.ts'

/** A fault that a store could have. */
export interface BrokenStore {
  /** After "a store that". */
  readonly fault: string
  /** What it does otherwise than the store given. */
  readonly changes: (store: Store) => Partial<Store>
  /** Names of tests that must fail, besides others. */
  readonly fails: readonly string[]
}
