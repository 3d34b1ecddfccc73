import type { Store } from '../../stores/store.ts'
import type { Chores } from './chores.ts'
import type { ClaimedDeliveries } from './claimed-deliveries.ts'
import type { Reporter } from '../reporter.ts'

export interface LeasesOptions {
  readonly store: Pick<Store, 'renew'>
  readonly claimed: Pick<ClaimedDeliveries, 'executions'>
  readonly reporter: Pick<Reporter, 'lastingFault'>
  readonly now: () => number
  /** How long a lease lasts, and how often it is lengthened, in milliseconds. */
  readonly leaseMs: number
  readonly renewMs: number
  /** Has each renewal, so that whoever closes the store can wait for it. */
  readonly chores: Chores
}

/** After a fault: a lease lasts for several of these. */
const tryAgainMs = 1000

/** Lengthens the leases of what is held, by a timer of its own. It does nothing else, and waits for nothing else. */
export class Leases {
  readonly #options: LeasesOptions
  readonly #timer: NodeJS.Timeout
  #repeat: NodeJS.Timeout | undefined
  /** One at a time: in a slow store they would pile up. What was due meanwhile is made up for at once. */
  #isRenewing = false
  #isOverdue = false
  #isStopped = false

  constructor(options: LeasesOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.#renew(), options.renewMs)
    this.#timer.unref()
  }

  stop(): void {
    this.#isStopped = true
    clearInterval(this.#timer)
    clearTimeout(this.#repeat)
  }

  #renew(): void {
    this.#isOverdue = this.#isRenewing
    if (this.#isRenewing || this.#isStopped) return
    clearTimeout(this.#repeat)
    this.#isRenewing = true
    void this.#options.chores.add(() => this.#renewOrReport())
  }

  async #renewOrReport(): Promise<void> {
    try {
      await this.#renewAll()
      this.#isRenewing = false
      if (this.#isOverdue) this.#renew()
    } catch (error) {
      this.#isRenewing = false
      this.#options.reporter.lastingFault('Leases could not be kept', error)
      if (this.#isStopped) return
      this.#repeat = setTimeout(() => this.#renew(), tryAgainMs)
      this.#repeat.unref()
    }
  }

  /** A lease counts from before it was asked for: the answer may take longer than the lease. */
  async #renewAll(): Promise<void> {
    const { store, claimed, now, leaseMs } = this.#options
    const { executions } = claimed
    if (executions.length === 0) return
    const claims = executions.map(({ current }) => current)
    const until = now() + leaseMs
    const held = await store.renew(claims, until)
    for (const [index, execution] of executions.entries())
      if (execution.current === claims[index]) execution.until = held[index] === true ? until : -Infinity
  }
}
