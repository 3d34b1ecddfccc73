import { hour, minute } from '../durations.ts'
import { replayedAfter, type Replayed } from '../operator.ts'
import { sixDays } from '../plans.ts'
import type { Traffic } from '../platform.ts'
import type { Down } from '../receiver.ts'
import type { Run } from '../runs.ts'
import { count, tableOf, time } from '../table.ts'

/** Once the receiver is back it does not matter how it was down. */
const down: Down = 'answers 503'

/** After six days: what is dead is sent again. */
export async function dead(): Promise<string> {
  const rows: { readonly traffic: Traffic; readonly replayed: Replayed }[] = []
  for (const traffic of sixDays.traffics) {
    const outage = { down, downMs: sixDays.downMs, traffic }
    const replayed = await replayedAfter(outage, { atMs: hour, enables: true, state: 'dead' })
    rows.push({ traffic, replayed })
  }
  return tableOf(rows, [
    { title: 'releases', cell: ({ traffic }) => traffic.name, isText: true },
    { title: 'replayed', cell: ({ replayed }) => count(replayed.deliveries) },
    { title: 'first arrives after', cell: ({ replayed }) => time(replayed.firstMs) },
    { title: 'last arrives after', cell: ({ replayed }) => time(replayed.lastMs) },
    { title: 'most in a minute', cell: ({ replayed }) => count(replayed.mostInAMinute) },
    { title: 'dead again', cell: ({ replayed }) => count(replayed.deliveries - replayed.delivered) },
  ])
}

/** While the schedule has not run out: what waits is brought forward, a minute after the receiver's return. */
export async function waiting(runs: readonly Run[]): Promise<string> {
  const rows: (Run & { readonly replayed: Replayed; readonly enabled: Replayed })[] = []
  for (const run of runs.filter((run) => run.down === down)) {
    const outage = { down, downMs: run.plan.downMs, traffic: run.traffic }
    const operation = { atMs: minute, state: 'waiting' } as const
    const replayed = await replayedAfter(outage, { ...operation, enables: false })
    const enabled = await replayedAfter(outage, { ...operation, enables: true })
    rows.push({ ...run, replayed, enabled })
  }
  return tableOf(rows, [
    { title: 'down for', cell: ({ plan }) => plan.name, isText: true },
    { title: 'releases', cell: ({ traffic }) => traffic.name, isText: true },
    { title: 'waiting', cell: ({ replayed }) => count(replayed.deliveries) },
    { title: 'last arrives, if nothing is done, after', cell: ({ figures }) => time(figures.lastAfterMs) },
    { title: 'by `replay()`', cell: ({ replayed }) => time(replayed.lastMs) },
    { title: 'by `enable()` and `replay()`', cell: ({ enabled }) => time(enabled.lastMs) },
    { title: 'most in a minute', cell: ({ enabled }) => count(enabled.mostInAMinute) },
  ])
}
