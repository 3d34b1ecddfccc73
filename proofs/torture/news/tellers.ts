import type { SharedPlace } from '../../../test/dispatch/news-places.ts'
import type { Said } from '../../../test/dispatch/news-walk.ts'
import { Child } from './child.ts'
import type { Unit } from './heats.ts'

/** What a process is asked to do. It crosses to it as JSON. */
export interface Order {
  /** Tells orders apart. */
  readonly of: number
  readonly unit: Unit
  /** What each telling is called. */
  readonly calls: readonly string[]
  /** Hooks that the process has. */
  readonly there: readonly number[]
  /** What time it is, for the ledger. */
  readonly now: number
  /** Microseconds of the machine's clock at which to begin. */
  readonly at: number
}

/** What became of it. */
export type Answer =
  | {
      readonly of: number
      /** Microseconds of the machine's clock. */
      readonly startedAt: number
      readonly endedAt: number
      /** Of each telling; absent when the server refused the transaction, since another one was first. */
      readonly said?: readonly Said[] | undefined
      /** It, or what the process told meanwhile, waited for too long, and was told without knowing what others told. */
      readonly isUnsure: boolean
    }
  | { readonly of: number; readonly error: string }

/** Processes that tell in one place. `await using` ends them. */
export class Tellers implements AsyncDisposable {
  readonly #children: readonly Child[]
  /** Rejects when one of them ends by itself. */
  readonly #failed: Promise<never>
  readonly #waiting = new Map<number, (answer: Answer) => void>()

  private constructor(children: readonly Child[]) {
    this.#children = children
    this.#failed = Promise.race(children.map((child) => child.failed()))
    this.#failed.catch(() => undefined) // who asks is told; in the end all of them end
    for (const child of children) child.onMessage((answer) => this.#hear(answer as Answer))
  }

  static async start(count: number, place: SharedPlace): Promise<Tellers> {
    const starting = Array.from({ length: count }, () => Child.start('teller-process.ts', place))
    return new Tellers(await Promise.all(starting))
  }

  ask(by: number, order: Order): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>()
    this.#waiting.set(order.of, resolve)
    this.#children[by]?.send(order)
    return Promise.race([promise, this.#failed])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map((child) => child[Symbol.asyncDispose]()))
  }

  #hear(answer: Answer): void {
    this.#waiting.get(answer.of)?.(answer)
    this.#waiting.delete(answer.of)
  }
}
