import type { Hook } from '../../hooks/hook.ts'
import type { Chores } from './chores.ts'
import type { ClaimLoop } from './claim-loop.ts'
import type { ClaimedDeliveries } from './claimed-deliveries.ts'
import type { Executor } from './executor.ts'
import type { HealthSync } from './health-sync.ts'
import type { Leases } from './leases.ts'
import type { Ownership } from './ownership.ts'
import type { Upkeep } from './upkeep.ts'

export interface WorkerParts {
  readonly claimLoop: Pick<ClaimLoop, 'stop' | 'claimTheRest'>
  readonly executor: Pick<Executor, 'isStopped' | 'retire' | 'stop'>
  readonly claimed: ClaimedDeliveries
  readonly ownership: Pick<Ownership, 'isShared' | 'start' | 'ids' | 'retire' | 'leave' | 'abandon'>
  readonly healthSync: Pick<HealthSync, 'becomeWorker' | 'probe' | 'letGo' | 'close' | 'saveLast' | 'giveUp'>
  readonly upkeep: Pick<Upkeep, 'stop'>
  readonly chores: Chores
  readonly leases: Pick<Leases, 'stop'>
  /** What is claimed outlives the process. */
  readonly isDurable: boolean
}

/** Sends what is due, from its start until it is closed. */
export class Worker {
  readonly #parts: WorkerParts

  constructor(parts: WorkerParts) {
    this.#parts = parts
  }

  /** Sends from now on, also what an earlier process left waiting. Resolves when the store was reached. */
  start(): Promise<void> {
    const { healthSync, ownership } = this.#parts
    healthSync.becomeWorker()
    return ownership.start()
  }

  /** Nothing more is sent. */
  get isStopped(): boolean {
    return this.#parts.executor.isStopped
  }

  /** Whether this process sends to the hook. */
  holds(hookId: string): boolean {
    return this.#parts.ownership.ids.has(hookId)
  }

  /** A hook was enabled, or disabled, by an operator. */
  switched({ id }: Hook, to: 'enabled' | 'disabled'): void {
    if (to === 'enabled') this.#parts.healthSync.probe(id)
    else this.#parts.healthSync.letGo(id)
  }

  /** Something else that uses the store, and that {@link close} waits for. */
  during<Value>(chore: () => Promise<Value>): Promise<Value> {
    return this.#parts.chores.add(chore)
  }

  /** Sends what is claimed, claims no more, and resolves when the store is used no longer. Leases are kept to the end. */
  async close(): Promise<void> {
    const { claimLoop, executor, healthSync, isDurable, leases, ownership, upkeep } = this.#parts
    const looked = claimLoop.stop()
    healthSync.close()
    if (ownership.isShared) ownership.retire()
    if (isDurable) executor.retire()
    await looked
    await this.#drained()
    executor.stop()
    upkeep.stop() // nobody would wait for a beat that begins now
    await ownership.leave()
    await healthSync.saveLast()
    leases.stop()
  }

  /** Ends what is in flight; what has no answer yet is returned. */
  abort(): void {
    this.#parts.executor.stop()
  }

  /** The store takes too long: nothing is asked of it any more, and no lease is kept. What it was asked goes on, and tells when it has answered. */
  giveUp(): void {
    const { healthSync, leases, ownership, upkeep } = this.#parts
    upkeep.stop()
    leases.stop()
    healthSync.giveUp()
    ownership.abandon()
  }

  /** Until nothing is in hand. What would be lost with the process is claimed to the end. */
  async #drained(): Promise<void> {
    const { chores, claimed, claimLoop, isDurable } = this.#parts
    do {
      await Promise.all([claimed.idle(), chores.idle()])
      if (!isDurable) await claimLoop.claimTheRest()
    } while (!claimed.isIdle || !chores.isIdle)
  }
}
