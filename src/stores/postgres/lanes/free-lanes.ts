import type { HeldLanes } from './held-lanes.ts'
import type { LaneJobs } from './lane-jobs.ts'
import type { LaneTable } from './lane-table.ts'

export interface FreeLanesOptions {
  readonly jobs: Pick<LaneJobs, 'fetch' | 'leaveToOthers'>
  readonly table: Pick<LaneTable, 'take'>
  readonly held: HeldLanes
  /** Ids of the hooks that this worker can send to. */
  readonly hooks: readonly string[]
}

/** Lanes that are free for longer than others take to notice are taken by whoever sees them. */
const patienceMs = 3000

/** Takes this worker's share of the lanes that nobody has; more when nobody else does. */
export class FreeLanes {
  readonly #options: FreeLanesOptions
  /** How many lanes this worker is to have. */
  share = 0
  #extraAt = -Infinity
  #isClosed = false

  constructor(options: FreeLanesOptions) {
    this.#options = options
  }

  /** What this worker hands back is for others, if there is one that takes it. */
  leaveToOthers(): void {
    this.#extraAt = performance.now() + patienceMs
  }

  /** Takes none any more. */
  close(): void {
    this.#isClosed = true
  }

  /** @returns whether there may be more, beside those of hooks that others know */
  async take(): Promise<boolean> {
    const { jobs, table, held } = this.#options
    const most = this.#most()
    if (most <= 0) return false
    const { wanted, unwanted } = await jobs.fetch(most, (hookId) => this.#isWanted(hookId))
    if (wanted.length > 0) for (const lane of await table.take(wanted)) held.add(lane)
    if (unwanted.length === 0) return false
    await jobs.leaveToOthers(unwanted)
    return true
  }

  #most(): number {
    if (this.#isClosed) return 0
    const { hooks, held } = this.#options
    const missing = this.share - held.size
    if (missing > 0) return missing
    const now = performance.now()
    if (now < this.#extraAt) return 0
    this.#extraAt = now + patienceMs
    return hooks.length - held.size
  }

  #isWanted(hookId: string): boolean {
    // Closed while pg-boss was asked, it wants none.
    return !this.#isClosed && this.#options.hooks.includes(hookId)
  }
}
