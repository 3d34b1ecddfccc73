import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { News, Plan } from './plan.ts'

/** How a controller's process ended. Times are epoch milliseconds. */
export interface Ending {
  /** `by-itself` when nobody asked. */
  readonly how: 'killed' | 'terminated' | 'by-itself'
  /** When it was asked to end: before then it may have been running. */
  readonly askedAt: number
  readonly endedAt: number
  /** `null` when a signal ended it. */
  readonly code: number | null
}

/** Epoch milliseconds. */
export interface Interruption {
  readonly from: number
  readonly until: number
}

interface Complaint {
  /** Epoch milliseconds. */
  readonly at: number
  readonly text: string
}

/** One process of a controller, from its start to its end. */
export class Life {
  readonly plan: Plan
  /** Epoch milliseconds. */
  readonly spawnedAt: number
  /** What it logged: warnings and errors alone. */
  readonly complaints: Complaint[] = []
  /** When it stood still. */
  readonly stops: Interruption[] = []
  readonly ended: Promise<Ending>
  readonly #heard = new Set<News>()
  #asked: Pick<Ending, 'how' | 'askedAt'> | undefined
  #ending: Ending | undefined
  readonly #child: ChildProcess

  constructor(plan: Plan) {
    this.plan = plan
    this.spawnedAt = Date.now()
    const controller = join(import.meta.dirname, 'controller.ts')
    this.#child = fork(controller, [JSON.stringify(plan)], {
      execArgv: [], // not those of a test runner
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    })
    const { stderr } = this.#child
    if (stderr !== null) createInterface(stderr).on('line', (line) => this.#complain(line))
    this.ended = this.#end()
    this.#child.on('message', (news: News) => this.#heard.add(news))
  }

  get hasOpened(): boolean {
    return this.#heard.has('opened')
  }

  /** Resolves when it has said so, or ended. */
  async until(news: News): Promise<void> {
    while (!this.#heard.has(news) && this.ending === undefined)
      await Promise.race([once(this.#child, 'message'), this.ended])
  }

  /** Absent while it runs. */
  get ending(): Ending | undefined {
    return this.#ending
  }

  /** Takes out complaints that were to be expected. @returns how many */
  forgive(isExpected: (complaint: Complaint) => boolean): number {
    const others = this.complaints.filter((complaint) => !isExpected(complaint))
    return this.complaints.splice(0, Infinity, ...others).length - others.length
  }

  kill(): Promise<Ending> {
    return this.#ask('killed', 'SIGKILL')
  }

  terminate(): Promise<Ending> {
    return this.#ask('terminated', 'SIGTERM')
  }

  /** Lets it stand still for so long: what others send to it, it reads when it goes on. */
  async stop(ms: number): Promise<void> {
    const from = Date.now()
    this.#child.kill('SIGSTOP')
    await sleep(ms)
    this.#child.kill('SIGCONT')
    this.stops.push({ from, until: Date.now() })
  }

  /** Waits for its end for so long, and kills it then. */
  async endWithin(limitMs: number): Promise<Ending> {
    const timer = new AbortController()
    const late = sleep(limitMs, 'late', { signal: timer.signal }).catch(() => undefined)
    if ((await Promise.race([this.ended, late])) === 'late') {
      this.#complain(`It had not ended after ${limitMs} ms`)
      await this.kill()
    }
    timer.abort()
    return this.ended
  }

  #complain(text: string): void {
    this.complaints.push({ at: Date.now(), text })
  }

  #ask(how: Ending['how'], signal: NodeJS.Signals): Promise<Ending> {
    this.#asked ??= { how, askedAt: Date.now() }
    this.#child.kill(signal)
    return this.ended
  }

  async #end(): Promise<Ending> {
    const exited = once(this.#child, 'exit').then(() => Date.now())
    const [code] = (await once(this.#child, 'close')) as [number | null]
    const endedAt = await exited
    this.#ending = { ...(this.#asked ?? { how: 'by-itself', askedAt: endedAt }), endedAt, code }
    return this.#ending
  }
}
