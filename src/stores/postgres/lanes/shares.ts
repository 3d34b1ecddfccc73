import type { HeldLanes } from './held-lanes.ts'
import type { Beat, LaneTable } from './lane-table.ts'

/** A job is handed back now and then, since pg-boss ends those that take a day. */
const longestMs = 12 * 3600 * 1000

export interface SharesOptions {
  readonly table: Pick<LaneTable, 'hooksOf'>
  readonly held: HeldLanes
  /** Ids of the hooks that this worker can send to. */
  readonly hooks: readonly string[]
}

/** Lanes to be given to others. */
interface Surplus {
  readonly most: number
  /** For workers that have fewer than so many. */
  readonly fewest: number
}

type Others = Pick<Beat, 'self' | 'live'>

/** Sees to it that all workers have about as many lanes. */
export class Shares {
  readonly #options: SharesOptions

  constructor(options: SharesOptions) {
    this.#options = options
  }

  /**
   * Asks its own worker for lanes that others have too few of, and for one that it has had for long.
   *
   * @returns how many lanes are this worker's until the next heartbeat: it does not take itself what it gives
   */
  async shareOut(others: Others): Promise<number> {
    const { held, hooks } = this.#options
    const { staying } = held
    const now = Date.now()
    const old = staying.find(([, { since }]) => now - since > longestMs)
    if (old !== undefined) held.ask(old[0])
    const surplus = surplusOf(staying.length, hooks.length, others)
    if (surplus === undefined) return shareOf(hooks.length, others)
    await this.#give(
      staying.map(([hookId]) => hookId),
      surplus,
      others,
    )
    return surplus.fewest
  }

  /** Gives lanes to those that have too few, and know their hooks. The sum of what they lack bounds it. */
  async #give(staying: readonly string[], { most, fewest }: Surplus, { live }: Others): Promise<void> {
    const { table, held } = this.#options
    const poor = [...live].filter(([, lanes]) => lanes < fewest).map(([worker]) => worker)
    if (poor.length === 0) return
    const wanted = await table.hooksOf(poor)
    const movable = staying.filter((hookId) => wanted.has(hookId))
    for (const hookId of movable.slice(0, Math.min(most, lackingOf(live, fewest)))) held.ask(hookId)
  }
}

function shareOf(hooks: number, { live }: Others): number {
  return Math.ceil(hooks / Math.max(1, live.size))
}

function surplusOf(mine: number, hooks: number, others: Others): Surplus | undefined {
  const share = shareOf(hooks, others)
  if (mine > share) return { most: mine - share, fewest: share }
  const fewest = Math.floor(hooks / Math.max(1, others.live.size))
  return mine > fewest && mayGiveOne(others, fewest) ? { most: 1, fewest } : undefined
}

/** How many lanes workers have less than so many each. */
function lackingOf(live: Others['live'], fewest: number): number {
  return [...live.values()].reduce((sum, lanes) => sum + Math.max(0, fewest - lanes), 0)
}

/** When nobody has more than a share, as many give one as others lack: those with the lowest numbers, as everybody counts alike. */
function mayGiveOne({ self, live }: Others, fewest: number): boolean {
  const counts = [...live.values()]
  if (counts.some((lanes) => lanes > fewest + 1)) return false
  const before = [...live].filter(([worker, lanes]) => worker < self && lanes > fewest).length
  return before < lackingOf(live, fewest)
}
