import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import {
  createTriggers,
  type TriggerRecords,
  type Triggers,
  type TriggersOptions,
} from '../../src/triggers/index.ts'
import { memoryStore, type Store } from '../../src/index.ts'
import { postgresStore } from '../../src/stores/postgres/index.ts'
import { stores } from '../dispatch/stores.ts'
import { newSchema, query } from '../stores/postgres-fixture.ts'
import { jsonOf, post, startPlatform, type Platform } from './platform.ts'

const minute = 60_000

async function idOf(response: Response): Promise<string> {
  return ((await jsonOf(response))['deployment'] as { readonly id: string }).id
}

function platformOn(store: Store, options: Partial<TriggersOptions>): Triggers {
  const triggers = createTriggers({ store, onTrigger: () => ({ id: 'x' }), logger: silent, ...options })
  onTestFinished(() => triggers.close())
  return triggers
}

const silent = { warn() {}, error() {} }

describe.each(Object.entries(stores))('a start that did not come to its end, in a %s store', (_, open) => {
  let now = 1_800_000_000_000
  /** Takes calls alone: what is started is begun by hand, as by a process that died of it. */
  const start = async (store: Store): Promise<Platform> =>
    startPlatform({ store, workers: false, now: () => now })

  async function begin(store: Store, lane: string): Promise<Awaited<ReturnType<TriggerRecords['start']>>> {
    now += minute
    return (store.triggers as TriggerRecords).start(lane, now, now + 1000, 60 * minute)
  }

  async function onlyLane(store: Store): Promise<string> {
    now += 1
    const [lane = ''] = await (store.triggers as TriggerRecords).dueLanes(now, 2, 60 * minute)
    return lane
  }

  it('is told again what it takes the place of', async () => {
    const store = (await open())()
    const platform = await start(store)
    const { url } = await platform.create({ overlap: 'cancel' })
    const first = await idOf(await post(url))
    const lane = await onlyLane(store)
    await begin(store, lane)
    await (store.triggers as TriggerRecords).started(first, 1, { status: 'running', externalId: 'one' }, now)
    const second = await idOf(await post(url))
    for (const attempt of [1, 2])
      expect(await begin(store, lane)).toMatchObject({
        deployment: { id: second, attempt },
        cancels: [{ id: first, externalId: 'one' }],
      })
    expect(await platform.triggers.deployment(first)).toMatchObject({ status: 'canceled' })
  })

  it('is no failure of the platform: what died twice is still tried three times', async () => {
    const store = (await open())()
    const platform = await start(store)
    const { url } = await platform.create()
    const id = await idOf(await post(url))
    const lane = await onlyLane(store)
    for (let death = 0; death < 2; death += 1) await begin(store, lane)
    let throws = 0
    const next = platformOn(store, {
      now: () => now,
      onTrigger() {
        throws += 1
        throw new Error('The cluster is away')
      },
    })
    for (let failures = 1; failures <= 3; failures += 1) {
      now += minute
      await next.finished('nobody', 'failed') // it looks again
      await expect.poll(async () => (await platform.triggers.deployment(id))?.failures).toBe(failures)
    }
    expect(throws).toBe(3)
    expect(await platform.triggers.deployment(id)).toMatchObject({ status: 'failed', attempt: 5 })
  })

  it('is no failure either when its process was closed, and goes on at once in the next one', async () => {
    const store = (await open())()
    const platform = await start(store)
    const { url } = await platform.create()
    const id = await idOf(await post(url))
    for (let close = 0; close < 3; close += 1) {
      const begun = Promise.withResolvers<void>()
      const closed = platformOn(store, {
        now: () => now,
        async onTrigger({ signal }) {
          begun.resolve()
          return new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(new Error('It is closed')))
          })
        },
      })
      await begun.promise
      await closed.close()
    }
    expect(await platform.triggers.deployment(id)).toMatchObject({
      status: 'waiting',
      failures: 0,
      attempt: 3,
    })
    platformOn(store, { now: () => now })
    await expect.poll(async () => (await platform.triggers.deployment(id))?.status).toBe('running')
  })
})

describe.each(Object.entries(stores))('what waits, in a %s store', (_, open) => {
  it('stays when a trigger is revoked that made it, as long as a call of another one waits for it', async () => {
    const platform = await startPlatform({ store: (await open())(), workers: false })
    const [one, other] = [await platform.create(), await platform.create()]
    const id = await idOf(await post(one.url))
    for (const { url } of [other, one]) expect(await idOf(await post(url))).toBe(id)
    const alone = await platform.create({ app: 'alone' })
    const dropped = await idOf(await post(alone.url))

    await platform.triggers.revoke(one.id, { dropWaiting: true })
    await platform.triggers.revoke(alone.id, { dropWaiting: true })

    expect(await platform.triggers.deployment(id)).toMatchObject({ status: 'waiting' })
    expect(await platform.triggers.deployment(dropped)).toMatchObject({ status: 'canceled' })
  })
})

