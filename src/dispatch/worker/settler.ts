import pRetry from 'p-retry'
import type { Attempt, Delivery } from '../../delivery.ts'
import type { Hook } from '../../hooks/hook.ts'
import type { Claim, Store } from '../../stores/store.ts'
import { untilItWorks } from '../../until-it-works.ts'
import type { Reporter } from '../reporter.ts'
import type { Waiters } from '../waiters.ts'
import type { NotSent } from './admission.ts'
import type { Chores } from './chores.ts'
import type { ClaimedDeliveries } from './claimed-deliveries.ts'
import type { Execution } from './execution.ts'
import type { DisabledReason, HookHealth } from './health.ts'
import { recoversAfterMs } from './recovery.ts'
import type { ReceiverReport, Report } from './report.ts'

export interface SettlerOptions {
  readonly store: Pick<Store, 'settle' | 'end' | 'release'>
  readonly health: Pick<HookHealth, 'isDisabled' | 'disable' | 'failed' | 'delivered'>
  readonly claimed: ClaimedDeliveries
  readonly reporter: Reporter
  readonly waiters: Pick<Waiters, 'tell'>
  readonly chores: Chores
  readonly now: () => number
  /** Aborted, it ends the waiting for a store that fails. */
  readonly signal: AbortSignal
}

/** What there is to do for whoever settled. */
export interface Settled {
  /** Epoch milliseconds of the next attempt. */
  readonly dueAt?: number | undefined
  /** The hook has delivered that had only failed for a while. */
  readonly hasRecovered?: boolean
  /** The hook is disabled by now, and its lane may have something to forget. */
  readonly isDisabled?: boolean
}

const nothing: Settled = {}

/** Takes a delivery from what came of its execution to what is recorded and told of it; and returns claims. */
export class Settler {
  readonly #options: SettlerOptions
  /** What could not be returned while the store was away. It is when it can, not only when the leases end. */
  readonly #owed: { readonly claims: readonly Claim[]; readonly dueAt: number | undefined }[] = []

  constructor(options: SettlerOptions) {
    this.#options = options
  }

