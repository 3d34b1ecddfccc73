import { measureBacklog, others, perSecond, waiting, type BacklogOptions } from '../backlog.ts'
import { shown, tableOf } from '../../shared/table.ts'

const aimMs = 100

export async function section(options: BacklogOptions): Promise<string> {
  const standings = await measureBacklog(options)
  return `
## A hook with ${waiting.toLocaleString('en')} deliveries waiting

Its receiver answers after 500 ms. ${others} other hooks get ${perSecond} releases a second in all, for ${options.seconds} seconds: the times of their deliveries, which
should stay under ${aimMs} ms.

${tableOf(standings, [
  { title: 'the slow hook has', cell: ({ name }) => name },
  { title: 'arrived', cell: ({ median }) => `${shown(median.arrived, 1)} %` },
  { title: 'p50 ms', cell: ({ median }) => shown(median.p50, 1) },
  { title: 'p99 ms', cell: ({ median }) => shown(median.p99, 1) },
  { title: 'max ms', cell: ({ median }) => shown(median.max, 1) },
  { title: 'p99 ratio', cell: ({ ratio }) => `**${shown(ratio.p99, 2)}**` },
  { title: 'CPU', cell: ({ median }) => `${shown(median.cpu, 0)} %` },
  { title: 'peak RSS, MB', cell: ({ median }) => shown(median.peakRss, 0) },
  { title: 'sockets', cell: ({ median }) => shown(median.sockets, 0) },
  { title: 'event loop p99 ms', cell: ({ median }) => shown(median.loopP99, 1) },
])}
`
}
