import type { Claim } from '../../stores/store.ts'
import { Execution, type Term } from './execution.ts'
import type { Lanes } from './lanes.ts'
import { Topic } from './topic.ts'

/**
 * What this process has claimed and not settled, by hook. It bounds memory: a hook whose receiver hangs fills its own share,
 * and what comes later stays in the store until there is room.
 */
export class ClaimedDeliveries {
  /** Nothing of a hook is claimed any more, nor has room reserved. */
  readonly emptied: Topic<[hookId: string]> = new Topic()
  /** The first delivery waits in the store of a hook that is left alone: it is to be looked for when that is over. */
  readonly postponed: Topic = new Topic()
  /** There is room for a good number of those of a hook that wait in the store. */
  readonly roomy: Topic = new Topic()
  /** One was claimed again before this process had heard that it was settled: it wants another place. */
  readonly reclaimed: Topic<[execution: Execution]> = new Topic()
  readonly #executions = new Map<string, Execution>()
  /** By hook: how many, with those that room is reserved for. */
  readonly #held = new Map<string, number>()
  #idle: PromiseWithResolvers<void> | undefined
  /** Hooks of which more may be due in the store than there was room for. */
  readonly #more = new Set<string>()
  readonly #lanes: Pick<Lanes, 'mostHeld'>

  constructor(lanes: Pick<Lanes, 'mostHeld'>) {
    this.#lanes = lanes
  }

  get executions(): readonly Execution[] {
    return [...this.#executions.values()]
  }

  /** Whether there is none, and room is reserved for none. */
  get isIdle(): boolean {
    return this.#held.size === 0
  }

  /** Resolves when there was none. */
  async idle(): Promise<void> {
    if (this.isIdle) return
    this.#idle ??= Promise.withResolvers<void>()
    await this.#idle.promise
  }

  has(deliveryId: string): boolean {
    return this.#executions.has(deliveryId)
  }

  /** Whether anything of the hook is claimed, or in flight. */
  hasAny(hookId: string): boolean {
    return this.#held.has(hookId)
  }

  room(hookId: string): number {
    return Math.max(0, this.#lanes.mostHeld(hookId) - (this.#held.get(hookId) ?? 0))
  }

  /** Takes room for a delivery that will be claimed; not before those that wait in the store for theirs. */
  reserve(hookId: string): boolean {
    if (this.#more.has(hookId)) return false
    if (this.room(hookId) === 0) {
      this.#more.add(hookId)
      if (this.#lanes.mostHeld(hookId) === 0) this.postponed.tell()
      return false
    }
    this.#change(hookId, 1)
    return true
  }

  /** Gives reserved room back. */
  cancel(hookId: string): void {
    this.#change(hookId, -1)
  }

  /** In room that was reserved. @param until epoch milliseconds at which its lease ends */
  put(claim: Claim, term: Term, until: number): Execution {
    const { id } = claim.delivery
    const execution = new Execution(claim, term, until)
    // Recorded for longer than its lease, and claimed again before that was heard of: it is sent under that claim alone.
    if (this.#executions.has(id)) execution.isOver = true
    else this.#executions.set(id, execution)
    return execution
  }

  /**
   * In room of its own.
   *
   * @param until epoch milliseconds at which its lease ends
   * @returns `undefined` for one that is in hand already: it goes on under the new claim, or is started anew when it {@link leave}s
   */
  add(claim: Claim, term: Term, until: number): Execution | undefined {
    const { id, hookId } = claim.delivery
    const inHand = this.#executions.get(id)
    if (inHand !== undefined) {
      inHand.claimedAgain(claim, term, until)
      return undefined
    }
    this.#change(hookId, 1)
    return this.put(claim, term, until)
  }

  /** What was done under this claim is done: it is settled, returned, or given up. Who asks for the delivery from now on asks the store. */
  finish(execution: Execution, claim: Claim): void {
    if (execution.current !== claim || execution.isOver) return // by now another one may be in hand
    execution.isOver = true
    this.#executions.delete(claim.delivery.id)
  }

  /** Gives its room back; or goes on with it, when it was claimed again meanwhile. */
  leave(execution: Execution): void {
    if (execution.isOver) {
      this.#change(execution.hookId, -1)
      return
    }
    execution.restart()
    this.reclaimed.tell(execution)
  }

  /** Remembers whether more of a hook may be due in the store. */
  expect(hookId: string, more: boolean): void {
    if (more) this.#more.add(hookId)
    else this.#more.delete(hookId)
  }

  /** Hooks of which more may be due in the store, and that have no room; those that have some by now are not among them any more. */
  full(): ReadonlySet<string> {
    for (const hookId of this.#more) if (this.room(hookId) > 0) this.#more.delete(hookId)
    return this.#more
  }

  expectsMore(hookId: string): boolean {
    return this.#more.has(hookId)
  }

  #change(hookId: string, by: 1 | -1): void {
    const held = (this.#held.get(hookId) ?? 0) + by
    if (held > 0) this.#held.set(hookId, held)
    else this.#held.delete(hookId)
    if (by < 0 && this.#hasRoomForMore(hookId, held)) this.roomy.tell()
    if (held > 0) return
    this.emptied.tell(hookId)
    if (!this.isIdle) return
    this.#idle?.resolve()
    this.#idle = undefined
  }

  #hasRoomForMore(hookId: string, held: number): boolean {
    if (!this.#more.has(hookId)) return false
    const most = this.#lanes.mostHeld(hookId)
    return (most - held) * 2 >= Math.max(1, most)
  }
}
