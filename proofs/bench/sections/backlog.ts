import { measureBacklog } from '../backlog.ts'
import { tableOf } from '../table.ts'

export async function section(rounds: number): Promise<string> {
  const options = { rounds, warmUpRounds: 1, few: 1000, many: rounds < 5 ? 100_000 : 1_000_000 }
  const { standings, file } = await measureBacklog(options)
  return `
## A backlog

Deliveries that wait for their next attempt, none of them due, in the file of a SQLite store. A process of its own opens it, with
one more that is due: the first column is the time from \`sqliteStore()\` and \`createDispatcher()\` to its request. Then the process
dispatches 1,000 releases and collects its garbage: the last column is what it has in memory (RSS). In between, the time of a \`claim()\`
of 100 due deliveries, the median of 25. ${rounds} processes for each file. Less is better.

${tableOf(standings, [
  { figure: 'firstMs', title: 'first delivery, ms', digits: 0 },
  { figure: 'claimMs', title: 'claim of 100, ms', digits: 1 },
  { figure: 'memoryMb', title: 'memory, MB', digits: 0 },
])}

The file with ${options.many.toLocaleString('en')} has ${Math.round(file.bytesEach)} bytes for each. Another process had recorded them, 1,000 in a call, in ${file.seconds.toFixed(0)} seconds, and
had grown by ${file.grownMb.toFixed(0)} MB since its first 1,000.
`
}
