/** Goes on with a file that another process left behind: one delivery is due, and many wait. `<path>` */
import { createDispatcher, type Store, type Transport } from 'deploy-hooks'
import { sqliteStore } from 'deploy-hooks/sqlite'
import { answersAtOnce } from './answers-at-once.ts'
import { memoryInUse, tellParent } from '../shared/child.ts'
import { createRecords } from './records.ts'
import { createReleases } from './releases.ts'
import { median } from '../shared/statistics.ts'

export type BacklogFigure = 'firstMs' | 'claimMs' | 'memoryMb'

const hooks = Array.from({ length: 5 }, (_, hook) => {
  return { id: `hook-${hook}`, url: `https://hooks.example.com/${hook}` }
})
const claims = 25
const dueAtOnce = 100
const dispatches = 1000
const unique = String(process.pid) // apps that no process before has dispatched or recorded

const [path = ''] = process.argv.slice(2)
const first = Promise.withResolvers<void>()
const transport: Transport = {
  ...answersAtOnce,
  send: (request) => {
    first.resolve()
    return answersAtOnce.send(request)
  },
}

const startedAt = performance.now()
await using store = sqliteStore({ path })
const dispatcher = createDispatcher({ hooks, secret: 'a secret of the usual length', store, transport })
await first.promise
const firstMs = performance.now() - startedAt

const next = createReleases(`dispatched-${unique}`)
for (let dispatched = 0; dispatched < dispatches; dispatched += 1) {
  const { settled } = await dispatcher.dispatch(next())
  await settled()
}
const memoryMb = memoryInUse()
await dispatcher.close()

const times: number[] = []
for (let claim = 0; claim < claims; claim += 1) times.push(await timeOfClaim(store, `due-${unique}-${claim}`))
await store.record(createRecords(`next-${unique}`, Date.now())(1, 1).flat(), 0)
tellParent({ firstMs, claimMs: median(times), memoryMb } satisfies Record<BacklogFigure, number>)

async function timeOfClaim(store: Store, app: string): Promise<number> {
  const now = Date.now()
  const each = dueAtOnce / hooks.length
  await store.record(createRecords(app, now)(each, hooks.length).flat(), 0)
  const wanted = new Map(hooks.map(({ id }) => [id, each]))
  const askedAt = performance.now()
  const claimed = await store.claim({ hooks: wanted, now, until: now + 30_000 })
  const time = performance.now() - askedAt
  if (claimed.length !== dueAtOnce) throw new Error(`Expected ${dueAtOnce} claims, got ${claimed.length}`)
  const outcome = { kind: 'dead', reason: 'hook-disabled', verdict: 'hook-disabled' } as const
  await Promise.all(claimed.map((claim) => store.end(claim, outcome, now)))
  return time
}
