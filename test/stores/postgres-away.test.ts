import { describe, expect, it } from 'vitest'
import { attemptOf, delivered } from '../../src/testing/store/samples.ts'
import {
  claimIn,
  faultIn,
  idsIn,
  newDelivery,
  lockDeliveries,
  newSchema,
  open,
  recordClaimed,
} from './postgres-fixture.ts'
import { startPostgres } from './postgres-server.ts'

describe('a server that stops and starts again', () => {
  it('loses nothing that was acknowledged, and answers what was asked meanwhile', async () => {
    await using server = await startPostgres({ durable: true })
    const store = open({ connectionString: server.connectionString, schema: 'restarted' })
    const first = await recordClaimed(store, 'first')
    const acknowledged: string[] = []
    const record = async (id: string): Promise<void> => {
      await store.record([newDelivery(id, { dueAt: 0 })], 9)
      acknowledged.push(id)
    }
    await server.stop()
    const asked = Promise.allSettled([
      ...['1', '2', '3'].map(record),
      store.settle(first, attemptOf(first, delivered)),
      claimIn(store),
    ])
    await server.start()
    for (const { status } of await asked) expect(status).toBe('fulfilled')
    expect((await idsIn(store)).toSorted()).toEqual(['1', '2', '3', 'first'])
    expect(acknowledged.toSorted()).toEqual(['1', '2', '3'])
    expect(await store.attempts('first')).toHaveLength(1)
  })

  it('is unavailable while it is away for long, and works again afterwards', async () => {
    await using server = await startPostgres()
    const store = open({ connectionString: server.connectionString, schema: 'away' })
    await store.record([newDelivery('1')], 9)
    await server.stop()
    const { code, message } = await faultIn(store.record([newDelivery('2')], 9))
    expect(code).toBe('store_unavailable')
    expect(message).toContain('Expected a PostgreSQL server that can be reached')
    await server.start()
    await store.record([newDelivery('3')], 9)
    expect(await idsIn(store)).toEqual(['1', '3'])
  })

  it('opens once it is there', async () => {
    await using server = await startPostgres()
    await server.stop()
    const store = open({ connectionString: server.connectionString, schema: 'later' })
    expect((await faultIn(store.counts())).code).toBe('store_unavailable')
    await server.start()
    expect(await store.counts()).toEqual([])
  })
})

describe('a lock that others hold', () => {
  it('makes the store busy after 10 seconds', async () => {
    const schema = newSchema()
    const store = open({ schema })
    await store.record([newDelivery('1')], 9)
    const letGo = await lockDeliveries(schema)
    const { code, message } = await faultIn(store.record([newDelivery('2')], 9))
    await letGo()
    expect(code).toBe('store_busy')
    expect(message).toContain('57014')
    await store.record([newDelivery('3')], 9)
    expect(await idsIn(store)).toEqual(['1', '3'])
  })
})