describe('what waits, in a Postgres store', () => {
  it('is not merged into when its end is told at that moment', async () => {
    const schema = newSchema()
    const store = postgresStore({ connectionString: inject('postgres'), schema })
    onTestFinished(() => store.close())
    const platform = await startPlatform({ store, workers: false })
    const { url } = await platform.create()
    const first = await idOf(await post(url))
    await using teller = await connected()
    await teller.client.query(
      `BEGIN; UPDATE ${schema}.trigger_deployments SET status = 'canceled', finished_at = 1`,
    )

    const answer = post(url)
    await expect.poll(async () => (await query(waiting)).rows.length).toBeGreaterThan(0)
    await teller.client.query('COMMIT')

    expect((await answer).status).toBe(202)
    expect(await idOf(await post(url))).not.toBe(first)
  })
})

/** Whoever waits for a lock of another transaction. */
const waiting = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%trigger_deployments%'`

async function connected(): Promise<AsyncDisposable & { readonly client: pg.Client }> {
  const client = new pg.Client({ connectionString: inject('postgres') })
  await client.connect()
  return { client, [Symbol.asyncDispose]: () => client.end() }
}

describe('a platform that throws at once', () => {
  it('leaves nothing behind that nobody handles when the start would have been too late', async () => {
    const unhandled: unknown[] = []
    const hear = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', hear)
    onTestFinished(() => void process.off('unhandledRejection', hear))
    const triggers = platformOn(memoryStore(), {
      startWithinMs: 100,
      onTrigger() {
        throw new Error('The cluster is away')
      },
    })
    const thrown = Promise.withResolvers<void>()
    triggers.on('deployment-not-started', () => thrown.resolve())
    const { token } = await triggers.create({ app: 'web' })
    await triggers.fetch(new Request(`http://localhost/${token}`, { method: 'POST' }))
    await thrown.promise

    await sleep(300)

    expect(unhandled).toEqual([])
  })
})

describe('a store in which nothing can be started', () => {
  it('is asked again after a while, and not all the time', async () => {
    const store = memoryStore()
    const records = store.triggers as TriggerRecords
    let asked = 0
    const failed = Promise.withResolvers<void>()
    const start = (): Promise<never> => {
      asked += 1
      return Promise.reject(new Error('The disk is full'))
    }
    const triggers = platformOn(
      { ...store, triggers: Object.assign(Object.create(records) as TriggerRecords, { start }) },
      {
        logger: { warn: () => failed.resolve(), error() {} },
      },
    )
    const { token } = await triggers.create({ app: 'web' })
    await triggers.fetch(new Request(`http://localhost/${token}`, { method: 'POST' }))
    await failed.promise

    await sleep(300)

    expect(asked).toBe(1)
  })
})

describe.each(Object.entries(stores))('what must wait for another one, in a %s store', (_, open) => {
  it('is not asked for all the time, whatever the call that was merged into it would cancel', async () => {
    const store = (await open())()
    const records = store.triggers as TriggerRecords
    let asked = 0
    const counting = Object.create(records) as TriggerRecords
    counting.start = async (...lane) => {
      asked += 1
      await sleep(1) // or nothing else would have its turn
      return records.start(...lane)
    }
    const triggers = platformOn({ ...store, triggers: counting }, {})
    const running = Promise.withResolvers<void>()
    triggers.on('deployment-started', () => running.resolve())
    const tokens: string[] = []
    for (const overlap of ['queue', 'cancel'] as const)
      tokens.push((await triggers.create({ app: 'web', overlap })).token)
    const [queue = '', cancel = ''] = tokens
    const call = async (token: string): Promise<void> => {
      const request = new Request(`http://localhost/${token}`, { method: 'POST' })
      expect((await triggers.fetch(request)).status).toBeLessThan(300)
    }
    await call(queue)
    await running.promise
    for (const token of [queue, queue, cancel]) await call(token)
    asked = 0

    await sleep(300)

    expect(asked).toBeLessThan(10)
  })
})

describe('a start that is none', () => {
  it.each([
    ['nothing', undefined, /Expected `onTrigger` to give what it started, got none/u],
    ['no id', { id: '' }, /Expected `onTrigger` to give an `id`/u],
    [
      'a status that there is not',
      { id: 'x', status: 'done' },
      /Expected `onTrigger` to give a `status` of/u,
    ],
  ])('is told as one: %s', async (_, started, words) => {
    const triggers = platformOn(memoryStore(), { onTrigger: () => started as never })
    const told = Promise.withResolvers<string>()
    triggers.on('deployment-not-started', ({ error }) => told.resolve(error))
    const { token } = await triggers.create({ app: 'web' })
    await triggers.fetch(new Request(`http://localhost/${token}`, { method: 'POST' }))
    expect(await told.promise).toMatch(words)
  })
})
