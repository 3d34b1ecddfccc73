import {
  hooks,
  measureBadReceivers,
  perSecond,
  type BadReceivers,
  type BadReceiversOptions,
} from '../bad-receivers.ts'
import { shown, tableOf } from '../../shared/table.ts'

const warmUpSeconds = 3
const does = { hang: 'hang', refuse: 'refuse', fail: 'answer 500' }

export async function section(options: Omit<BadReceiversOptions, 'warmUpSeconds'>): Promise<string> {
  const warm = await measureBadReceivers({ ...options, warmUpSeconds })
  const cold = await measureBadReceivers({ ...options, warmUpSeconds: 0 })
  return `
## Bad receivers beside healthy ones

${hooks} hooks, each with a receiver on a port of its own, all in one process; ${perSecond.toLocaleString('en')} releases a second, each for one hook, evenly spread.
The bad receivers hang (accept, read, never answer), refuse (the port is closed) or answer 500 at once; the healthy ones answer 200
after 2 ms. ${options.seconds} seconds are measured. *Arrived* is the share of the healthy ones' deliveries that their receivers had 2 seconds after
the end. *The ten* are hooks that are healthy in every run: p50, p99 and the longest time from the moment a release was scheduled for to its
receipt. *All healthy* is the p99 of all hooks that are healthy in this run, compared with the same hooks when none is bad. A dash is a
time that is not known, since too much had not arrived. CPU, memory, sockets and the event loop are the sender's.

### They turn bad after ${warmUpSeconds} seconds

${table(warm)}

### They are bad from the first release

The code is warm, the dispatcher is new.

${table(cold)}
`
}

function table(all: readonly BadReceivers[]): string {
  return tableOf(all, [
    { title: 'bad', cell: ({ as, bad }) => (as === undefined ? 'none' : `${bad} ${does[as]}`) },
    { title: 'arrived', cell: ({ standing }) => `${shown(standing.median.arrived, 1)} %` },
    { title: 'the ten: p50 ms', cell: ({ standing }) => shown(standing.median.p50, 1) },
    { title: 'p99 ms', cell: ({ standing }) => shown(standing.median.p99From90, 1) },
    { title: 'max ms', cell: ({ standing }) => shown(standing.median.max, 1) },
    { title: 'p99 ratio', cell: ({ standing }) => `**${shown(standing.ratio.p99From90, 2)}**` },
    { title: 'all healthy: p99 ms', cell: ({ bad, standing }) => shown(standing.median[`p99From${bad}`], 1) },
    { title: 'p99 ratio', cell: ({ bad, standing }) => `**${shown(standing.ratio[`p99From${bad}`], 2)}**` },
    { title: 'CPU', cell: ({ standing }) => `${shown(standing.median.cpu, 0)} %` },
    { title: 'peak RSS, MB', cell: ({ standing }) => shown(standing.median.peakRss, 0) },
    { title: 'sockets', cell: ({ standing }) => shown(standing.median.sockets, 0) },
    { title: 'event loop p99 ms', cell: ({ standing }) => shown(standing.median.loopP99, 1) },
  ])
}
