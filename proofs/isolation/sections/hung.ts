import {
  deadlineMs,
  hooks,
  measureHungRequests,
  perHook,
  requests,
  type HungRequestsOptions,
} from '../hung-requests.ts'
import { shown, tableOf } from '../../shared/table.ts'

export async function section(options: HungRequestsOptions): Promise<string> {
  const standings = await measureHungRequests(options)
  const count = requests.toLocaleString('en')
  return `
## ${count} requests that hang at once

${hooks} hooks with ${perHook} places each, \`concurrency: { overall: ${requests} }\`, a deadline of ${deadlineMs / 1000} seconds. Memory is that of the sender after a
collection, more than before the requests. An attempt ends so much after its deadline.

${tableOf(standings, [
  { title: 'transport', cell: ({ name }) => name },
  { title: '`timeout`', cell: ({ median }) => `${shown(median.timeouts, 0)} of ${count}` },
  { title: 'memory, MB', cell: ({ median }) => shown(median.growthMb, 1) },
  { title: 'KB each', cell: ({ median }) => shown(median.growthKbEach, 0) },
  { title: 'ratio', cell: ({ ratio }) => `**${shown(ratio.growthMb, 2)}**` },
  { title: 'late, median ms', cell: ({ median }) => shown(median.lateMedian, 0) },
  { title: 'late, max ms', cell: ({ median }) => shown(median.lateMax, 0) },
  { title: 'sockets left', cell: ({ median }) => shown(median.socketsLeft, 0) },
])}
`
}
