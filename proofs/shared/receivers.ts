import { Peer } from './peer.ts'

/**
 * - `healthy`: answers 200 after 2 ms
 * - `slow`: answers 200 after 500 ms
 * - `hang`: accepts and reads, and never answers
 * - `refuse`: its port is closed
 * - `fail`: answers 500 at once
 */
export type Behaviour = 'healthy' | 'slow' | 'hang' | 'refuse' | 'fail'

export type ReceiversOrder =
  | {
      readonly kind: 'behave'
      readonly hooks: readonly number[]
      readonly as: Behaviour
      /** Epoch milliseconds; at once when they have passed. */
      readonly at: number
    }
  | { readonly kind: 'report' }

/** What a healthy receiver received, and when, in epoch milliseconds. */
export type Receipt = readonly [hook: number, version: number, at: number]

export interface ReceiversReport {
  readonly receipts: readonly Receipt[]
  /** Requests that hang now. */
  readonly hanging: number
}

/** Receivers in one process apart, each on a port of its own. They are healthy until they are told otherwise. */
export class Receivers implements AsyncDisposable {
  readonly urls: readonly string[]
  readonly #peer: Peer<ReceiversOrder, unknown>

  private constructor(peer: Peer<ReceiversOrder, unknown>, ports: readonly number[]) {
    this.#peer = peer
    this.urls = ports.map((port) => `http://127.0.0.1:${port}/deploy`)
  }

  /** @param limitMs in which all must be done */
  static async start(count: number, limitMs: number): Promise<Receivers> {
    const script = new URL('receivers-process.ts', import.meta.url)
    const peer = new Peer<ReceiversOrder, unknown>(script, { args: [String(count)], limitMs })
    try {
      return new Receivers(peer, (await peer.hear()) as readonly number[])
    } catch (error) {
      await peer[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Resolves when it is so, or will be then. */
  async behave(as: Behaviour, hooks: readonly number[], at = 0): Promise<void> {
    await this.#peer.ask({ kind: 'behave', as, hooks, at })
  }

  async report(): Promise<ReceiversReport> {
    return (await this.#peer.ask({ kind: 'report' })) as ReceiversReport
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#peer[Symbol.asyncDispose]()
  }
}
