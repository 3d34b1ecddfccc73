import { tableOf } from '../table.ts'
import { measureTransports } from '../transports.ts'

export async function section(rounds: number): Promise<string> {
  const options = { rounds: 2 * rounds, warmUpRounds: 8, deliveries: 3000, inFlight: 64 }
  const { deliveries, inFlight } = options
  const standings = await measureTransports(options)
  return `
## Transports, ${inFlight} in flight

Both transports under the dispatcher, with signature, lanes, egress guard and memory store, beside clients by hand. ${options.rounds} rounds of
${deliveries} deliveries of each. The ratios are to raw \`node:http\`: of deliveries more is better, of CPU time less.

${tableOf(standings, [
  { figure: 'perSecond', title: 'deliveries/s', digits: 0 },
  { figure: 'cpuMicros', title: 'CPU µs each', digits: 1 },
])}
`
}
