/**
 * A platform controller in a process of its own: dispatches releases as fast as it may, and says of each delivery in a file
 * that `dispatch()` resolved. It is there to be killed; SIGTERM ends it as a controller should end.
 */
import { openSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createDispatcher,
  DispatcherClosedError,
  gotTransport,
  StoreError,
  type ReleaseInput,
  type Store,
  type Transport,
} from 'deploy-hooks'
import { postgresStore } from 'deploy-hooks/postgres'
import { sqliteStore } from 'deploy-hooks/sqlite'
import { callers, hookNames, lifeHeader, mostUnsettled, type News, type Plan } from './plan.ts'

/** What is said of receivers, which are made to fail. */
const ofReceivers = ['A receiver is down', 'A receiver that was down']

const plan = JSON.parse(process.argv[2] ?? '') as Plan
const acks = openSync(plan.acks, 'a')
const closing = new AbortController()
const numbers = [...plan.again, ...Array.from({ length: plan.releases }, (_, index) => plan.first + index)]
const settling: Promise<void>[] = []
let unsettled = 0

process.once('disconnect', () => process.exit()) // whoever started it is gone
process.channel?.unref()
process.once('SIGTERM', () => closing.abort())

const store = storeAt(plan)
const dispatcher = createDispatcher({
  egress: { allow: ['127.0.0.1'] },
  hooks: hookNames.map((id) => ({ id, url: `${plan.receiver}/${id}` })),
  secret: 'torture',
  store,
  transport: sentBy(plan.life, gotTransport()),
  retry: { delaysMs: [50, 100, 200, 400, 800] },
  concurrency: { perHook: 16, overall: 48 },
  logger: { warn: complain, error: complain },
  now: () => Date.now() + plan.aheadMs,
})
say('opened')

const dispatched = Promise.all(Array.from({ length: callers }, dispatchSome))
if (plan.drain) {
  await dispatched
  say('dispatched')
  await drained()
  await dispatcher.close()
} else {
  await aborted(closing.signal)
  await dispatcher.close({ deadlineMs: plan.closeMs })
}
await store.close() // now nothing is left running, and it ends by itself
await Promise.all([dispatched, ...settling])

async function dispatchSome(): Promise<void> {
  while (!closing.signal.aborted) {
    const number = numbers.shift()
    if (number === undefined) break
    try {
      const { deliveries, settled } = await dispatcher.dispatch(releaseOf(number))
      // In the store when it returns, whatever happens then; with O_APPEND beside the lines of other controllers.
      writeSync(acks, `\n${plan.app} ${number} ${deliveries.map(({ id }) => id).join(' ')}\n`)
      if (settling.push(followed(settled)) === 1) say('working')
    } catch (error) {
      if (isAway(error)) numbers.unshift(number)
      else if (!(error instanceof DispatcherClosedError)) throw error
    }
    do await pause(plan.pauseMs)
    while (unsettled >= mostUnsettled && !closing.signal.aborted)
  }
}

async function followed(settled: () => Promise<unknown>): Promise<void> {
  unsettled += 1
  while (!(await isDone(settled)) && !closing.signal.aborted) await pause(100)
  unsettled -= 1
}

/** Not for longer than it lives: what is measured is how long it takes to close. */
async function pause(ms: number): Promise<void> {
  await sleep(ms, undefined, { signal: closing.signal }).catch(() => undefined)
}

/** @returns false when the store is away */
async function isDone(asked: () => Promise<unknown>): Promise<boolean> {
  try {
    await asked()
    return true
  } catch (error) {
    if (isAway(error)) return false
    throw error
  }
}

/** A server is restarted now and then; a file is always there. Who closes the store knows that it is closed. */
function isAway(error: unknown): boolean {
  if (!(error instanceof StoreError)) return false
  return closing.signal.aborted || (plan.schema !== undefined && error.code !== 'store_closed')
}

function storeAt({ store: place, schema }: Plan): Store & { close(): Promise<void> } {
  return schema === undefined
    ? sqliteStore({ path: place, keep: 1_000_000 })
    : postgresStore({ connectionString: place, schema })
}

/** The same facts for the same number, as a platform has them that dispatches again what was not acknowledged. */
function releaseOf(number: number): ReleaseInput {
  const app = number % 4 === 0 ? 'shared' : plan.app
  return {
    app,
    version: number,
    user: 'gabrtv',
    sha: '35b3726',
    summary: `release ${number} of ${app}: ü & “±”`,
  }
}

async function drained(): Promise<void> {
  const isLeft = async (): Promise<boolean> =>
    (await dispatcher.counts()).some(({ state }) => state === 'waiting')
  while (await isLeft()) await sleep(50)
}

/** Until then it stays alive, even when nothing waits. */
async function aborted(signal: AbortSignal): Promise<void> {
  await sleep(2 ** 31 - 1, undefined, { signal }).catch(() => undefined)
}

function sentBy(life: number, transport: Transport): Transport {
  return {
    ...transport,
    send: (request) =>
      transport.send({
        ...request,
        headers: { ...request.headers, [lifeHeader]: `${life} ${Date.now()}` },
      }),
  }
}

function say(news: News): void {
  process.send?.(news)
}

function complain(message: string, fields?: Readonly<Record<string, unknown>>): void {
  if (ofReceivers.some((start) => message.startsWith(start))) return
  console.error(message, JSON.stringify(fields))
}
