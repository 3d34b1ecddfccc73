import type { Claim, Store } from '../../stores/store.ts'
import type { Delivery, Outcome, Progress } from '../../delivery.ts'
import { groupOf, canBeSuperseded } from '../grouping.ts'
import type { Reporter } from '../reporter.ts'
import type { HookHealth } from './health.ts'
import type { Hook } from '../../hooks/hook.ts'
import type { Execution } from './execution.ts'

export interface AdmissionOptions {
  readonly store: Pick<Store, 'latest' | 'mark'>
  readonly health: Pick<HookHealth, 'isDisabled'>
  readonly reporter: Pick<Reporter, 'fault'>
  readonly now: () => number
}

/** Why nothing was sent, and never will be. */
export type NotSent = Extract<Outcome, { readonly kind: 'dead' }>

/** The claim is to be returned: nothing was sent, the attempt counts for nothing, or nothing new was told. */
export interface Returned {
  readonly kind: 'returned'
  /** Epoch milliseconds; absent: due as before. */
  readonly dueAt?: number
}

export type Refused = NotSent | Returned

const hookDisabled: NotSent = { kind: 'dead', reason: 'hook-disabled', verdict: 'hook-disabled' }
const superseded: NotSent = { kind: 'dead', reason: 'superseded', verdict: 'superseded' }
/** The process that sent it was killed before it could record what came of it. */
const interrupted: NotSent = { kind: 'dead', reason: 'aborted', verdict: 'ambiguous' }

/** When a store could not tell whether a delivery may be sent, in milliseconds. */
const putOffMs = 5000

const returned: Returned = { kind: 'returned' }

/** Says for each delivery whether it may be sent now, and remembers in the store that a request is on its way that may not be made twice. */
export class Admission {
  readonly #options: AdmissionOptions

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  /** @returns why it is not sent, now or ever; `undefined` when it may be. A promise, which never rejects, only for hooks that need the store to tell */
  ask(hook: Hook, execution: Execution): Refused | undefined | Promise<Refused | undefined> {
    const { health, now } = this.#options
    const { claim, connects, marked } = execution
    if (!execution.mayStart(now())) return returned
    if (connects === 0 && claim.delivery.progress?.sending === true) return interrupted
    if (health.isDisabled(hook.id)) return hookDisabled
    const needsStore = connects > 0 ? marked === false : hook.supersede || hook.isOnce
    return needsStore ? this.#askStore(hook, execution) : undefined
  }

  /** A request has not left: another attempt may be made, which the store is told if it knows of this one. Never rejects. */
  async takeBack(execution: Execution): Promise<void> {
    if (execution.marked !== true) return
    try {
      await this.#unmark(execution)
    } catch (error) {
      const what = 'A request that never left stays marked as one that may have'
      this.#options.reporter.fault(what, error, { deliveryId: execution.claim.delivery.id })
    }
  }

  async #askStore(hook: Hook, execution: Execution): Promise<Refused | undefined> {
    const { now, reporter } = this.#options
    const { delivery } = execution.claim
    try {
      if (execution.connects === 0 && hook.supersede && (await this.#isSuperseded(hook, delivery)))
        return superseded
      if (execution.step.isOnce) await this.#mark(execution)
    } catch (error) {
      reporter.fault('A delivery could not be sent yet', error, { deliveryId: delivery.id })
      return { kind: 'returned', dueAt: now() + putOffMs }
    }
    if (execution.mayStart(now())) return undefined
    await this.takeBack(execution)
    return returned
  }

  async #isSuperseded(hook: Hook, delivery: Delivery): Promise<boolean> {
    if (!canBeSuperseded(delivery)) return false
    const [latest] = await this.#options.store.latest(hook.id, groupOf(delivery.release), 1)
    return latest !== undefined && latest.id !== delivery.id
  }

  async #mark(execution: Execution): Promise<void> {
    const { claim, current } = execution
    // Claimed again by this process since its place was taken: another one may have gone on with it in between.
    const isHeld = claim === current && (await this.#tellStore(execution, claim))
    if (!isHeld) throw new Error('Another process has claimed the delivery') // and sends it
    execution.marked = true
  }

  async #tellStore(execution: Execution, claim: Claim): Promise<boolean> {
    try {
      return await this.#options.store.mark(claim, { ...this.#progress(claim), sending: true })
    } catch (error) {
      // It may have been marked all the same, and has not left.
      await this.#unmark(execution).catch(() => undefined)
      throw error
    }
  }

  async #unmark(execution: Execution): Promise<void> {
    const { sending: _over, ...progress } = this.#progress(execution.claim)
    execution.marked = false
    await this.#options.store.mark(execution.current, progress)
  }

  #progress({ delivery: { progress } }: Claim): Progress {
    return progress ?? { step: 0, at: this.#options.now(), attempt: 0 }
  }
}
