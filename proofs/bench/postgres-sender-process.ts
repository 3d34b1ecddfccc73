/** Dispatches and sends as it is told. `<plan>` */
import { createDispatcher } from 'deploy-hooks'
import { postgresStore } from 'deploy-hooks/postgres'
import { now } from '../shared/clock.ts'
import { dispatcherOptions } from '../shared/dispatcher-options.ts'
import { obeyParent, tellParent } from '../shared/parent.ts'
import { appOf } from '../shared/traffic.ts'
import { loadTransport } from '../shared/transports.ts'
import { openLoop } from './open-loop.ts'
import type { Called, SenderNews, SenderOrder, SenderPlan } from './postgres-sender.ts'

const { database, transport, workers, urls, concurrency } = JSON.parse(process.argv[2] ?? '') as SenderPlan
const createTransport = await loadTransport(transport)
const dispatcher = createDispatcher({
  ...dispatcherOptions,
  hooks: urls.map((url, hook) => ({ url, id: `hook-${hook}`, apps: [appOf(hook)], concurrency })),
  secret: 'a secret of the usual length, of 43 characters',
  store: database === undefined ? undefined : postgresStore(database),
  transport: createTransport(),
  workers,
})
const atOnce = 1000
let version = 0

obeyParent((order) => void obey(order as SenderOrder))
tellParent('ready' satisfies SenderNews)

async function obey(order: SenderOrder): Promise<void> {
  tellParent((await doneOf(order)) satisfies SenderNews)
}

async function doneOf(order: SenderOrder): Promise<SenderNews> {
  if (order.kind === 'dispatch') {
    const called: Promise<Called>[] = []
    await openLoop(order, () => called.push(timed(hookOf(order.hooks, called.length))))
    return await Promise.all(called)
  }
  if (order.kind === 'leave') {
    for (let left = order.releases; left > 0; left -= atOnce)
      await Promise.all(Array.from({ length: Math.min(left, atOnce) }, () => dispatch(order.hook)))
    return 'done'
  }
  const dispatches = await Promise.all(
    Array.from({ length: order.releases }, (_, index) => dispatch(hookOf(order.hooks, index))),
  )
  await Promise.all(dispatches.map(({ settled }) => settled()))
  return 'done'
}

function dispatch(hook: number): ReturnType<typeof dispatcher.dispatch> {
  version += 1
  return dispatcher.dispatch({ app: appOf(hook), version, user: 'gabrtv' })
}

async function timed(hook: number): Promise<Called> {
  const at = now()
  const dispatched = dispatch(hook)
  const own = version
  await dispatched
  return [own, at, now() - at]
}

function hookOf(hooks: readonly number[], index: number): number {
  return hooks[index % hooks.length] ?? 0
}