  /** Never rejects: what could not be recorded is logged, and sent again when its lease ends. */
  async settle(hook: Hook, execution: Execution, report: Report): Promise<Settled> {
    const { delivery: result, receiver } = report
    try {
      if (!('kind' in result)) return await this.#record(hook, execution, result, receiver)
      if (result.kind === 'dead') return await this.#end(hook, execution, result)
      await this.#return([execution], result.dueAt)
      return { dueAt: result.dueAt, ...this.#ifDisabled(hook) }
    } catch (error) {
      this.#options.claimed.finish(execution, execution.current)
      const { id: deliveryId } = execution.claim.delivery
      this.#options.reporter.fault('A delivery could not be settled', error, { deliveryId })
      return nothing
    }
  }

  /** Returns claims that were not sent: whoever can sends them. @param dueAt epoch milliseconds; absent: due as before */
  returnClaims(executions: readonly Execution[], dueAt?: number): void {
    if (executions.length === 0) return
    void this.#options.chores.add(async () => {
      await this.#return(executions, dueAt)
      for (const execution of executions) this.#options.claimed.leave(execution)
    })
  }

  /** What others have claimed since is theirs: the store goes by the token. */
  async returnOwed(): Promise<void> {
    for (let owed = this.#owed[0]; owed !== undefined; owed = this.#owed[0]) {
      await this.#options.store.release(owed.claims, owed.dueAt)
      this.#owed.shift()
    }
  }

  async #return(executions: readonly Execution[], dueAt: number | undefined): Promise<void> {
    const { store, claimed, reporter } = this.#options
    const claims = executions.map(({ current }) => current)
    try {
      await store.release(claims, dueAt)
    } catch (error) {
      this.#owed.push({ claims, dueAt })
      reporter.fault('Deliveries could not be handed back yet', error)
    }
    for (const [index, execution] of executions.entries()) claimed.finish(execution, claims[index] as Claim)
  }

  async #record(
    hook: Hook,
    execution: Execution,
    attempt: Attempt,
    receiver: ReceiverReport | undefined,
  ): Promise<Settled> {
    const settle = (current: Claim): Promise<Delivery | undefined> =>
      this.#options.store.settle(current, numbered(attempt, current.delivery.attempts + 1))
    let delivery: Delivery | undefined
    try {
      delivery = await this.#finish(execution, settle)
    } catch (error) {
      delivery = await this.#finishLater(execution, settle, error)
    }
    if (delivery !== undefined) return this.#tell(hook, delivery, attempt, receiver)
    this.#options.reporter.takenOver(execution.claim.delivery)
    return this.#ifDisabled(hook)
  }

  /** The receiver may have acted on it, so it is not given up because a disk is full: it is recorded when that is over. */
  #finishLater(
    execution: Execution,
    settle: (current: Claim) => Promise<Delivery | undefined>,
    error: unknown,
  ): Promise<Delivery | undefined> {
    const { reporter, signal } = this.#options
    if (signal.aborted) throw error
    const fields = { deliveryId: execution.claim.delivery.id }
    reporter.fault('An attempt could not be recorded yet, and is kept until it can', error, fields)
    return pRetry(() => this.#finish(execution, settle), { ...untilItWorks, signal })
  }

  async #end(hook: Hook, execution: Execution, outcome: NotSent): Promise<Settled> {
    const { now, reporter, store, waiters } = this.#options
    const delivery = await this.#finish(execution, (current) => store.end(current, outcome, now()))
    if (delivery === undefined) return nothing
    reporter.ended(hook, delivery, outcome)
    waiters.tell(delivery.id, delivery)
    return nothing
  }

  /**
   * Does what ends a claim under the claim as it is.
   *
   * @returns `undefined` when another process has taken the delivery over
   */
  async #finish(
    execution: Execution,
    work: (current: Claim) => Promise<Delivery | undefined>,
  ): Promise<Delivery | undefined> {
    for (;;) {
      const { current } = execution
      const delivery = await work(current)
      this.#options.claimed.finish(execution, current)
      if (delivery !== undefined || execution.isOver) return delivery
      // The lease had ended, and this process claimed it again.
    }
  }

  /** A promise only when the hook is disabled for it: nearly never. */
  #tell(
    hook: Hook,
    delivery: Delivery,
    given: Attempt,
    receiver: ReceiverReport | undefined,
  ): Settled | Promise<Settled> {
    const { health, reporter, waiters } = this.#options
    const attempt = numbered(given, delivery.attempts)
    const failing = receiver?.hasFailed === true ? health.failed(hook.id, attempt.endedAt) : undefined
    if (receiver?.hasFailed === true && !receiver.isWell) reporter.down(hook, attempt)
    // One that only does not answer a question is no better for what it took before.
    const isWell = receiver?.hasTaken === true && receiver.isWell
    const failedMs = isWell ? health.delivered(hook.id, attempt.endedAt) : undefined
    if (failedMs !== undefined) reporter.well(hook, failedMs)
    const reason = receiver?.disabled ?? (failing !== undefined && failing.share >= 1 ? 'failing' : undefined)
    // Before anybody hears of it, so that who dispatches then finds it disabled; and told once.
    const disabling = reason === undefined ? undefined : this.#disable(hook, reason)
    reporter.attempted(hook, delivery, attempt)
    if (delivery.state !== 'waiting') waiters.tell(delivery.id, delivery)
    if (failing !== undefined && failing.share < 1) reporter.failing(hook, failing)
    const settled = (): Settled => ({
      dueAt: delivery.dueAt,
      hasRecovered: failedMs !== undefined && failedMs >= recoversAfterMs,
      isDisabled: !isWell && health.isDisabled(hook.id),
    })
    return disabling === undefined ? settled() : disabling().then(settled)
  }

  /** Nothing was recorded: the hook may have been disabled meanwhile all the same. */
  #ifDisabled({ id }: Hook): Settled {
    return this.#options.health.isDisabled(id) ? { isDisabled: true } : nothing
  }

  /** Disables a hook at once. @returns what tells it, and resolves when the store knows: else it is told at a later beat */
  #disable(hook: Hook, reason: DisabledReason): (() => Promise<void>) | undefined {
    const { health, now, reporter } = this.#options
    if (health.isDisabled(hook.id)) return undefined
    const saved = health.disable(hook.id, reason, now())
    return async () => {
      reporter.disabled(hook, reason)
      try {
        await saved
      } catch (error) {
        reporter.fault('That a hook is disabled could not be saved yet', error, { hookId: hook.id })
      }
    }
  }
}

/** Another process may have made attempts of its own meanwhile: no two have the same number, which a store may refuse for ever. */
function numbered(attempt: Attempt, number: number): Attempt {
  return attempt.number === number ? attempt : { ...attempt, number }
}
