import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import { createDispatcher, type Dispatcher, type Transaction } from '../../src/index.ts'
import { postgresStore } from '../../src/stores/postgres/index.ts'
import { newLog, secret } from '../dispatch/started.ts'
import { startHttp } from '../loopback.ts'
import { borrowSchema } from './postgres-fixture.ts'
import { clients, type OpenClient, type TransactionClient } from './transaction-clients.ts'

const connectionString = inject('postgres')

interface Stage {
  readonly client: TransactionClient
  /** Records, and does not send. */
  readonly controller: Dispatcher
  /** Sends to a real receiver. */
  readonly work: () => Promise<Dispatcher>
  /** Paths that were asked for. */
  readonly received: string[]
  /** Versions in the controller's own table. */
  readonly own: () => Promise<readonly string[]>
  /** Versions of which there are deliveries, once for each. */
  readonly told: () => Promise<readonly string[]>
}

async function stage(open: OpenClient, hookNames: readonly string[] = ['one']): Promise<Stage> {
  const schema = borrowSchema()
  const received: string[] = []
  const server = await startHttp((request, response) => {
    const url = new URL(request.url ?? '', 'http://receiver')
    received.push(`${url.pathname}?${url.searchParams.get('release')}`)
    response.end()
  })
  const db = new pg.Pool({ connectionString, max: 1 })
  const client = open(connectionString)
  const dispatcher = (workers: boolean): Dispatcher => {
    const store = postgresStore({ connectionString, schema })
    const hooks = hookNames.map((id) => ({ id, url: `${server.origin}/${id}` }))
    const made = createDispatcher({
      hooks,
      secret,
      store,
      workers,
      egress: { allow: ['127.0.0.1'] },
      logger: newLog(),
    })
    onTestFinished(async () => {
      await made.close({ deadlineMs: 0 })
      await store.close()
    })
    return made
  }
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]()
    await db.end()
    await server[Symbol.asyncDispose]()
  })
  const controller = dispatcher(false)
  await controller.counts() // makes the tables
  await db.query(`CREATE TABLE IF NOT EXISTS ${schema}.own_releases (version text PRIMARY KEY)`)
  const versions = async (sql: string): Promise<readonly string[]> =>
    (await db.query<{ version: string }>(sql)).rows.map(({ version }) => version)
  return {
    client: {
      ...client,
      // As a controller: its own row, and the dispatch.
      transaction: (work) =>
        client.transaction(({ transaction, run }) =>
          work({
            transaction,
            run: (text) => run(text.replaceAll('own_releases', `${schema}.own_releases`)),
          }),
        ),
    },
    controller,
    work: async () => {
      const worker = dispatcher(true)
      await worker.start()
      return worker
    },
    received,
    own: () => versions(`SELECT version FROM ${schema}.own_releases ORDER BY version`),
    told: () =>
      versions(
        `SELECT r.version FROM ${schema}.deliveries d JOIN ${schema}.releases r ON r.seq = d.release_seq ORDER BY r.version`,
      ),
  }
}

const releaseOf = (version: string): { app: string; version: string; user: string } => ({
  app: 'web',
  version,
  user: "gabrtv ? $1 ' \\ ü 🚀",
})

