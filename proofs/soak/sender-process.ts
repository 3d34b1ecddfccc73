/** Meets one fault over and over, and tells what came of it. `<plan>` */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDispatcher } from 'deploy-hooks'
import { median } from '../shared/statistics.ts'
import { obeyParent, tellParent } from '../shared/parent.ts'
import { loadTransport } from '../shared/transports.ts'
import { openSockets } from '../shared/vitals.ts'
import { keepPace } from './keep-pace.ts'
import { concurrent, warmUps, type Figures, type Plan } from './plan.ts'
import { residentMemory } from './resident-memory.ts'
import { within } from './within.ts'
import { Witness } from './witness.ts'

/** In which sockets that were destroyed are closed. */
const closingMs = 1000
/** For errors that come when all is over. */
const lateMs = 100

const uncaught: string[] = []
process.on('uncaughtException', (error) => uncaught.push(`uncaught: ${String(error)}`))
process.on('unhandledRejection', (reason) => uncaught.push(`unhandled: ${String(reason)}`))
process.on('warning', ({ name, message }) => uncaught.push(`warning: ${name}: ${message}`))
obeyParent(() => undefined) // there are no orders

const { transport, url, times, deadlineMs } = JSON.parse(process.argv[2] ?? '') as Plan
const createTransport = await loadTransport(transport)
const witness = new Witness(createTransport())
const hooks = Array.from({ length: concurrent }, (_, hook) => `hook-${hook}`)
const dispatcher = createDispatcher({
  // A hook that does not answer has one place: so many hooks, each with an app of its own, keep so many requests under way.
  hooks: hooks.map((id) => ({ url: `${url}/${id}`, id, apps: [id], concurrency: concurrent })),
  secret: 'a secret of the usual length, of 43 characters',
  transport: witness,
  egress: { allow: ['127.0.0.1'] },
  breaker: false,
  retry: { delaysMs: [], connect: { retries: 0, minTimeout: 0, maxTimeout: 0, factor: 1 } },
  concurrency: { overall: 2 * concurrent }, // three quarters of them are for hooks that do not answer
  timeout: { deadlineMs },
  logger: {
    warn: () => undefined, // each delivery that is dead
    error: (message, fields) => uncaught.push(`logged: ${message} ${JSON.stringify(fields)}`),
  },
})
const durations: number[] = []
dispatcher.on('attempt', ({ attempt }) => {
  durations.push(attempt.endedAt - attempt.startedAt)
  witness.testify(attempt)
})

await keepPace(dispatcher, hooks, 1, warmUps)
const before = await residentMemory()
durations.length = 0
witness.forget()
const startedAt = performance.now()
await keepPace(dispatcher, hooks, 1 + warmUps, times)
const seconds = (performance.now() - startedAt) / 1000
await within(closingMs, () => openSockets() === 0 || undefined)
const growthMb = (await residentMemory()) - before
const idleSockets = openSockets()
await dispatcher.close()
await within(closingMs, () => openSockets() === 0 || undefined)
await sleep(lateMs)

tellParent({
  seen: witness.seen,
  exchanges: witness.exchanges,
  uncaught,
  growthMb,
  idleSockets,
  socketsLeft: openSockets(),
  medianMs: median(durations),
  maxMs: Math.max(...durations),
  seconds,
} satisfies Figures)
await once(process, 'disconnect')
