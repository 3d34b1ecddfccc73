import { measurePostgresCosts } from '../postgres-costs.ts'
import { measurePostgresWorkers } from '../postgres-workers.ts'
import { tableOf } from '../table.ts'

export async function section(rounds: number): Promise<string> {
  const turns = { rounds: Math.ceil(rounds / 4), warmUpRounds: 1 }
  const team = { ...turns, workers: [1, 2, 4], hooks: 16 }
  const withGot = await measurePostgresWorkers({ ...team, transport: 'got', deliveries: 4000 })
  const withUndici = await measurePostgresWorkers({ ...team, transport: 'undici', deliveries: 8000 })
  const costs = await measurePostgresCosts({
    ...turns,
    loads: [
      { inFlight: 1, deliveries: 250, hooks: 1 },
      { inFlight: 64, deliveries: 4096, hooks: 1 },
      { inFlight: 256, deliveries: 4096, hooks: 1 },
      { inFlight: 256, deliveries: 4096, hooks: 8 },
    ],
  })
  return `
## PostgreSQL: several workers

So many processes share the lanes of ${team.hooks} hooks, of 16 places each; deliveries that are recorded become due at one moment, and are claimed, sent
and settled: 4,000 with got, 8,000 with undici. ${turns.rounds} rounds. Workers, server and receiver share the cores of this machine: with two of them,
there is nothing to gain by more workers once they are busy.

${tableOf(withGot, [{ figure: 'perSecond', title: 'deliveries/s', digits: 0 }])}

${tableOf(withUndici, [{ figure: 'perSecond', title: 'deliveries/s', digits: 0 }])}

What one delivery costs the server, from \`dispatch()\` to its settlement, in one process. The statements are all that its pool was asked,
also by pg-boss, and the beats while it is idle.

${tableOf(costs, [
  { figure: 'statements', title: 'statements', digits: 3 },
  { figure: 'walBytes', title: 'WAL, bytes', digits: 0 },
  { figure: 'rows', title: 'rows', digits: 2 },
  { figure: 'bytes', title: 'tables and indexes, bytes', digits: 0 },
])}
`
}
