import { measurePostgresDelivery } from '../postgres-delivery.ts'
import { tableOf, type Column } from '../table.ts'
import type { ThroughputFigure } from '../closed-loop.ts'

const columns: readonly Column<ThroughputFigure>[] = [
  { figure: 'perSecond', title: 'deliveries/s', digits: 0 },
  { figure: 'cpuMicros', title: 'CPU µs each', digits: 0 },
]

export async function section(rounds: number): Promise<string> {
  // What a sender does is compiled as it goes: it takes a third more of the processor for its first thousands of deliveries.
  const options = { rounds: Math.ceil(rounds * 0.7), warmUpRounds: 3, deliveries: 2048, inFlight: 64 }
  const { deliveries, inFlight } = options
  const one = await measurePostgresDelivery({ ...options, hooks: 1 })
  const eight = await measurePostgresDelivery({ ...options, hooks: 8 })
  return `
## PostgreSQL: deliveries of one process, ${inFlight} in flight

The server is on this machine, with the settings it comes with: \`fsync\` and \`synchronous_commit\` are on. A delivery is recorded, sent to a
\`node:http\` server in a process of its own, and settled. By hand that is pg-boss 12: jobs inserted ${inFlight} in a call, fetched ${inFlight} at a time,
sent all at once with createHmac, and completed in one call; no evidence of attempts, no events, no lanes, and nobody waits for one
delivery. ${options.rounds} rounds of ${deliveries} deliveries of each. CPU time is that of the sending process. The ratios are to by hand with got.

${tableOf(one, columns)}

The same with 8 hooks: a release is 8 deliveries, and each hook has ${inFlight / 8} places.

${tableOf(eight, columns)}
`
}
