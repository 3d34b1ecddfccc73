import { measureOwnCost } from '../own-cost.ts'
import { tableOf } from '../table.ts'

export async function section(rounds: number): Promise<string> {
  const options = {
    rounds: 3 * rounds,
    warmUpRounds: 5,
    deliveries: 20_000,
    inFlight: 64,
    hooks: [1, 10, 100],
  }
  const standings = await measureOwnCost(options)
  return `
## What a delivery costs without its request

A release goes to so many hooks, by a transport that answers at once; ${options.inFlight} deliveries are in flight, in ${options.rounds} rounds of
${options.deliveries} deliveries of each. The CPU time is that of all threads, the collection of garbage included.

${tableOf(standings, [
  { figure: 'perSecond', title: 'deliveries/s', digits: 0 },
  { figure: 'cpuMicros', title: 'CPU µs each', digits: 1 },
])}
`
}