describe.each(Object.entries(clients))('a dispatch in a transaction of %s', (_name, open) => {
  it('is sent once, to every hook, when it commits', async () => {
    const { client, controller, work, received, own, told } = await stage(open, ['one', 'two'])
    const dispatch = await client.transaction(async ({ transaction, run }) => {
      await run(`INSERT INTO own_releases VALUES ('v1')`)
      const dispatch = await controller.dispatch(releaseOf('v1'), { transaction })
      expect(dispatch).toMatchObject({
        repeated: false,
        deliveries: [{ state: 'waiting' }, { state: 'waiting' }],
      })
      expect(await told()).toEqual([])
      return dispatch
    })
    expect(await own()).toEqual(['v1'])
    expect(await told()).toEqual(['v1', 'v1'])
    const { deliveries, repeated, settled } = await (await work()).dispatch(releaseOf('v1'))
    expect(repeated).toBe(true)
    expect(deliveries[0]?.release.user).toBe(releaseOf('v1').user)
    expect(await settled()).toMatchObject([{ state: 'delivered' }, { state: 'delivered' }])
    expect((await dispatch.settled()).map(({ state }) => state)).toEqual(['delivered', 'delivered'])
    expect(received.toSorted()).toEqual(['/one?v1', '/two?v1'])
  })

  it('is not there when it is rolled back, and nothing is sent', async () => {
    const { client, controller, work, received, own, told } = await stage(open)
    let settled: Promise<unknown> | undefined
    const rolledBack = client.transaction(async ({ transaction, run }) => {
      await run(`INSERT INTO own_releases VALUES ('v1')`)
      const dispatch = await controller.dispatch(releaseOf('v1'), { transaction })
      settled = dispatch.settled()
      throw new Error('The rollout was refused')
    })
    await expect(rolledBack).rejects.toThrow('The rollout was refused')
    expect(await settled).toEqual([])
    expect(await own()).toEqual([])
    expect(await told()).toEqual([])
    const worker = await work()
    await (await worker.dispatch(releaseOf('v2'))).settled()
    expect(received).toEqual(['/one?v2'])
  })

  it('goes with its savepoint', async () => {
    const { client, controller, own, told } = await stage(open)
    const dispatches = await client.transaction(async ({ transaction, run }) => {
      const tell = async (version: string): ReturnType<Dispatcher['dispatch']> => {
        await run(`INSERT INTO own_releases VALUES ('${version}')`)
        return controller.dispatch(releaseOf(version), { transaction })
      }
      const kept = await tell('v1')
      await run('SAVEPOINT attempt')
      const undone = await tell('v2')
      await run('ROLLBACK TO SAVEPOINT attempt')
      return [kept, undone, await tell('v3')]
    })
    expect(await own()).toEqual(['v1', 'v3'])
    expect(await told()).toEqual(['v1', 'v3'])
    expect(await dispatches[1]?.settled()).toEqual([])
  })

  it('is the same dispatch when it was recorded before: in the transaction, and outside', async () => {
    const { client, controller, told } = await stage(open)
    const facts = { ...releaseOf('v1'), meta: { region: 'eu', count: 3, none: null } }
    const outside = await controller.dispatch(facts)
    await client.transaction(async ({ transaction }) => {
      const again = await controller.dispatch(facts, { transaction })
      expect(again.repeated).toBe(true)
      expect(again.deliveries).toEqual(outside.deliveries)
      const first = await controller.dispatch(releaseOf('v2'), { transaction })
      const second = await controller.dispatch(releaseOf('v2'), { transaction })
      expect([first.repeated, second.repeated]).toEqual([false, true])
      expect(second.deliveries).toEqual(first.deliveries)
    })
    expect(await told()).toEqual(['v1', 'v2'])
  })

  it('throws the error of a transaction that is aborted, and is not there', async () => {
    const { client, controller, told } = await stage(open)
    const aborted = client.transaction(async ({ transaction, run }) => {
      await run('SELECT 1 / 0').catch(() => undefined)
      await controller.dispatch(releaseOf('v1'), { transaction })
    })
    await expect(aborted).rejects.toSatisfy((error: Error & { cause?: { code?: string }; code?: string }) =>
      [error.code, error.cause?.code].includes('25P02'),
    )
    expect(await told()).toEqual([])
  })

  it('is refused outside of a transaction, where it can be seen', async () => {
    const { client, controller, told } = await stage(open)
    const dispatch = controller.dispatch(releaseOf('v1'), { transaction: client.outside as Transaction })
    await expect(dispatch).rejects.toMatchObject({ code: 'option_invalid', option: 'transaction' })
    expect(await told()).toEqual([])
  })
})

describe('a dispatch in a transaction', () => {
  it.each([
    ['nothing', null, 'got null'],
    ['text', 'BEGIN', 'got a value of type string'],
    ['an object without queries', {}, 'got an object that runs no SQL'],
  ])('says what was expected when it is given %s', async (_what, transaction, message) => {
    const { controller } = await stage(clients['pg'] as OpenClient)
    const dispatch = controller.dispatch(releaseOf('v1'), { transaction: transaction as never })
    await expect(dispatch).rejects.toThrow(message)
    await expect(dispatch).rejects.toMatchObject({ code: 'option_invalid', option: 'transaction' })
  })

  it('is refused with a client of pg that has not begun one', async () => {
    const { controller, told } = await stage(clients['pg'] as OpenClient)
    const client = new pg.Client(connectionString)
    await client.connect()
    onTestFinished(() => client.end())
    const dispatch = controller.dispatch(releaseOf('v1'), { transaction: client })
    await expect(dispatch).rejects.toThrow('got a client of pg that has not begun one')
    expect(await told()).toEqual([])
  })

  it('wakes the worker that waits, when it commits', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }) // it does not look by itself
    onTestFinished(() => void vi.useRealTimers())
    const { client, controller, work, received } = await stage(clients['pg'] as OpenClient)
    const worker = await work()
    await (await worker.dispatch(releaseOf('v1'))).settled()
    const dispatch = await client.transaction(({ transaction }) =>
      controller.dispatch(releaseOf('v2'), { transaction }),
    )
    while (received.length < 2) await sleep(5)
    expect(received).toEqual(['/one?v1', '/one?v2'])
    vi.useRealTimers()
    expect(await dispatch.settled()).toMatchObject([{ state: 'delivered' }])
  })

  it('waits for another one that tells of the same release, and is its repeat', async () => {
    const { client, controller, told } = await stage(clients['pg'] as OpenClient)
    let second: ReturnType<Dispatcher['dispatch']> | undefined
    await client.transaction(async ({ transaction }) => {
      await controller.dispatch(releaseOf('v1'), { transaction })
      second = client.transaction(({ transaction }) => controller.dispatch(releaseOf('v1'), { transaction }))
      await new Promise((resolve) => setTimeout(resolve, 50))
    })
    expect((await second)?.repeated).toBe(true)
    expect(await told()).toEqual(['v1'])
  })
})
