import { measureDelivery } from '../delivery.ts'
import { tableOf } from '../table.ts'

export async function section(rounds: number): Promise<string> {
  // Many short rounds rather than few long ones: what disturbs the machine then meets every contestant.
  const options = { rounds: 2 * rounds, warmUpRounds: 2, deliveries: 1000, inFlight: 64 }
  const { deliveries, inFlight } = options
  const standings = await measureDelivery(options)
  return `
## Deliveries, ${inFlight} in flight

To a \`node:http\` server in a process of its own on loopback, which answers 200. Each of ${inFlight} workers starts its next
delivery as soon as it knows that its last one arrived. ${options.rounds} rounds of ${deliveries} deliveries of each. CPU time is that of the sending
process, all its threads. The ratios are to the same work by hand: of deliveries more is better, of CPU time less.
Most of the lead over it comes from starting requests in batches (docs/decisions/0008): the same done by hand would have it too.

${tableOf(standings, [
  { figure: 'perSecond', title: 'deliveries/s', digits: 0 },
  { figure: 'cpuMicros', title: 'CPU µs each', digits: 0 },
])}
`
}
