import type { Store } from '../../stores/store.ts'

/** Sentences about every store, each with what proves it on a new, empty one. */
export type Behaviours = Readonly<Record<string, (store: Store) => Promise<void>>>

/** Sentences about stores that several processes share, each with what proves it on one and on further instances. */
export type SharedBehaviours = Readonly<
  Record<string, (store: Store, reopen: () => Promise<Store>) => Promise<void>>
>
