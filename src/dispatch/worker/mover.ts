import { setTimeout as sleep } from 'node:timers/promises'
import type { Moved, Store } from '../../stores/store.ts'
import type { Reporter } from '../reporter.ts'
import type { Chores } from './chores.ts'
import type { WakeTimer } from './wake-timer.ts'

export interface MoverOptions {
  readonly store: Pick<Store, 'moveHooks'>
  /** Ids of now by former ones. */
  readonly moves: ReadonlyMap<string, string>
  readonly now: () => number
  readonly reporter: Pick<Reporter, 'lastingFault'>
  readonly chores: Chores
  readonly wakes: WakeTimer
}

/** Deliveries in one step: of some milliseconds, so that no dispatch waits long for it. */
const limit = 500
/** How long after a pass it is looked for what others have left since, in milliseconds: at first, and at most. Each time twice as long. */
const firstPauseMs = 60_000
const longestPauseMs = 3_600_000

/**
 * Moves what the store has under former ids of hooks to those of now: the states before anything is sent, and then, step by step, what
 * waits, and what became final. Processes of the version before may go on for a while, so it looks again for what they have left.
 */
export class Mover {
  readonly #options: MoverOptions
  readonly #closing = new AbortController()
  #began: Promise<void> | undefined
  /** Of the step that comes next; absent when a pass has ended. */
  #cursor: string | undefined
  #isMoving = false
  #lookedAt = 0
  #pauseMs = firstPauseMs

  constructor(options: MoverOptions) {
    this.#options = options
  }

  /** The first step. Resolves when the states are those of now. Again after a fault of the store. */
  begin(): Promise<void> {
    this.#began ??= this.#begin()
    return this.#began
  }

  async #begin(): Promise<void> {
    if (this.#options.moves.size === 0) return
    try {
      await this.#step()
    } catch (error) {
      this.#began = undefined
      throw error
    }
  }

  /** Goes on with a pass, or begins another when it is time: as a chore, which ends when the pass has ended, or cannot go on now. */
  go(): void {
    const isIdle = !this.#isMoving && this.#began !== undefined && !this.#closing.signal.aborted
    if (isIdle && this.#options.moves.size > 0) void this.#options.chores.add(() => this.#go())
  }

  async #go(): Promise<void> {
    this.#isMoving = true
    try {
      if (this.#cursor === undefined) await this.#lookAgain()
      while (this.#cursor !== undefined && !this.#closing.signal.aborted) {
        const began = performance.now()
        await this.#step()
        await this.#rest(performance.now() - began)
      }
    } catch (error) {
      this.#options.reporter.lastingFault('What is under former ids of hooks could not be moved yet', error)
    } finally {
      this.#isMoving = false
    }
  }

  close(): void {
    this.#closing.abort()
  }

  /** Where nothing waits that others have left, there is nothing else of them either that cannot wait for the next start. */
  async #lookAgain(): Promise<void> {
    const now = this.#options.now()
    if (Math.abs(now - this.#lookedAt) < this.#pauseMs) return
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs)
    const { moved } = await this.#step()
    if (moved === 0) this.#cursor = undefined
    else this.#pauseMs = firstPauseMs
  }

  async #step(): Promise<Moved> {
    const { store, moves, now, wakes } = this.#options
    const step = await store.moveHooks(moves, { limit, now: now(), cursor: this.#cursor })
    this.#cursor = step.next
    this.#lookedAt = now()
    if (step.moved > 0) wakes.wake() // something may be due under an id of now
    return step
  }

  /** As long as a step took: others get at least as much of the store. */
  async #rest(ms: number): Promise<void> {
    const { signal } = this.#closing
    await sleep(Math.max(1, ms), undefined, { signal, ref: false }).catch(() => undefined) // it is closing
  }
}
