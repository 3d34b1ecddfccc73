import type { Hook } from '../../hooks/hook.ts'
import type { HookHealth } from './health.ts'
import type { LaneMemories } from './lane-memories.ts'
import type { Lanes } from './lanes.ts'
import type { Mover } from './mover.ts'
import type { Naming } from './naming.ts'
import type { WakeTimer } from './wake-timer.ts'

export interface HealthSyncOptions {
  readonly hooks: ReadonlyMap<string, Hook>
  readonly health: HookHealth
  readonly lanes: Lanes
  readonly memories: LaneMemories
  readonly mover: Pick<Mover, 'begin' | 'go' | 'close'>
  readonly naming: Pick<Naming, 'go'>
  readonly wakes: WakeTimer
  readonly now: () => number
}

/** Keeps what this process knows of hooks and what the store does the same: which are disabled, fail, or are left alone for a while. */
export class HealthSync {
  readonly #options: HealthSyncOptions
  #isWorker = false
  #isOpen = false
  #hasGivenUp = false
  #opening: Promise<void> | undefined

  constructor(options: HealthSyncOptions) {
    this.#options = options
  }

  /** Whether what the store knows was read: nothing is recorded or claimed before, since hooks that were disabled stay so. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** This process is to send: what was read until now may have been under former ids. */
  becomeWorker(): void {
    this.#isWorker = true
    this.#isOpen = false
  }

  /** Reads what the store knows: once, and again after a fault of it, or when this process becomes a worker. */
  open(): Promise<void> {
    this.#opening ??= this.#open()
    return this.#opening
  }

  async #open(): Promise<void> {
    const { health, memories, mover, now } = this.#options
    const isWorker = this.#isWorker
    try {
      if (isWorker) await mover.begin()
      const changed = await health.load(now())
      memories.recall(changed.memories)
      this.#isOpen = isWorker === this.#isWorker
      this.move()
    } finally {
      this.#opening = undefined
    }
  }

  /** What was said elsewhere of a hook counts for its lane here, as if it had been said here. */
  async see(): Promise<void> {
    if (!this.#isOpen) return this.open()
    const { hooks, health, memories, now } = this.#options
    const changed = await health.load(now())
    for (const hookId of changed.disabled) if (hooks.has(hookId)) this.letGo(hookId)
    for (const hookId of changed.enabled) if (hooks.has(hookId)) this.probe(hookId)
    for (const [hookId, memory] of changed.memories)
      if (hooks.has(hookId) && !changed.enabled.includes(hookId)) memories.hear(hookId, memory)
  }

  /** Goes on with moving what is under former ids of hooks, and with naming hooks. */
  move(): void {
    if (!this.#isWorker) return
    this.#options.mover.go()
    this.#options.naming.go()
  }

  /** Tells the store since when hooks fail, and that they do no more. */
  save(): Promise<void> {
    return this.#options.health.save()
  }

  /** A hook was enabled: one delivery is tried, and the others follow if its receiver answers. */
  probe(hookId: string): void {
    const { lanes, memories, now, wakes } = this.#options
    memories.reset(hookId)
    lanes.lane(hookId).breaker?.probe(now())
    wakes.wake()
  }

  /** A hook was disabled: what waits for it needs no places to be ended. */
  letGo(hookId: string): void {
    this.#options.memories.reset(hookId)
    this.#options.wakes.wake()
  }

  /** Moves nothing more. */
  close(): void {
    this.#options.mover.close()
  }

  /** The store takes too long, and is told nothing any more. */
  giveUp(): void {
    this.#hasGivenUp = true
    this.#options.memories.close()
  }

  /** As all stands now, when nothing more is sent. Never rejects. */
  async saveLast(): Promise<void> {
    const { health, memories } = this.#options
    memories.rememberLast()
    if (!this.#hasGivenUp) await memories.reported(health.save())
  }
}
