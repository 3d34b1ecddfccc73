import { measureDurableDelivery } from '../durable-delivery.ts'
import { tableOf } from '../table.ts'

export async function section(rounds: number): Promise<string> {
  const options = { rounds: 2 * rounds, warmUpRounds: 2, deliveries: 1000, inFlight: 64 }
  const { deliveries, inFlight } = options
  const standings = await measureDurableDelivery(options)
  return `
## Durable deliveries, ${inFlight} in flight

The same as above, with the SQLite store (WAL, \`synchronous = FULL\`) and with the memory store. ${options.rounds} rounds of ${deliveries} deliveries
of each. The CPU time holds the thread of the database.

${tableOf(standings, [
  { figure: 'perSecond', title: 'deliveries/s', digits: 0 },
  { figure: 'cpuMicros', title: 'CPU µs each', digits: 0 },
])}
`
}
