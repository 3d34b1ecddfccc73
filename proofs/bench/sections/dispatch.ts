import { measureDispatchLatency } from '../dispatch-latency.ts'
import { tableOf } from '../table.ts'

export async function section(rounds: number): Promise<string> {
  const callers = 50
  const options = { rounds, warmUpRounds: 1, dispatches: 20_000, sentDispatches: 2000, callers }
  const standings = await measureDispatchLatency(options)
  return `
## What \`dispatch()\` costs a deploy

From the call to its resolution, with the memory store unless it says SQLite. ${rounds} rounds of ${options.dispatches} calls, or ${options.sentDispatches} where requests are
sent or a disk is waited for. One thread does the work of all callers: with ${callers} at once, a wait holds the work of those before it. Less is better.

${tableOf(standings, [
  { figure: 'p50', title: 'p50 µs', digits: 0 },
  { figure: 'p99', title: 'p99 µs', digits: 0 },
])}
`
}
