/** Sends to a hook whose name is answered for, beside others whose names hang. `<plan>` */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDispatcher, memoryStore } from 'deploy-hooks'
import { sqliteStore } from 'deploy-hooks/sqlite'
import { quantile } from '../shared/statistics.ts'
import { now } from '../shared/clock.ts'
import { dispatcherOptions } from '../shared/dispatcher-options.ts'
import { perSecond, seconds, type NamesFigures, type NamesPlan } from './names-plan.ts'
import { Peer } from '../shared/peer.ts'
import { steadyLoop } from './steady-loop.ts'
import { scheduledMs, type Traffic } from '../shared/traffic.ts'
import { warmUpCode } from './warm-up.ts'

const { hanging, busy, folder } = JSON.parse(process.argv[2] ?? '') as NamesPlan
const graceMs = 2000
const readers = 8
const everySoManyVersions = 2 * perSecond

const world = new Peer<object, unknown>(new URL('names-world-process.ts', import.meta.url), {
  args: [],
  limitMs: 100_000,
})
const port = String(await world.hear())
const common = {
  ...dispatcherOptions,
  secret: 'a secret of the usual length, of 43 characters',
  logger: { warn: () => undefined, error: () => undefined },
}
// By its address: no name is looked up before those that hang.
await warmUpCode({ ...common, hooks: [`http://127.0.0.1:${port}/warm-up`] }, 5)
const store = busy ? sqliteStore({ path: join(folder, 'hooks.db') }) : memoryStore()
const dispatcher = createDispatcher({
  ...common,
  hooks: [
    { id: 'healthy', url: `http://healthy.test:${port}/deploy`, apps: ['healthy'] },
    ...Array.from({ length: hanging }, (_, index) => ({
      id: `hangs-${index}`,
      url: `http://hangs-${index}.test:${port}/`,
      apps: ['hanging'],
    })),
  ],
  store,
})
let charged = 0
let hung = 0
dispatcher.on('attempt', ({ hook, attempt }) => {
  if (attempt.outcome.kind === 'delivered') return
  if (hook.id === 'healthy') charged += 1
  else hung += 1
})

if (busy) for (let reader = 0; reader < readers; reader += 1) void readForEver()

const traffic: Traffic = { perSecond, turns: [0], warmUpSeconds: 0, seconds }
const last = perSecond * seconds
const startAt = now() + 200
await steadyLoop(traffic, { first: 1, last }, startAt, (version) => {
  if (version % everySoManyVersions === 1)
    void dispatcher.dispatch({ app: 'hanging', version, user: 'gabrtv' })
  void dispatcher.dispatch({ app: 'healthy', version, user: 'gabrtv' })
})
await sleep(graceMs)
const endedAt = now()
const receipts = (await world.ask({})) as readonly (readonly [version: number, at: number])[]
const firsts = new Map(receipts.toReversed())
const latencies = Array.from({ length: last }, (_, index) => {
  const at = firsts.get(index + 1) ?? Infinity
  return at > endedAt ? Infinity : at - startAt - scheduledMs(traffic, index + 1)
})
const figures: NamesFigures = {
  arrived: (100 * latencies.filter((latency) => latency < Infinity).length) / last,
  p50: quantile(latencies, 0.5), // JSON makes null of what is infinite
  p99: quantile(latencies, 0.99),
  max: quantile(latencies, 1),
  charged,
  hung,
}
process.stdout.write(JSON.stringify(figures))
process.exit()

async function readForEver(): Promise<never> {
  for (;;) await readFile(new URL(import.meta.url))
}
