import type { Attempt, DeliveryFilter, HookState, Page, PageOptions, Store } from 'deploy-hooks'
import type { NewValues } from '../../../src/stores/rows.ts'
import type { ReadableStore } from './moment.ts'

/** What a store's thread has, as far as copies are read with it: in this thread, as starting 1,000 threads takes minutes. */
interface EngineLike {
  readonly pages: { list(filter: DeliveryFilter, page: PageOptions): Page }
  attempts(deliveryId: string): readonly Attempt[]
  hookStates(): readonly HookState[]
  transaction<Result>(work: () => Result): Result
  record(values: NewValues, until: number): unknown
  close(): void
}

/** The parts of a store that are no public names, of the sources or of the built package. */
export interface StoreParts {
  readonly openStore: (path: string) => Store
  readonly openEngine: (path: string) => EngineLike
  /** Makes the error that a store rejects with of one that its engine threw. */
  readonly storeErrorOf: (error: unknown, path: string) => Error
}

/** Reads as a store does, without its thread. */
export function engineReader({ openEngine, storeErrorOf }: StoreParts, path: string): ReadableStore {
  const attempt = async <Value>(work: () => Value): Promise<Value> => {
    try {
      return work()
    } catch (error) {
      throw storeErrorOf(error, path)
    }
  }
  let opened: EngineLike | undefined
  const engine = (): EngineLike => (opened ??= openEngine(path))
  return {
    list: (filter, page) => attempt(() => engine().pages.list(filter, page)),
    attempts: (id) => attempt(() => engine().attempts(id)),
    hookStates: () => attempt(() => engine().hookStates()),
    close: () => attempt(() => opened?.close()),
  }
}
