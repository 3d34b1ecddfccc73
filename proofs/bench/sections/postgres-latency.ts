import { measurePostgresLatency, type ArrivalFigure } from '../postgres-latency.ts'
import { tableOf, type Column } from '../table.ts'

export const columns: readonly Column<ArrivalFigure>[] = [
  { figure: 'p50', title: 'arrival p50 ms', digits: 1 },
  { figure: 'p99', title: 'arrival p99 ms', digits: 1 },
  { figure: 'dispatchP99', title: '`dispatch()` p99 ms', digits: 1 },
]

export async function section(rounds: number): Promise<string> {
  const options = {
    rounds: Math.ceil(rounds / 3),
    warmUpRounds: 0,
    perSecond: 200,
    seconds: 2,
    transport: 'got',
  } as const
  const standings = await measurePostgresLatency(options)
  return `
## PostgreSQL: from \`dispatch()\` to the request

${options.perSecond} releases a second at random times to one hook, for ${options.seconds} seconds, in new processes that are warm; ${options.rounds} rounds. From the call of \`dispatch()\`
to the arrival of its request at a receiver in a process of its own, which should take less than 100 ms for 99 of 100; and to its resolution.

${tableOf(standings, columns)}
`
}
