import { fork, type ChildProcess } from 'node:child_process'
import { on, once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface PeerOptions {
  readonly args: readonly string[]
  /** From its start. Who waits for news longer gets an error. */
  readonly limitMs: number
  /** Options of Node itself. */
  readonly execArgv?: readonly string[]
}

/** A process of its own that is told orders and tells news. `await using` kills it; it ends by itself when this process does. */
export class Peer<Order extends object, News> implements AsyncDisposable {
  readonly #name: string
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  readonly #news: AsyncIterator<unknown[]>

  constructor(script: URL, { args, limitMs, execArgv = [] }: PeerOptions) {
    this.#name = script.pathname.split('/').at(-1) ?? ''
    this.#child = fork(fileURLToPath(script), args, { execArgv: [...execArgv] })
    this.#exited = once(this.#child, 'exit')
    const signal = AbortSignal.timeout(limitMs)
    this.#news = on(this.#child, 'message', { signal, close: ['exit'] })[Symbol.asyncIterator]()
  }

  tell(order: Order): void {
    this.#child.send(order)
  }

  /** The next news. */
  async hear(): Promise<News> {
    const { value, done } = await this.#news.next().catch((cause: unknown) => {
      throw new Error(`Expected news from ${this.#name}, got none in time`, { cause })
    })
    if (done === true) throw new Error(`Expected news from ${this.#name}, got its end`)
    return (value as [News])[0]
  }

  async ask(order: Order): Promise<News> {
    this.tell(order)
    return this.hear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }
}
