import type { Beat } from './lane-table.ts'

/** Lanes that a worker has too many of. */
interface Surplus {
  readonly most: number
  /** They are for workers that have fewer than so many. */
  readonly fewest: number
}

type Workers = Pick<Beat, 'self' | 'live'>

/** How many lanes are each worker's, when all have the same hooks. */
export function shareOf(hooks: number, { live }: Workers): number {
  return Math.ceil(hooks / Math.max(1, live.size))
}

export function surplusOf(mine: number, hooks: number, workers: Workers): Surplus | undefined {
  const share = shareOf(hooks, workers)
  if (mine > share) return { most: mine - share, fewest: share }
  const fewest = Math.floor(hooks / Math.max(1, workers.live.size))
  return mine > fewest && mayGiveOne(workers, fewest) ? { most: 1, fewest } : undefined
}

/** How many lanes workers have less than so many each. */
export function lackingOf(live: Workers['live'], fewest: number): number {
  return [...live.values()].reduce((sum, lanes) => sum + Math.max(0, fewest - lanes), 0)
}

/** When nobody has more than a share, as many give one as others lack: those with the lowest numbers, as everybody counts alike. */
function mayGiveOne({ self, live }: Workers, fewest: number): boolean {
  const counts = [...live.values()]
  if (counts.some((lanes) => lanes > fewest + 1)) return false
  const before = [...live].filter(([worker, lanes]) => worker < self && lanes > fewest).length
  return before < lackingOf(live, fewest)
}
