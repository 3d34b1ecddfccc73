import pRetry from 'p-retry'
import type { Exchange } from '../../http/transport.ts'
import type { Attempt, Delivery, Verdict } from '../../delivery.ts'
import type { Claim, Store } from '../../stores/store.ts'
import type { Reading } from '../../targets/answer.ts'
import { attemptOf, type PutOff } from './attempt.ts'
import type { NotSent } from './attempter.ts'
import type { DisabledReason, HookHealth } from './health.ts'
import type { Holdings } from './claimed-deliveries.ts'
import type { Hook } from '../../hooks/hook.ts'
import type { Work } from './lane.ts'
import { disabledBy, hasFailed } from './outcome.ts'
import { recoversAfterMs } from './recovery.ts'
import type { Reporter } from '../reporter.ts'
import type { Settlements } from '../waiters.ts'

export interface DelivererOptions {
  readonly store: Store
  readonly health: HookHealth
  readonly holdings: Holdings
  readonly reporter: Reporter
  readonly settlements: Settlements
  readonly now: () => number
  readonly random: () => number
  /** A hook has delivered that had only failed for a while. */
  readonly onRecovered: (hook: Hook) => void
}

/** What an exchange told of the receiver. */
interface Sign {
  readonly disabled: 'gone' | 'unwanted' | undefined
  /** It answered, and not to say "not now". */
  readonly isWell: boolean
}

/** How a fault of the store is waited out before an attempt is recorded: p-retry's options. */
const settling = { retries: Number.POSITIVE_INFINITY, minTimeout: 100, maxTimeout: 5000, factor: 2 }

/** Takes a delivery from its exchange to what is recorded and told of it. */
export class Deliverer {
  readonly #store: Store
  readonly #health: HookHealth
  readonly #holdings: Holdings
  readonly #reporter: Reporter
  readonly #settlements: Settlements
  readonly #now: () => number
  readonly #random: () => number
  readonly #onRecovered: (hook: Hook) => void

  constructor(options: DelivererOptions) {
    this.#store = options.store
    this.#health = options.health
    this.#holdings = options.holdings
    this.#reporter = options.reporter
    this.#settlements = options.settlements
    this.#now = options.now
    this.#random = options.random
    this.#onRecovered = options.onRecovered
  }

  /**
   * Records what came of an exchange, or why there was none.
   *
   * @param reading what the target read of the answer
   * @param signal aborted, it ends the waiting for a store that fails
   * @returns the delivery as it was settled; `undefined` when it was not
   */
  async settle(
    hook: Hook,
    work: Work,
    exchange: Exchange | NotSent,
    reading: Reading | undefined,
    signal: AbortSignal,
  ): Promise<Pick<Delivery, 'dueAt'> | undefined> {
    const { claim } = work
    try {
      if (exchange.kind === 'dead') return await this.#end(hook, claim, exchange)
      const attempt = attemptOf(hook, work, exchange, reading, { now: this.#now(), random: this.#random() })
      if ('kind' in attempt) return await this.#handBack(claim, attempt)
      let delivery: Delivery | undefined
      try {
        delivery = await this.#record(claim, attempt)
      } catch (error) {
        delivery = await this.#recordLater(claim, attempt, error, signal)
      }
      if (delivery === undefined) this.#reporter.takenOver(claim.delivery)
      else {
        const sign = {
          disabled: disabledBy(exchange, attempt.outcome),
          isWell: hasFailed(exchange, reading) === false,
        }
        await this.#tell(hook, delivery, attempt, sign)?.()
      }
      return delivery
    } catch (error) {
      this.#holdings.forget(this.#holdings.current(claim)) // given up: it is sent again when its lease ends
      throw error
    }
  }

  /** Disables a hook at once. @returns what tells it, and resolves when the store knows */
  #disable(hook: Hook, reason: DisabledReason): (() => Promise<void>) | undefined {
    if (this.#health.isDisabled(hook.id)) return undefined
    const saved = this.#health.disable(hook.id, reason, this.#now())
    return () => {
      this.#reporter.disabled(hook, reason)
      return saved
    }
  }

  async #handBack(claim: Claim, putOff: PutOff): Promise<Pick<Delivery, 'dueAt'>> {
    const current = this.#holdings.current(claim)
    await this.#store.release([current], putOff.dueAt)
    this.#holdings.forget(current)
    return putOff
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

  /** @returns what is still to be done when the hook is disabled by it */
  #tell(
    hook: Hook,
    delivery: Delivery,
    attempt: Attempt,
    { disabled, isWell }: Sign,
  ): (() => Promise<void>) | undefined {
    const { outcome } = attempt
    // A fault of the proxy, or a forbidden address, tells nothing about the receiver.
    const isReceivers = outcome.reason !== 'proxy' && outcome.reason !== 'blocked'
    // What a receiver took has reached it, whatever became of it there.
    const isFailed = outcome.kind === 'retry' || (outcome.kind === 'dead' && !isRemote(outcome.verdict))
    const failing = isFailed && isReceivers ? this.#health.failed(hook.id, attempt.endedAt) : undefined
    if (isFailed && isReceivers && !isWell) this.#reporter.down(hook, attempt)
    // One that only does not answer a question is no better for what it took before.
    const failedMs = !isFailed && isWell ? this.#health.delivered(hook.id, attempt.endedAt) : undefined
    if (failedMs !== undefined) this.#reporter.well(hook, failedMs)
    if (failedMs !== undefined && failedMs >= recoversAfterMs) this.#onRecovered(hook)
    const reason = disabled ?? (failing !== undefined && failing.share >= 1 ? 'failing' : undefined)
    // Before anybody hears of it, so that who dispatches then finds it disabled; and told once.
    const disabling = reason === undefined ? undefined : this.#disable(hook, reason)
    this.#reporter.attempted(hook, delivery, numbered(attempt, delivery.attempts))
    if (delivery.state !== 'waiting') this.#settlements.tell(delivery.id, delivery)
    if (failing !== undefined && failing.share < 1) this.#reporter.failing(hook, failing)
    return disabling
  }

  /** The receiver may have acted on it, so it is not given up because a disk is full: it is recorded when that is over. */
  #recordLater(
    claim: Claim,
    attempt: Attempt,
    error: unknown,
    signal: AbortSignal,
  ): Promise<Delivery | undefined> {
    if (signal.aborted) throw error
    const fields = { deliveryId: claim.delivery.id }
    this.#reporter.fault('An attempt could not be recorded yet, and is kept until it can', error, fields)
    return pRetry(() => this.#record(claim, attempt), { ...settling, signal })
  }

  #record(claim: Claim, attempt: Attempt): Promise<Delivery | undefined> {
    return this.#finish(claim, (current) =>
      this.#store.settle(current, numbered(attempt, current.delivery.attempts + 1)),
    )
  }

  async #end(hook: Hook, claim: Claim, outcome: NotSent): Promise<Delivery | undefined> {
    const delivery = await this.#finish(claim, (current) => this.#store.end(current, outcome, this.#now()))
    if (delivery === undefined) return undefined
    this.#reporter.ended(hook, delivery, outcome)
    this.#settlements.tell(delivery.id, delivery)
    return delivery
  }
}

/** Another process may have made attempts of its own meanwhile: no two have the same number, which a store may refuse for ever. */
function numbered(attempt: Attempt, number: number): Attempt {
  return attempt.number === number ? attempt : { ...attempt, number }
}

function isRemote(verdict: Verdict): boolean {
  return verdict === 'failed' || verdict === 'unfinished'
}
