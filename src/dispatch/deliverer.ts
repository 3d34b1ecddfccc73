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
    if (this.#disabled.has(hook.id)) return this.#end(hook, claim)
    const attempt = await this.#courier.attempt(hook, claim.delivery, signal)
    if (attempt === undefined) {
      await this.#store.release([this.#holdings.current(claim)])
      return undefined
    }
    const delivery = await this.#settle(claim, attempt, signal)
    this.#holdings.forget(claim) // before it is told: who asks from now on asks the store
    if (delivery === undefined) this.#reporter.takenOver(claim.delivery)
    else await this.#tell(hook, delivery, attempt)
    return delivery
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
      this.#store.settle(this.#holdings.current(claim), attempt)
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
    const delivery = await this.#store.end(this.#holdings.current(claim), outcome, this.#now())
    this.#holdings.forget(claim)
    if (delivery === undefined) return undefined
    this.#reporter.ended(hook, delivery, outcome)
    this.#settlements.tell(delivery.id, delivery)
    return delivery
  }
}
