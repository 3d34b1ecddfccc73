import { Child } from './child.ts'

/** A request as a receiver took it. */
export interface Receipt {
  readonly hookId: string
  /** The delivery's, which is not signed: it tells which one it was, and the receiver does not go by it. */
  readonly id: string
  /** 204: handled, 200: known, others: refused. */
  readonly status: number
  /** Whether the sender got no answer. */
  readonly isLost: boolean
}

/** Receivers of all hooks, in a process of their own. `await using` ends it. */
export class Receivers implements AsyncDisposable {
  readonly origin: string
  readonly #child: Child

  private constructor(child: Child) {
    this.#child = child
    this.origin = String(child.first)
  }

  static async start(): Promise<Receivers> {
    return new Receivers(await Child.start('receiver-process.ts'))
  }

  /** @returns all that came, in its order */
  async receipts(): Promise<readonly Receipt[]> {
    return (await this.#child.ask('receipts')) as readonly Receipt[]
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#child[Symbol.asyncDispose]()
  }
}
