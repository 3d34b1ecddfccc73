/** Lets requests hang until their deadline. `<plan>` */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDispatcher, type AttemptEvent } from 'deploy-hooks'
import { memoryInUse } from '../shared/child.ts'
import { median } from '../shared/statistics.ts'
import { dispatcherOptions } from '../shared/dispatcher-options.ts'
import type { HungNews, HungPlan } from './hung-plan.ts'
import { obeyParent, tellParent } from '../shared/parent.ts'
import { appOf } from '../shared/traffic.ts'
import { loadTransport } from '../shared/transports.ts'
import { openSockets } from '../shared/vitals.ts'
import { warmUpCode } from './warm-up.ts'

const hanging = Promise.withResolvers<number>()
obeyParent(() => hanging.resolve(memoryInUse())) // there is one order

const { transport, urls, spareUrl, perHook, deadlineMs } = JSON.parse(process.argv[2] ?? '') as HungPlan
const createTransport = await loadTransport(transport)
const secret = 'a secret of the usual length, of 43 characters'
/** In which a socket that was destroyed is closed. */
const closingMs = 100
const requests = urls.length * perHook

// No more than loads the code: what is allocated here and freed again would hide what the requests take.
const spare = { ...dispatcherOptions, hooks: [spareUrl], secret, transport: createTransport() }
await warmUpCode(spare, 1)
await using dispatcher = createDispatcher({
  ...dispatcherOptions,
  hooks: urls.map((url, hook) => ({ url, id: `hook-${hook}`, apps: [appOf(hook)] })),
  secret,
  transport: createTransport(),
  concurrency: { perHook, overall: requests },
  timeout: { deadlineMs },
})
const attempts: AttemptEvent['attempt'][] = []
const ended = Promise.withResolvers<void>()
dispatcher.on('attempt', ({ attempt }) => {
  if (attempts.push(attempt) === requests) ended.resolve()
})

await sleep(closingMs)
const before = memoryInUse()
for (let version = 1; version <= perHook; version += 1)
  for (const hook of urls.keys()) await dispatcher.dispatch({ app: appOf(hook), version, user: 'gabrtv' })

tellParent('dispatched' satisfies HungNews)
const growthMb = (await hanging.promise) - before
await ended.promise
await sleep(closingMs)
const lates = attempts.map(({ startedAt, endedAt }) => endedAt - startedAt - deadlineMs)
tellParent({
  timeouts: attempts.filter(({ outcome }) => outcome.reason === 'timeout').length,
  growthMb,
  lateMedian: median(lates),
  lateMax: Math.max(...lates),
  socketsLeft: openSockets(),
} satisfies HungNews)
await once(process, 'disconnect')
