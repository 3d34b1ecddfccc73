import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** A process of a proof, that says when it is ready. `await using` ends it. */
export class Child implements AsyncDisposable {
  /** What it said first. */
  readonly first: unknown
  readonly #process: ChildProcess
  readonly #exited: Promise<unknown[]>

  private constructor(child: ChildProcess, exited: Promise<unknown[]>, first: unknown) {
    this.first = first
    this.#process = child
    this.#exited = exited
  }

  /**
   * @param script in this folder
   * @param plan crosses to the process as JSON
   */
  static async start(script: string, plan: object = {}): Promise<Child> {
    const path = join(import.meta.dirname, script)
    const child = fork(path, [JSON.stringify(plan)], { execArgv: [] }) // not those of a test runner
    const exited = once(child, 'exit')
    const [first] = (await Promise.race([once(child, 'message'), exited])) as [unknown]
    if (!child.connected) throw endedByItself(script)
    return new Child(child, exited, first)
  }

  /** Resolves with what it says next; one order at a time. */
  async ask(order: object | string): Promise<unknown> {
    const said = once(this.#process, 'message')
    this.send(order)
    const [answer] = (await Promise.race([said, this.#exited])) as [unknown]
    if (!this.#process.connected) throw endedByItself('A process')
    return answer
  }

  send(order: object | string): void {
    this.#process.send(order)
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#process.on('message', listener)
  }

  /** Rejects when it ends. */
  async failed(): Promise<never> {
    await this.#exited
    throw endedByItself('A process')
  }

  /** Tells it to end, as it should. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.connected) this.#process.send('end')
    await this.#exited
  }
}

function endedByItself(what: string): Error {
  return new Error(`${what} ended by itself`)
}
