import { describe, expect, it } from 'vitest'
import { memoryStore, type NewDelivery, type Store, type Transaction } from '../../src/index.ts'
import { altered } from '../testing/altered-store.ts'
import { answer, fakeTransport } from './fake-transport.ts'
import { release, start } from './started.ts'

interface Transactional {
  readonly store: Store
  readonly transaction: Transaction
  readonly asked: number
  readonly commit: () => Promise<void>
  readonly rollback: () => void
}

/** A memory store that keeps back what is recorded within its one transaction, until that commits. */
function transactional(): Transactional {
  const memory = memoryStore()
  let pending: readonly NewDelivery[] = []
  let isOver = false
  let asked = 0
  const store = altered(memory, {
    async tellWithin(_transaction, { hooks, release: told, recordedAt }) {
      pending = hooks.map(({ hookId, group }) => ({
        id: `dlv_${hookId}`,
        hookId,
        release: told,
        recordedAt,
        dueAt: recordedAt,
        group,
      }))
      const recorded = pending.map((delivery) => ({
        delivery: {
          id: delivery.id,
          hookId: delivery.hookId,
          release: told,
          recordedAt,
          state: 'waiting' as const,
          attempts: 0,
        },
        fresh: true,
      }))
      return {
        news: 'told',
        recorded,
        isOver: async () => {
          asked += 1
          return isOver
        },
      }
    },
  })
  return {
    store,
    transaction: { query: async () => [] },
    get asked() {
      return asked
    },
    async commit() {
      await memory.record(pending, 0)
      isOver = true
    },
    rollback() {
      isOver = true
    },
  }
}

const delivered = (): ReturnType<typeof fakeTransport> => fakeTransport(() => answer(200))
const hooks = [{ url: 'http://one.example/', id: 'one' }]

describe('a dispatch within a transaction', () => {
  it('sends nothing before the commit, and settles after it', async () => {
    const { store, transaction, commit } = transactional()
    const transport = delivered()
    const dispatcher = start(transport, { store, hooks })
    const dispatch = await dispatcher.dispatch(release, { transaction })
    expect(dispatch.deliveries).toMatchObject([{ hookId: 'one', state: 'waiting' }])
    const settled = dispatch.settled()
    expect(transport.requests).toHaveLength(0)
    await commit()
    await dispatcher.enable('one') // a real store tells its workers
    expect(await settled).toMatchObject([{ hookId: 'one', state: 'delivered' }])
    expect(transport.requests).toHaveLength(1)
  })

  it('settles without deliveries when it is rolled back', async () => {
    const { store, transaction, rollback } = transactional()
    const transport = delivered()
    const dispatch = await start(transport, { store, hooks }).dispatch(release, { transaction })
    const settled = dispatch.settled()
    rollback()
    expect(await settled).toEqual([])
    expect(transport.requests).toHaveLength(0)
  })

  it('is not settled while the transaction goes on, however long one waits', async () => {
    const within = transactional()
    const { store, transaction } = within
    const dispatch = await start(delivered(), { store, hooks }).dispatch(release, { transaction })
    const stop = new AbortController()
    const settled = dispatch.settled({ signal: stop.signal })
    while (within.asked < 4) await new Promise((resolve) => setImmediate(resolve))
    stop.abort(new Error('enough'))
    await expect(settled).rejects.toThrow('enough')
  })

  it('settles when the dispatcher closes, whatever becomes of the transaction', async () => {
    const { store, transaction } = transactional()
    const dispatcher = start(delivered(), { store, hooks })
    const settled = (await dispatcher.dispatch(release, { transaction })).settled()
    await dispatcher.close()
    expect(await settled).toEqual([])
  })

  it('ends nothing that it supersedes before the commit', async () => {
    const { store, transaction, commit } = transactional()
    const transport = fakeTransport(({ url }) => answer(url.includes('release=v4') ? 503 : 200))
    const retry = { delaysMs: [0, 60_000], jitter: 0 }
    const superseding = { url: 'http://one.example/', id: 'one', supersede: true, breaker: false as const }
    const dispatcher = start(transport, { store, retry, hooks: [superseding] })
    const attempted = new Promise<void>((resolve) => dispatcher.on('retrying', () => resolve()))
    const first = await dispatcher.dispatch(release)
    await attempted
    const second = await dispatcher.dispatch({ ...release, version: 5 }, { transaction })
    const [before] = await store.get(first.deliveries.map(({ id }) => id))
    expect(before?.state).toBe('waiting')
    await commit()
    await dispatcher.enable('one')
    expect(await second.settled()).toMatchObject([{ state: 'delivered' }])
  })

  it('is refused by a store that knows none, and records nothing', async () => {
    const dispatcher = start(delivered(), { hooks })
    const refused = dispatcher.dispatch(release, { transaction: { query: async () => [] } })
    await expect(refused).rejects.toMatchObject({
      code: 'transaction_unsupported',
      option: 'transaction',
      message: expect.stringContaining('postgresStore') as string,
    })
    expect(await dispatcher.counts()).toEqual([])
  })

  it('throws what the client threw, and does not try again', async () => {
    let calls = 0
    const aborted = new Error('current transaction is aborted')
    const store = altered(memoryStore(), {
      tellWithin: async () => {
        calls += 1
        throw aborted
      },
    })
    const dispatcher = start(delivered(), { store, hooks })
    const dispatch = dispatcher.dispatch(release, { transaction: { query: async () => [] } })
    await expect(dispatch).rejects.toBe(aborted)
    expect(calls).toBe(1)
  })
})
