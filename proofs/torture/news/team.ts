import { setTimeout as sleep } from 'node:timers/promises'
import { createDispatcher, type Delivery, type Store } from 'deploy-hooks'
import { migrate, postgresStore } from 'deploy-hooks/postgres'
import type { Facts } from '../../../test/dispatch/news-steps.ts'
import { Child } from './child.ts'
import { everything, senderTo } from './hooks.ts'
import { Receivers, type Receipt } from './receivers.ts'

/** What every process of a team is started with. */
export interface TeamPlan {
  readonly connectionString: string
  readonly schema: string
  /** Origin of the receivers. */
  readonly receiver: string
  /** Which process of the team it is. */
  readonly member: number
}

export interface TeamResult<Told> {
  /** What each process said when it had told all that it had to tell. */
  readonly told: readonly Told[]
  /** All that there are, when all of them were sent. */
  readonly deliveries: readonly Delivery[]
  readonly receipts: readonly Receipt[]
}

export interface TeamOptions {
  readonly script: string
  readonly size: number
  /** Is the server's own alone, and has nothing in it. */
  readonly schema: string
  readonly connectionString: string
  /** What the script needs beside. */
  readonly plan: object
  /** What is told before, one after another. @default nothing */
  readonly history?: readonly Facts[]
  /** How much is left that is no delivery yet. @default 0 */
  readonly left?: () => Promise<number>
}

/** Starts processes that tell and send, lets them tell at once, and waits until all is sent. */
export async function runTeam<Told>(options: TeamOptions): Promise<TeamResult<Told>> {
  const { script, size, schema, connectionString, plan, left = () => Promise.resolve(0) } = options
  await migrate({ connectionString, schema })
  await tellBefore(options)
  await using receivers = await Receivers.start()
  await using team = new AsyncDisposableStack()
  const starting = Array.from({ length: size }, (_, member) => {
    const own: TeamPlan = { connectionString, schema, receiver: receivers.origin, member }
    return Child.start(script, { ...plan, ...own })
  })
  const children = (await Promise.all(starting)).map((child) => team.use(child))
  const told = (await Promise.all(children.map((child) => child.ask('tell')))) as readonly Told[]
  await using store = postgresStore({ connectionString, schema, migrate: false })
  await drained(async () => (await left()) + (await waitingIn(store)))
  return { told, deliveries: await everyDelivery(store), receipts: await receivers.receipts() }
}

async function tellBefore({ connectionString, schema, history = [] }: TeamOptions): Promise<void> {
  if (history.length === 0) return
  await using store = postgresStore({ connectionString, schema, migrate: false })
  await using dispatcher = createDispatcher({
    ...senderTo('http://127.0.0.1:9', everything), // it sends nothing
    store,
    workers: false,
  })
  for (const { at, ...facts } of history)
    await dispatcher.dispatch({ ...facts, user: 'gabrtv', at: at === undefined ? undefined : new Date(at) })
}

/** What waits for so long, and gets no less, is stuck: the verdict then finds it undelivered. */
const stuckMs = 60_000

async function drained(countLeft: () => Promise<number>): Promise<void> {
  let least = Infinity
  let since = performance.now()
  for (let left = await countLeft(); left > 0; left = await countLeft()) {
    if (left < least) since = performance.now()
    least = Math.min(least, left)
    if (performance.now() - since > stuckMs) return
    await sleep(50)
  }
}

async function waitingIn(store: Store): Promise<number> {
  const waiting = (await store.counts()).filter(({ state }) => state === 'waiting')
  return waiting.reduce((sum, { count }) => sum + count, 0)
}

async function everyDelivery(store: Store): Promise<readonly Delivery[]> {
  const all: Delivery[] = []
  let page = await store.list({}, { limit: 1000 })
  all.push(...page.deliveries)
  while (page.next !== undefined) {
    page = await store.list({}, { limit: 1000, cursor: page.next })
    all.push(...page.deliveries)
  }
  return all
}
