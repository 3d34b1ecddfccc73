import { figuresOf } from '../figures.ts'
import type { Run } from '../runs.ts'
import { count, tableOf, time } from '../table.ts'
import { scenarioColumns } from './outage.ts'

interface Pair extends Run {
  readonly without: Run['figures']
}

/** Those outages in which the breaker opened, and the same without it. In the others it made no difference. */
export async function section(runs: readonly Run[]): Promise<string> {
  const pairs: Pair[] = []
  for (const run of runs.filter(({ figures }) => figures.breaker.opened > 0)) {
    const { plan, traffic, down } = run
    const options = { breaker: false } as const
    pairs.push({ ...run, without: await figuresOf({ down, downMs: plan.downMs, traffic, options }) })
  }
  return tableOf(pairs, [
    { title: 'down for', cell: ({ plan }) => plan.name, isText: true },
    ...scenarioColumns,
    { title: 'requests', cell: ({ figures }) => count(figures.requests) },
    { title: 'without it', cell: ({ without }) => count(without.requests) },
    { title: 'exhausted', cell: ({ figures }) => count(figures.dead.exhausted ?? 0) },
    { title: 'without it', cell: ({ without }) => count(without.dead.exhausted ?? 0) },
    { title: 'first arrives after', cell: ({ figures }) => time(figures.firstAfterMs) },
    { title: 'without it', cell: ({ without }) => time(without.firstAfterMs) },
    { title: 'last arrives after', cell: ({ figures }) => time(figures.lastAfterMs) },
    { title: 'without it', cell: ({ without }) => time(without.lastAfterMs) },
  ])
}
