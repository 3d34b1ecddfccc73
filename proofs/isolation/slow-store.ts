import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from 'deploy-hooks'

const writes: ReadonlySet<string | symbol> = new Set([
  'record',
  'tell',
  'claim',
  'renew',
  'release',
  'mark',
  'settle',
  'end',
  'reschedule',
  'prune',
  'setHookStates',
])

/** A disk that takes so long for whatever is written at once, and then for what was asked for meanwhile: as that of SQLite. */
export class SlowDisk {
  readonly #writeMs: number
  #next: Promise<void> | undefined
  #last: Promise<void> = Promise.resolve()

  constructor(writeMs: number) {
    this.#writeMs = writeMs
  }

  /** Resolves when what is written now is on the disk. */
  written(): Promise<void> {
    this.#next ??= this.#last.then(() => {
      this.#next = undefined
      this.#last = sleep(this.#writeMs)
      return this.#last
    })
    return this.#next
  }
}

/** The same store over a slow disk. @param onCall hears of every operation before it waits */
export function slowStore(
  store: Store,
  disk: SlowDisk,
  onCall: (name: string, ...given: readonly unknown[]) => void,
): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return async (...given: unknown[]): Promise<unknown> => {
        onCall(String(name), ...given)
        if (writes.has(name)) await disk.written()
        return Reflect.apply(value as (...args: unknown[]) => unknown, target, given)
      }
    },
  })
}
