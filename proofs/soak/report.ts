import { shown, tableOf, type Column } from '../shared/table.ts'
import type { Trial } from './trial.ts'
import { shownSeen } from './verdict.ts'

const columns: readonly Column<Trial>[] = [
  { title: 'fault', cell: ({ of }) => of.name },
  { title: 'transport', cell: ({ transport }) => transport },
  { title: 'came to', cell: ({ figures }) => figures.seen.map(shownSeen).join('<br>') },
  { title: 'memory, MB', cell: ({ figures }) => shown(figures.growthMb, 1) },
  { title: 'sockets idle', cell: ({ figures }) => shown(figures.idleSockets, 0) },
  { title: 'left', cell: ({ figures }) => shown(figures.socketsLeft, 0) },
  { title: 'uncaught', cell: ({ figures }) => shown(figures.uncaught.length, 0) },
  { title: 'slowest, % of deadline', cell: ({ of, figures }) => percent(figures.maxMs, of.deadlineMs) },
  { title: 'seconds', cell: ({ figures }) => shown(figures.seconds, 1) },
]

const lateColumns: readonly Column<Trial>[] = [
  { title: 'fault', cell: ({ of }) => of.name },
  { title: 'transport', cell: ({ transport }) => transport },
  { title: 'late, median ms', cell: ({ of, figures }) => shown(figures.medianMs - of.deadlineMs, 0) },
  { title: 'late, max ms', cell: ({ of, figures }) => shown(figures.maxMs - of.deadlineMs, 0) },
  { title: 'late, max %', cell: ({ of, figures }) => percent(figures.maxMs - of.deadlineMs, of.deadlineMs) },
]

function percent(part: number, whole: number): string {
  return shown((part / whole) * 100, 1)
}

export function reportOf(trials: readonly Trial[]): string {
  const late = trials.filter(({ of }) => of.hangs)
  const lateTable = late.length === 0 ? '' : `\n## What the deadline ends\n\n${tableOf(late, lateColumns)}\n`
  return `${tableOf(trials, columns)}\n${lateTable}`
}
