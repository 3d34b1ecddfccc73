import type { HeldLanes } from './held-lanes.ts'
import type { LaneJobs } from './lane-jobs.ts'
import type { Beat, LaneTable } from './lane-table.ts'
import { lackingOf, shareOf, surplusOf } from './surplus.ts'

export interface LaneShareOptions {
  readonly jobs: Pick<LaneJobs, 'fetch' | 'leaveToOthers'>
  readonly table: Pick<LaneTable, 'take' | 'hooksOf'>
  readonly held: HeldLanes
  /** Ids of the hooks that this worker can send to. */
  readonly hooks: readonly string[]
}

/** Lanes that are free for longer than others take to notice are taken by whoever sees them. */
const patienceMs = 3000
/** A job is handed back now and then, since pg-boss ends those that take a day. */
const longestMs = 12 * 3600 * 1000

/** This worker's share of the lanes: what it lacks is taken of those that nobody has, and what others lack is given to them. */
export class LaneShare {
  readonly #options: LaneShareOptions
  /** How many lanes this worker is to have. */
  #size = 0
  #extraAt = -Infinity
  #isClosed = false

  constructor(options: LaneShareOptions) {
    this.#options = options
  }

  /** Takes none any more. */
  close(): void {
    this.#isClosed = true
  }

  /** What this worker hands back is for others, if there is one that takes it. */
  leaveToOthers(): void {
    this.#extraAt = performance.now() + patienceMs
  }

  /** Asks its own worker for lanes that others have too few of, and for one that it has had for long. */
  async shareOut(beat: Beat): Promise<void> {
    const { held, hooks } = this.#options
    const { staying } = held
    const now = Date.now()
    const old = staying.find(([, { since }]) => now - since > longestMs)
    if (old !== undefined) held.ask(old[0])
    const surplus = surplusOf(staying.length, hooks.length, beat)
    // Of what it gives it takes none again itself, until the next heartbeat.
    this.#size = surplus?.fewest ?? shareOf(hooks.length, beat)
    if (surplus === undefined) return
    const givable = staying.map(([hookId]) => hookId)
    await this.#give(givable, surplus.most, beat)
  }

  /** Gives so many at most to those that have too few, and know their hooks. The sum of what they lack bounds it. */
  async #give(givable: readonly string[], most: number, { live }: Beat): Promise<void> {
    const { table, held } = this.#options
    const fewest = this.#size
    const poor = [...live].filter(([, lanes]) => lanes < fewest).map(([worker]) => worker)
    if (poor.length === 0) return
    const wanted = await table.hooksOf(poor)
    const given = givable.filter((hookId) => wanted.has(hookId))
    for (const hookId of given.slice(0, Math.min(most, lackingOf(live, fewest)))) held.ask(hookId)
  }

  /**
   * Takes what it lacks of those that nobody has; more when nobody else does.
   *
   * @returns whether there may be more, beside those of hooks that others know
   */
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
    const missing = this.#size - held.size
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
