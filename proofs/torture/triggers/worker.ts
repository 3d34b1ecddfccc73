import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Step, WorkerPlan } from './plan.ts'

type News = 'opened' | Step | { readonly complaint: string }

/** A platform's process. `await using` kills it. */
export class Worker implements AsyncDisposable {
  readonly plan: WorkerPlan
  readonly complaints: string[] = []
  /** When it was killed, in epoch milliseconds. */
  killedAt: number | undefined
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  #hasExited = false

  constructor(plan: WorkerPlan) {
    this.plan = plan
    this.#child = fork(join(import.meta.dirname, 'worker-process.ts'), [JSON.stringify(plan)], {
      execArgv: [], // not those of a test runner
    })
    this.#exited = once(this.#child, 'exit').then(() => (this.#hasExited = true))
    this.#child.on('message', (news: News) => {
      if (typeof news === 'object') this.complaints.push(news.complaint)
    })
  }

  /** Resolves with whether it said so within so many milliseconds. */
  async says(news: 'opened' | Step, withinMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const hear = (said: News): void => {
      if (said === news) resolve(true)
    }
    this.#child.on('message', hear)
    const timer = new AbortController()
    const late = sleep(withinMs, false, { signal: timer.signal }).catch(() => false)
    const has = await Promise.race([promise, late, this.#exited.then(() => false)])
    timer.abort()
    this.#child.off('message', hear)
    return has
  }

  async kill(): Promise<void> {
    if (this.#hasExited && this.killedAt === undefined) this.complaints.push('It ended by itself')
    this.killedAt ??= Date.now()
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }
}
