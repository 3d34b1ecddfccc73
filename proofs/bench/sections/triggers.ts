import type { ThroughputFigure } from '../closed-loop.ts'
import { measureTriggers } from '../triggers.ts'
import { tableOf, type Column } from '../table.ts'

const columns: readonly Column<ThroughputFigure>[] = [
  { figure: 'perSecond', title: 'calls/s', digits: 0 },
  { figure: 'cpuMicros', title: 'CPU µs each', digits: 0 },
]

export async function section(rounds: number): Promise<string> {
  const options = { rounds, warmUpRounds: 1, calls: 2000, triggers: [20, 1000, 10_000] }
  const one = await measureTriggers({ ...options, calls: 500, inFlight: 1 })
  const many = await measureTriggers({ ...options, inFlight: 32 })
  return `
## Calls of triggers

Each call makes a deployment of its own; nothing is started. Twenty triggers are called, of so many that the SQLite store has. By hand that is
\`node:http\` and one insert, as durable, on the server's own thread: no token is asked for, no rate is kept, no call merged. Caller and server share
a process, so the CPU time holds both, and the thread of the database. ${rounds} rounds of 2000 calls, 500 one at a time. The ratios are to
the work by hand.

One at a time:

${tableOf(one, columns)}

32 in flight:

${tableOf(many, columns)}
`
}
