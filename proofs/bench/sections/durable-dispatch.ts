import { measureDurableDispatch } from '../durable-dispatch.ts'
import { tableOf } from '../table.ts'

export async function section(rounds: number): Promise<string> {
  const options = { rounds, warmUpRounds: 1, perSecond: 200, seconds: 1.25 }
  const standings = await measureDurableDispatch(options)
  return `
## What \`dispatch()\` costs at ${options.perSecond} releases a second

They come at random times, whether or not earlier ones are done, and are sent to a receiver in its own process. ${rounds} rounds of
${options.seconds} seconds of each. The wait is that from the call to its resolution. What a caller waits before it can call, because the event loop
stands still, is beside it: the longest time in a round, which also holds what got and the system do.

${tableOf(standings, [
  { figure: 'p50', title: 'p50 µs', digits: 0 },
  { figure: 'p99', title: 'p99 µs', digits: 0 },
  { figure: 'longestStall', title: 'longest stall, ms', digits: 1 },
])}
`
}
