import type { Run, Scenario } from '../runs.ts'
import { breakerInWords, count, deadInWords, tableOf, time, type Column } from '../table.ts'

export const scenarioColumns: readonly Column<Scenario>[] = [
  { title: 'releases', cell: ({ traffic }) => traffic.name, isText: true },
  { title: 'receiver', cell: ({ down }) => down, isText: true },
]

const whileDown: readonly Column<Run>[] = [
  ...scenarioColumns,
  { title: 'deliveries', cell: ({ figures }) => count(figures.releases) },
  { title: 'requests', cell: ({ figures }) => count(figures.requests) },
  { title: 'attempts', cell: ({ figures }) => count(figures.attempts) },
  { title: 'most in a minute', cell: ({ figures }) => count(figures.mostInAMinute) },
  { title: 'breaker: opened, probes, longest', cell: ({ figures }) => breakerInWords(figures.breaker) },
  { title: 'dead', cell: ({ figures }) => deadInWords(figures.dead) },
]

/** An outage that nothing is done about. */
export function outage(runs: readonly Run[]): string {
  return tableOf(runs, [
    ...whileDown,
    { title: 'first arrives after', cell: ({ figures }) => time(figures.firstAfterMs) },
    { title: 'last arrives after', cell: ({ figures }) => time(figures.lastAfterMs) },
  ])
}

/** An outage that outlasts the schedule: what is told, and when. */
export function longOutage(runs: readonly Run[]): string {
  return tableOf(runs, [
    ...whileDown,
    { title: 'warned after', cell: ({ figures }) => timesOf(figures.warnedAfterMs) },
    { title: 'disabled after', cell: ({ figures }) => time(figures.disabledAfterMs) },
  ])
}

function timesOf(times: readonly number[]): string {
  return times.length === 0 ? '–' : times.map(time).join(', ')
}
