import pRetry from 'p-retry'
import type { Attempt, Claim, Delivery, HookState, Store } from '../stores/store.ts'
import type { Courier } from './courier.ts'
import type { Holdings } from './holdings.ts'
import type { Hook } from './hook.ts'
import type { Reporter } from './reporter.ts'
import type { Settlements } from './settlements.ts'

export interface DelivererOptions {
  readonly hooks: ReadonlyMap<string, Hook>
  readonly store: Store
  readonly courier: Courier
  readonly holdings: Holdings
  readonly reporter: Reporter
  readonly settlements: Settlements
  readonly now: () => number
}

/** How a fault of the store is waited out before an attempt is recorded: p-retry's options. */
const settling = { retries: Number.POSITIVE_INFINITY, minTimeout: 100, maxTimeout: 5000, factor: 2 }

/** Takes one claimed delivery through an attempt: has it sent, records what came of it, and tells. */
export class Deliverer {
  readonly #hooks: ReadonlyMap<string, Hook>
  readonly #store: Store
  readonly #courier: Courier
  readonly #holdings: Holdings
  readonly #reporter: Reporter
  readonly #settlements: Settlements
  readonly #now: () => number
  readonly #disabled = new Set<string>()

  constructor(options: DelivererOptions) {
    this.#hooks = options.hooks
    this.#store = options.store
    this.#courier = options.courier
    this.#holdings = options.holdings
    this.#reporter = options.reporter
    this.#settlements = options.settlements
    this.#now = options.now
  }

  /** As the store has them: other processes disable hooks too. */
  setHookStates(states: readonly HookState[]): void {
    for (const { hookId, enabled } of states) {
      if (enabled) this.#disabled.delete(hookId)
      else this.#disabled.add(hookId)
    }
  }

  /**
   * @param signal ends what is in flight: what has no answer then is handed back
   * @returns the delivery as it was settled; `undefined` when it was not
   */
  async deliver(claim: Claim, signal: AbortSignal): Promise<Delivery | undefined> {
    const hook = this.#hooks.get(claim.delivery.hookId) as Hook // recorded for, or claimed by, these hooks
    try {
      return this.#disabled.has(hook.id)
        ? await this.#end(hook, claim)
        : await this.#attempt(hook, claim, signal)
    } catch (error) {
      this.#holdings.forget(this.#holdings.current(claim)) // given up: it is sent again when its lease ends
      throw error
    }
  }

  async #attempt(hook: Hook, claim: Claim, signal: AbortSignal): Promise<Delivery | undefined> {
    const attempt = await this.#courier.attempt(hook, claim.delivery, signal)
    if (attempt === undefined) return this.#handBack(claim)
    const delivery = await this.#settle(claim, attempt, signal)
    if (delivery === undefined) this.#reporter.takenOver(claim.delivery)
    else await this.#tell(hook, delivery, attempt)
    return delivery
  }

  async #handBack(claim: Claim): Promise<undefined> {
    const current = this.#holdings.current(claim)
    await this.#store.release([current])
    this.#holdings.forget(current)
  }

  /**
   * Does what ends a claim under the claim as it stands, and forgets it then: who asks for the delivery from now on asks the store.
   *
   * @returns `undefined` when another process has taken the delivery over
   */
  async #finish(
    claim: Claim,
    work: (current: Claim) => Promise<Delivery | undefined>,
  ): Promise<Delivery | undefined> {
    const current = this.#holdings.current(claim)
    const delivery = await work(current)
    this.#holdings.forget(current)
    const isOurs = delivery === undefined && this.#holdings.has(claim.delivery.id)
    return isOurs ? this.#finish(claim, work) : delivery // the lease had ended, and this process claimed it again
  }

  async #tell(hook: Hook, delivery: Delivery, attempt: Attempt): Promise<void> {
    const isGone = attempt.outcome.kind === 'dead' && attempt.outcome.verdict === 'gone'
    if (isGone) this.#disabled.add(hook.id)
    this.#reporter.attempted(hook, delivery, attempt)
    if (delivery.state !== 'waiting') this.#settlements.tell(delivery.id, delivery)
    if (isGone) await this.#disable(hook)
  }

  /** The receiver may have acted on it, so it is not given up because a disk is full: it is recorded when that is over. */
  async #settle(claim: Claim, attempt: Attempt, signal: AbortSignal): Promise<Delivery | undefined> {
    const settle = (): Promise<Delivery | undefined> =>
      this.#finish(claim, (current) => this.#store.settle(current, attempt))
    try {
      return await settle()
    } catch (error) {
      if (signal.aborted) throw error
      const fields = { deliveryId: claim.delivery.id }
      this.#reporter.fault('An attempt could not be recorded yet, and is kept until it can', error, fields)
      return pRetry(settle, { ...settling, signal })
    }
  }

  async #disable(hook: Hook): Promise<void> {
    this.#reporter.disabled(hook)
    await this.#store.setHookState({ hookId: hook.id, enabled: false, since: this.#now(), reason: 'gone' })
  }

  async #end(hook: Hook, claim: Claim): Promise<Delivery | undefined> {
    const outcome = { kind: 'dead', reason: 'hook-disabled', verdict: 'hook-disabled' } as const
    const delivery = await this.#finish(claim, (current) => this.#store.end(current, outcome, this.#now()))
    if (delivery === undefined) return undefined
    this.#reporter.ended(hook, delivery, outcome)
    this.#settlements.tell(delivery.id, delivery)
    return delivery
  }
}
