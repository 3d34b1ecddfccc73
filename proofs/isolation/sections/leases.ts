import { measureCrowd, plan, type CrowdFigures } from '../crowd.ts'
import { shown, tableOf } from '../../shared/table.ts'

export async function section({ say }: { readonly say: (progress: string) => void }): Promise<string> {
  const figures = await measureCrowd()
  const { longestGapMs, sentTwice } = figures
  say(`a crowd that fails: ${shown(longestGapMs / 1000, 1)} s between renewals, ${sentTwice} sent twice`)
  const failing = plan.failing.toLocaleString('en')
  return `
## ${failing} hooks that begin to fail at once

Two workers share a store that takes ${plan.writeMs} ms for whatever is written at once, as a slow disk does. ${plan.deliveries} deliveries of a healthy hook wait for one
another at the first worker, ${plan.answerMs / 1000} seconds each; the leases of those that wait last 30 seconds, and are lengthened every 5. The second worker's clock is
0.2 seconds ahead. At the same time ${failing} of the first one's hooks fail. One run.

${tableOf([figures], columns)}
`
}

const columns: Parameters<typeof tableOf<CrowdFigures>>[1] = [
  { title: 'delivered', cell: ({ delivered }) => `${delivered} of ${plan.deliveries}` },
  { title: 'sent twice', cell: ({ sentTwice }) => `**${sentTwice}**` },
  { title: 'longest time without a renewal, s', cell: ({ longestGapMs }) => shown(longestGapMs / 1000, 1) },
  { title: 'renewals', cell: ({ renewals }) => shown(renewals, 0) },
  { title: 'hooks that the store knows to fail', cell: ({ states }) => shown(states, 0) },
  { title: 'calls that told it', cell: ({ stateWrites }) => shown(stateWrites, 0) },
  { title: 'seconds', cell: ({ seconds }) => shown(seconds, 0) },
]
