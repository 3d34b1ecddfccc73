import { runInChild } from '../../shared/child.ts'
import type { ThroughputFigure } from '../closed-loop.ts'
import type { HooksAtRest } from '../hooks-at-rest-process.ts'
import { measureManyHooks, wanting } from '../many-hooks.ts'
import { tableOf, type Column } from '../table.ts'

const hooks = [100, 1000, 10_000, 100_000]
const columns: readonly Column<ThroughputFigure>[] = [
  { figure: 'perSecond', title: 'dispatches/s', digits: 0 },
  { figure: 'cpuMicros', title: 'CPU µs each', digits: 0 },
]

export async function section(rounds: number): Promise<string> {
  const options = { rounds, warmUpRounds: 2, hooks }
  const memory = await measureManyHooks('memory', { ...options, dispatches: 2000 })
  const sqlite = await measureManyHooks('SQLite', { ...options, dispatches: 300 })
  const atRest: string[] = []
  for (const count of hooks) atRest.push(rowOf(count, await measureAtRest(count)))
  return `
## Many hooks

A release that ${wanting} hooks want is dispatched and delivered, one at a time, by a transport that answers at once, among so many hooks of other apps.
${rounds} rounds. The ratios are to the dispatcher with ${hooks[0]} hooks, over the same kind of store.

${tableOf([...memory, ...sqlite], columns)}

What they cost at rest, over SQLite, measured once in a process of their own. Bytes are of the heap, besides the options that the hooks were made of; a look is one for what
is due, when nothing is.

| hooks | CPU s to construct | µs each | MB | bytes each | idle: CPU ms a second | CPU µs a look |
| ----: | -----------------: | ------: | -: | ---------: | --------------------: | ------------: |
${atRest.join('\n')}
`
}

function rowOf(count: number, { constructed, bytes, idleMs, lookMicros }: HooksAtRest): string {
  const cells = [
    count.toLocaleString('en'),
    constructed.toFixed(2),
    ((constructed / count) * 1e6).toFixed(0),
    (bytes / 1e6).toFixed(1),
    (bytes / count).toFixed(0),
    idleMs.toFixed(1),
    lookMicros.toFixed(0),
  ]
  return `| ${cells.join(' | ')} |`
}

function measureAtRest(count: number): Promise<HooksAtRest> {
  return runInChild(new URL('../hooks-at-rest-process.ts', import.meta.url), [String(count)])
}
