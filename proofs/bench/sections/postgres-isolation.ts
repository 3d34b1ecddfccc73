import { measurePostgresIsolation } from '../postgres-latency.ts'
import { tableOf } from '../table.ts'
import { columns } from './postgres-latency.ts'

export async function section(rounds: number): Promise<string> {
  const options = {
    rounds: Math.ceil(rounds / 4),
    warmUpRounds: 0,
    perSecond: 200,
    seconds: 4,
    transport: 'got',
    healthy: 10,
    waiting: 20_000,
  } as const
  const { healthy, perSecond, waiting } = options
  const standings = await measurePostgresIsolation(options)
  return `
## PostgreSQL: a hook that hangs, with ${waiting.toLocaleString('en')} deliveries waiting

Its receiver never answers. ${healthy} other hooks get ${perSecond} releases a second in all, for ${options.seconds} seconds; ${options.rounds} rounds in new processes. The times are
those of the healthy ones' first attempts, which should stay under 150 ms for 99 of 100.

${tableOf(standings, columns)}
`
}
