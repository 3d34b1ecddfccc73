/** A platform that dispatches releases on schedule. `<plan>` */
import { createDispatcher } from 'deploy-hooks'
import { dispatcherOptions } from '../shared/dispatcher-options.ts'
import { obeyParent, tellParent } from '../shared/parent.ts'
import type { Plan, SenderNews, SenderOrder } from './plan.ts'
import { steadyLoop } from './steady-loop.ts'
import { appOf, hookOf, measuredVersions, warmUpVersions } from '../shared/traffic.ts'
import { loadTransport } from '../shared/transports.ts'
import { watchVitals } from '../shared/vitals.ts'
import { warmUpCode } from './warm-up.ts'

const started = Promise.withResolvers<number>()
obeyParent((order) => started.resolve((order as SenderOrder).startAt))

const { transport, urls, spareUrl, traffic, backlog } = JSON.parse(process.argv[2] ?? '') as Plan
const createTransport = await loadTransport(transport)
const secret = 'a secret of the usual length, of 43 characters'
const user = 'gabrtv'
/** Enough that all that is often called is compiled. */
const warmUpBursts = 100

const spare = { ...dispatcherOptions, hooks: [spareUrl], secret, transport: createTransport() }
await warmUpCode(spare, warmUpBursts)
const dispatcher = createDispatcher({
  ...dispatcherOptions,
  hooks: urls.map((url, hook) => ({ url, id: `hook-${hook}`, apps: [appOf(hook)] })),
  secret,
  transport: createTransport(),
})
if (backlog !== undefined) await leaveWaiting(backlog)

tellParent('ready' satisfies SenderNews)
const startAt = await started.promise
await steadyLoop(traffic, warmUpVersions(traffic), startAt, dispatch)
const stop = watchVitals()
await steadyLoop(traffic, measuredVersions(traffic), startAt, dispatch)
tellParent(stop() satisfies SenderNews)

/** Its rejection ends the process, and with it the run. */
function dispatch(version: number): void {
  void dispatcher.dispatch({ app: appOf(hookOf(traffic, version)), version, user })
}

async function leaveWaiting({ hook, deliveries }: NonNullable<Plan['backlog']>): Promise<void> {
  for (let version = 1; version <= deliveries; version += 1)
    await dispatcher.dispatch({ app: appOf(hook), version, user })
}
