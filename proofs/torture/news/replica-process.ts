/** A replica of a controller. It tells of all that happens, as the others do, in an order of its own but for what happens in one scope. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createDispatcher } from 'deploy-hooks'
import { postgresStore } from 'deploy-hooks/postgres'
import { Chance } from '../../../src/testing/store/chance.ts'
import type { Facts } from '../../../test/dispatch/news-steps.ts'
import { senderTo } from './hooks.ts'
import type { ReplicaPlan, Told } from './replicas.ts'
import { historiesOf, nameOf, type History } from './rollouts.ts'

/** Dispatches in progress at once. */
const callers = 8

const plan = JSON.parse(process.argv[2] ?? '') as ReplicaPlan
const { connectionString, schema, receiver, rollouts, base, seed } = plan
const chance = new Chance(seed * 3 + plan.member)
/** What is left of each scope, and what was told of it. */
const scopes = historiesOf(rollouts, base, new Chance(seed)).map((history) => ({
  left: [...history],
  history,
}))
const idle = scopes.filter(({ left }) => left.length > 0)
const told: Told = { dispatches: 0, retries: 0, news: [], errors: [], lines: [] }

process.once('disconnect', () => process.exit()) // whoever started it is gone

await using store = postgresStore({ connectionString, schema, migrate: false })
await using dispatcher = createDispatcher({
  ...senderTo(receiver),
  store,
  logger: { warn: complain, error: complain },
})
await dispatcher.start()
const ended = Promise.withResolvers<void>()
process.on('message', (order) => (order === 'end' ? ended.resolve() : void tellAll()))
process.send?.('ready')
await ended.promise
process.disconnect()

async function tellAll(): Promise<void> {
  await Promise.all(Array.from({ length: callers }, tellSome))
  process.send?.(told)
}

async function tellSome(): Promise<void> {
  for (;;) {
    const [scope] = idle.splice(chance.below(idle.length), 1)
    if (scope === undefined) return
    const event = scope.left.shift() as Facts
    await tell(event)
    if (chance.percent(20)) await retry(scope.history.slice(0, scope.history.indexOf(event) + 1))
    if (scope.left.length > 0) idle.push(scope)
    if (chance.percent(30)) await sleep(chance.below(8))
  }
}

/** As a deploy is tried again, or a queue gives a message twice. */
async function retry(events: History): Promise<void> {
  told.retries += 1
  await tell(chance.pick(events))
}

async function tell({ at, ...facts }: Facts): Promise<void> {
  told.dispatches += 1
  const release = { ...facts, user: 'gabrtv', at: at === undefined ? undefined : new Date(at) }
  try {
    const { repeated } = await dispatcher.dispatch(release)
    if (!repeated) told.news.push(nameOf({ ...facts, at: at ?? 0 }))
  } catch (error) {
    told.errors.push(String(error))
  }
}

function complain(message: string, fields?: Readonly<Record<string, unknown>>): void {
  told.lines.push(`${message} ${JSON.stringify(fields)}`)
}
