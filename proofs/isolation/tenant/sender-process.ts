/** A worker of two tenants' hooks, which may dispatch for both on schedule. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createDispatcher, memoryStore, type Store } from 'deploy-hooks'
import { postgresStore } from 'deploy-hooks/postgres'
import { sqliteStore } from 'deploy-hooks/sqlite'
import { defineTarget } from 'deploy-hooks/targets'
import { now } from '../../shared/clock.ts'
import { dispatcherOptions } from '../../shared/dispatcher-options.ts'
import { obeyParent, tellParent } from '../../shared/parent.ts'
import { steadyLoop } from '../steady-loop.ts'
import { appOf, hookOf, measuredVersions, warmUpVersions, type Traffic } from '../../shared/traffic.ts'
import { watchVitals } from '../../shared/vitals.ts'
import { warmUpCode } from '../warm-up.ts'
import type { SenderNews, SenderOrder, SenderPlan, StorePlan } from './plan.ts'

const planned = Promise.withResolvers<SenderPlan>()
const started = Promise.withResolvers<number>()
obeyParent((given) => {
  const order = given as SenderOrder
  if ('startAt' in order) started.resolve(order.startAt)
  else planned.resolve(order)
})

const plan = await planned.promise // too long for an argument
const { traffic, otherTraffic } = plan
const user = 'gabrtv'
const warmUpBursts = 50
const common = {
  ...dispatcherOptions,
  secret: 'a secret of the usual length, of 43 characters',
  logger: { warn: () => undefined, error: () => undefined },
}
/** Whatever the answer says, it is an error. */
const reads = defineTarget({
  name: 'reads-all',
  repeat: 'duplicates',
  requests: [{ sign: 'url', query: 'release', id: '/id', error: ({ text }) => text }],
})

await warmUpCode({ ...common, hooks: [plan.spareUrl] }, warmUpBursts)
const dispatcher = createDispatcher({
  ...common,
  retry: { delaysMs: [1000], refusedAttempts: 2 },
  store: storeOf(plan.store),
  hooks: [
    { id: 'healthy', url: plan.healthyUrl, apps: ['healthy'] },
    ...plan.hooks.map(({ url, reads: isReading, secrets }, hook) => ({
      id: `hook-${hook}`,
      url,
      apps: [appOf(hook)],
      ...(secrets.length === 0 ? undefined : { secret: secrets }),
      ...(isReading ? { target: reads } : undefined),
    })),
  ],
})
let answers = 0
dispatcher.on('attempt', ({ hook, attempt }) => {
  if (hook.id !== 'healthy' && attempt.excerpt !== undefined) answers += 1
})
await dispatcher.start()

tellParent('ready' satisfies SenderNews)
const startAt = await started.promise
await during(startAt, warmUpVersions)
const before = answers
const stop = watchVitals()
await during(startAt, measuredVersions)
tellParent({ ...stop(), answers: answers - before } satisfies SenderNews)

async function during(startAt: number, versionsOf: typeof warmUpVersions): Promise<void> {
  if (!plan.dispatches) {
    const { last } = versionsOf(traffic)
    await sleep(Math.max(0, startAt + (1000 * last) / traffic.perSecond - now()))
    return
  }
  const loop = (of: Traffic, appAt: (version: number) => string): Promise<void> =>
    // Its rejection ends the process, and with it the run.
    steadyLoop(
      of,
      versionsOf(of),
      startAt,
      (version) => void dispatcher.dispatch({ app: appAt(version), version, user }),
    )
  await Promise.all([
    loop(traffic, () => 'healthy'),
    plan.hooks.length > 0 ? loop(otherTraffic, (version) => appOf(hookOf(otherTraffic, version))) : undefined,
  ])
}

function storeOf(store: StorePlan): Store {
  if (store.kind === 'memory') return memoryStore()
  if (store.kind === 'sqlite') return sqliteStore({ path: store.path })
  return postgresStore({ connectionString: store.connectionString, schema: store.schema })
}
