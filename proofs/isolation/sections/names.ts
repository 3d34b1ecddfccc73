import { perSecond, seconds } from '../names-plan.ts'
import { measureNames, type HangingNames, type NamesOptions } from '../names.ts'
import { shown, tableOf } from '../../shared/table.ts'

export async function section(options: NamesOptions): Promise<string> {
  const rows = await measureNames(options)
  return `
## Names that hang

One name server, which never answers for the names of the hooks that hang; a healthy hook gets ${perSecond} releases a second for ${seconds} seconds, each over a
connection of its own, and so with a look-up of its own. Of libuv's threads there are four, as by default. _Busy_ is a process whose store is a
SQLite file, and that reads files all the time, eight at once. _Charged_ are attempts of the healthy hook that failed, the most in a
round. A ratio is to the line without names that hang. All of it is in a network of its own.

${typeof rows === 'string' ? `Not measured: ${rows}` : table(rows)}
`
}

function table(rows: readonly HangingNames[]): string {
  return tableOf(rows, [
    { title: 'names that hang', cell: ({ hanging, busy }) => `${hanging}${busy ? ', busy' : ''}` },
    { title: 'arrived', cell: ({ standing: { median } }) => `${shown(median.arrived, 1)} %` },
    { title: 'p50 ms', cell: ({ standing: { median } }) => shown(median.p50, 1) },
    { title: 'p99 ms', cell: ({ standing: { median } }) => shown(median.p99, 1) },
    { title: 'max ms', cell: ({ standing: { median } }) => shown(median.max, 1) },
    { title: 'p50 ratio', cell: ({ standing: { ratio } }) => `**${shown(ratio.p50, 2)}**` },
    { title: 'p99 ratio', cell: ({ standing: { ratio } }) => `**${shown(ratio.p99, 2)}**` },
    { title: 'charged', cell: ({ mostCharged }) => `**${shown(mostCharged, 0)}**` },
    { title: 'failed, of those that hang', cell: ({ standing: { median } }) => shown(median.hung, 0) },
  ])
}
