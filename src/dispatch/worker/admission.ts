import type { Delivery, Progress } from '../../delivery.ts'
import type { Claim, Store } from '../../stores/store.ts'
import type { NotSent } from './attempter.ts'
import { groupOf, canBeSuperseded } from '../grouping.ts'
import type { HookHealth } from './health.ts'
import type { Holdings } from './claimed-deliveries.ts'
import type { Hook } from '../../hooks/hook.ts'
import type { Work } from './lane.ts'
import { mayNotRepeat } from '../../hooks/steps.ts'

export interface ClearanceOptions {
  readonly store: Store
  readonly health: HookHealth
  readonly holdings: Holdings
  readonly now: () => number
}

const hookDisabled: NotSent = { kind: 'dead', reason: 'hook-disabled', verdict: 'hook-disabled' }
const superseded: NotSent = { kind: 'dead', reason: 'superseded', verdict: 'superseded' }
/** The process that sent it was killed before it could record what came of it. */
const interrupted: NotSent = { kind: 'dead', reason: 'aborted', verdict: 'ambiguous' }

/** Says for each delivery whether it may be sent now, and remembers in the store that a request is on its way that may not be made twice. */
export class Clearance {
  readonly #options: ClearanceOptions

  constructor(options: ClearanceOptions) {
    this.#options = options
  }

  /** @returns why it is not sent; `undefined` when it may be. A promise only for hooks that need the store to tell */
  ask(hook: Hook, work: Work): NotSent | undefined | Promise<NotSent | undefined> {
    if (work.connects === 0 && work.claim.delivery.progress?.sending === true) return interrupted
    if (this.#options.health.isDisabled(hook.id)) return hookDisabled
    if (work.connects > 0) return work.marked === false ? this.#mark(work) : undefined
    if (!hook.supersede && !hook.isOnce) return undefined
    return this.#askStore(hook, work)
  }

  /** A request that was marked has not left: another attempt may be made. */
  async takeBack(work: Work): Promise<void> {
    const { sending: _over, ...progress } = this.#progress(work.claim)
    work.marked = false
    await this.#options.store.mark(this.#options.holdings.current(work.claim), progress)
  }

  async #askStore(hook: Hook, work: Work): Promise<NotSent | undefined> {
    if (hook.supersede && (await this.#isSuperseded(hook, work.claim.delivery))) return superseded
    return mayNotRepeat(hook, work) ? this.#mark(work) : undefined
  }

  async #isSuperseded(hook: Hook, delivery: Delivery): Promise<boolean> {
    if (!canBeSuperseded(delivery)) return false
    const [latest] = await this.#options.store.latest(hook.id, groupOf(delivery.release), 1)
    return latest !== undefined && latest.id !== delivery.id
  }

  async #mark(work: Work): Promise<undefined> {
    const claim = this.#options.holdings.current(work.claim)
    // Claimed again by this process since its place was taken: another one may have gone on with it in between.
    const isHeld = claim.token === work.claim.token && (await this.#tellStore(work, claim))
    if (!isHeld) throw new Error('Another process has claimed the delivery') // and sends it
    work.marked = true
  }

  async #tellStore(work: Work, claim: Claim): Promise<boolean> {
    try {
      return await this.#options.store.mark(claim, { ...this.#progress(claim), sending: true })
    } catch (error) {
      // It may have been marked all the same, and has not left.
      await this.takeBack(work).catch(() => undefined)
      throw error
    }
  }

  #progress({ delivery: { progress } }: Claim): Progress {
    return progress ?? { step: 0, at: this.#options.now(), attempt: 0 }
  }
}
