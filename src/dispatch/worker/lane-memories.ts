import type { Hook } from '../../hooks/hook.ts'
import type { Reporter } from '../reporter.ts'
import type { Chores } from './chores.ts'
import type { HookHealth } from './health.ts'
import type { LaneMemory } from './lane.ts'
import type { Lanes } from './lanes.ts'
import type { Ownership } from './ownership.ts'

export interface LaneMemoriesOptions {
  readonly hooks: ReadonlyMap<string, Hook>
  readonly lanes: Lanes
  readonly health: HookHealth
  readonly ownership: Pick<Ownership, 'isShared' | 'remember'>
  readonly chores: Chores
  readonly reporter: Pick<Reporter, 'fault'>
  readonly now: () => number
}

/**
 * What the process that sends to a hook next is to know, also after a kill: that its breaker is open, that its receiver has asked for a pause, and
 * its pace. Where workers share hooks out the store keeps it with each hook's lease, and else with the states of hooks.
 */
export class LaneMemories {
  readonly #options: LaneMemoriesOptions
  /** Hooks of whose lanes something was remembered. */
  readonly #remembered = new Set<string>()
  #isClosed = false

  constructor(options: LaneMemoriesOptions) {
    this.#options = options
    options.lanes.breakers.listen((hook) => this.remember(hook.id))
  }

  /** The breaker of a hook has opened or closed, a pause has begun or ended, or its pace is used. */
  remember(hookId: string): void {
    const { chores, health, lanes, now, ownership } = this.#options
    this.#remembered.add(hookId)
    if (ownership.isShared) {
      ownership.remember(hookId)
      return
    }
    health.remember(hookId, lanes.peek(hookId).memory(false), now())
    if (!this.#isClosed) void chores.add(() => this.reported(health.tellMemories()))
  }

  /** Something is about to be sent at the hook's pace. */
  begin(hookId: string): void {
    if (!this.#remembered.has(hookId)) this.remember(hookId)
  }

  /** Goes on as the process before left off. */
  recall(memories: ReadonlyMap<string, object>): void {
    const { hooks, health, lanes, now, ownership } = this.#options
    if (ownership.isShared) return
    for (const [hookId, memory] of memories) {
      if (!hooks.has(hookId) || health.isDisabled(hookId)) continue
      this.#remembered.add(hookId)
      lanes.lane(hookId).recall(memory, now())
    }
  }

  /** What another process, which sends too, has been asked for holds here as well; its breaker and its pace are its own. */
  hear(hookId: string, memory: Partial<LaneMemory>): void {
    const { health, lanes, ownership } = this.#options
    if (ownership.isShared) return
    const { closedUntil = 0, pace } = memory
    if (!health.isDisabled(hookId)) lanes.lane(hookId).pause(closedUntil)
    // It has closed, and left where it stood: this one goes on.
    if (this.#remembered.has(hookId) && typeof pace === 'number') this.remember(hookId)
  }

  /** Forgets what was wrong with a hook: it was disabled, or enabled. */
  reset(hookId: string): void {
    const { lanes, ownership } = this.#options
    lanes.reset(hookId)
    // What the holder of a lane before left of it is not known here.
    if (ownership.isShared || this.#remembered.has(hookId)) this.remember(hookId)
  }

  /** As they stand now, when nothing more is sent. */
  rememberLast(): void {
    const { health, lanes, now, ownership } = this.#options
    if (ownership.isShared) return
    for (const hookId of this.#remembered) health.remember(hookId, lanes.peek(hookId).memory(true), now())
  }

  /** The store is asked for nothing any more. */
  close(): void {
    this.#isClosed = true
  }

  /** What fails is told at a later beat. */
  async reported(saving: Promise<void>): Promise<void> {
    try {
      await saving
    } catch (error) {
      this.#options.reporter.fault('What is known of the hooks could not be saved', error)
    }
  }
}
