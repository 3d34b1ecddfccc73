/** A controller that tells of the same few apps as others do, in orders of its own, with many callers at once. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createDispatcher, type Transaction } from 'deploy-hooks'
import { postgresStore } from 'deploy-hooks/postgres'
import { Pool, type PoolClient } from 'pg'
import { Chance } from '../../../src/testing/store/chance.ts'
import type { Facts } from '../../../test/dispatch/news-steps.ts'
import { everything, senderTo } from './hooks.ts'
import type { StormPlan, StormTold } from './storm.ts'
import { tasksOf, type Task } from './storm-plan.ts'

const callers = 3
/** Up to which a caller rests before he repeats what the server refused. */
const pauseMs = 200

const plan = JSON.parse(process.argv[2] ?? '') as StormPlan
const { connectionString, schema, receiver, events, base, seed, member } = plan
const tasks = [...(tasksOf(events, base, new Chance(seed))[member] ?? [])]
const chance = new Chance(seed + member)
const told: StormTold = {
  dispatches: 0,
  committed: 0,
  rolledBack: 0,
  refused: 0,
  slowestMs: 0,
  doubted: [],
  errors: [],
  lines: [],
}

process.once('disconnect', () => process.exit()) // whoever started it is gone

const pool = new Pool({ connectionString, max: callers })
await using store = postgresStore({ connectionString, schema, migrate: false })
await using dispatcher = createDispatcher({
  ...senderTo(receiver, everything),
  store,
  logger: { warn: complain, error: complain },
})
await dispatcher.start()
const ended = Promise.withResolvers<void>()
process.on('message', (order) => (order === 'end' ? ended.resolve() : void tellAll()))
process.send?.('ready')
await ended.promise
await pool.end()
process.disconnect()

async function tellAll(): Promise<void> {
  await Promise.all(Array.from({ length: callers }, tellSome))
  process.send?.(told)
}

async function tellSome(): Promise<void> {
  for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
    if (task.way === 'dispatch') await Promise.all(task.events.map((event) => dispatch(event)))
    else await within(task)
  }
}

/** Nobody else's transaction makes it fail. */
async function dispatch(event: Facts, transaction?: Transaction): Promise<void> {
  const { at, key, ...facts } = event
  const startedAt = performance.now()
  told.dispatches += 1
  try {
    const release = { ...facts, user: 'gabrtv', at: at === undefined ? undefined : new Date(at) }
    await dispatcher.dispatch(release, { idempotencyKey: key, transaction })
  } catch (error) {
    if (transaction !== undefined) throw error
    told.errors.push(String(error))
  }
  if (transaction === undefined) told.slowestMs = Math.max(told.slowestMs, performance.now() - startedAt)
}

/** As callers do who repeat what the server refused: as often as it takes. */
async function within(task: Task): Promise<void> {
  for (let left = task.rollbacks; left >= 0;) {
    const client = await pool.connect()
    try {
      await client.query(`BEGIN ISOLATION LEVEL ${task.isolation}`)
      for (const event of task.events) {
        await tellWithin(client, task, event)
        if (chance.percent(20)) await sleep(chance.below(5))
      }
      await client.query(left > 0 ? 'ROLLBACK' : 'COMMIT')
      if (left > 0) told.rolledBack += 1
      else told.committed += 1
      left -= 1
    } catch (error) {
      await client.query('ROLLBACK')
      if (/^40(?:001|P01)$/u.test(String((error as { readonly code?: unknown }).code))) told.refused += 1
      else {
        told.errors.push(String(error))
        left = -1
      }
      await sleep(chance.below(pauseMs))
    } finally {
      client.release()
    }
  }
}

async function tellWithin(client: PoolClient, { way }: Task, event: Facts): Promise<void> {
  if (way === 'transaction') return dispatch(event, client)
  const { at, key, ...facts } = event
  const release = { ...facts, user: 'gabrtv', at: at === undefined ? undefined : new Date(at).toISOString() }
  await client.query(`SELECT ${schema}.dispatch($1::jsonb, $2)`, [JSON.stringify(release), key ?? null])
}

function complain(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
  if (message.startsWith('Another transaction')) told.doubted.push(String(fields['version']))
  else told.lines.push(`${message} ${JSON.stringify(fields)}`)
}
