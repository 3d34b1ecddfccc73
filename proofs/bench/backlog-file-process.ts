/** Makes a file with so many deliveries that wait and are not due, and one that is. `<path> <deliveries>` */
import { sqliteStore } from 'deploy-hooks/sqlite'
import { memoryInUse, tellParent } from '../shared/child.ts'
import { createRecords } from './records.ts'

export interface BacklogFile {
  /** The time that all calls of `record()` took. */
  readonly seconds: number
  /** By how much this process grew after its first deliveries. */
  readonly grownMb: number
}

const hooks = 5
const inACall = 1000
const [path = '', deliveries = ''] = process.argv.slice(2)

await using store = sqliteStore({ path })
const inAYear = Date.now() + 365 * 24 * 3600 * 1000
const recordsOf = createRecords('waiting', inAYear)
const startedAt = performance.now()
let grownFrom: number | undefined
for (let recorded = 0; recorded < Number(deliveries); recorded += inACall) {
  await store.record(recordsOf(inACall / hooks, hooks).flat(), 0)
  grownFrom ??= memoryInUse()
}
const seconds = (performance.now() - startedAt) / 1000
const grownMb = memoryInUse() - (grownFrom ?? 0)
await store.record(createRecords('due', Date.now())(1, 1).flat(), 0)
tellParent({ seconds, grownMb } satisfies BacklogFile)
