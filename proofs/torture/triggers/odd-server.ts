import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { OddServerPlan, Opened, ServerReport } from './odd-plan.ts'

/** A platform's server under observation, in a process of its own. `await using` ends it. */
export class OddServer implements AsyncDisposable {
  readonly opened: Opened
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>

  private constructor(child: ChildProcess, exited: Promise<unknown>, opened: Opened) {
    this.#child = child
    this.#exited = exited
    this.opened = opened
  }

  static async start(plan: OddServerPlan): Promise<OddServer> {
    const child = fork(join(import.meta.dirname, 'odd-server-process.ts'), [JSON.stringify(plan)], {
      execArgv: ['--expose-gc'],
    })
    const exited = once(child, 'exit')
    const [opened] = (await Promise.race([once(child, 'message'), exited])) as [Opened]
    if (!child.connected) throw new Error('Expected a server that listens, got its end')
    return new OddServer(child, exited, opened)
  }

  /** `settle` waits until every request has its answer. */
  async report(order: 'look' | 'settle'): Promise<ServerReport> {
    this.#child.send(order)
    const [report] = (await Promise.race([once(this.#child, 'message'), this.#exited])) as [ServerReport]
    if (!this.#child.connected) throw new Error('Expected a server that goes on, got its end')
    return report
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    await this.#exited
  }
}
