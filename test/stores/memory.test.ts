import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryStore, type Attempt, type NewDelivery, type Outcome } from '../../src/index.ts'
import { DueHeap } from '../../src/stores/due-heap.ts'

const release = { app: 'web', version: 'v1', user: 'u', summary: 's' }
const record = (id: string, hookId = 'a', recordedAt = 0): NewDelivery => ({
  id,
  hookId,
  release,
  recordedAt,
})
const attempt = (deliveryId: string, outcome: Outcome, number = 1): Attempt => ({
  deliveryId,
  number,
  startedAt: 0,
  endedAt: 5,
  connects: 1,
  timings: { totalMs: 5 },
  excerpt: `excerpt ${number}`,
  outcome,
})
const delivered: Outcome = { kind: 'delivered', reason: 'status-200' }
const retryAt = (at: number): Outcome => ({ kind: 'retry', reason: 'status-503', at })

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('the memory store', () => {
  it('lets the first record of an id stand', async () => {
    const store = memoryStore()
    const [first] = await store.record([record('1')])
    const [again] = await store.record([{ ...record('1'), recordedAt: 9 }])
    expect(first?.fresh).toBe(true)
    expect(again).toEqual({ delivery: first?.delivery, fresh: false })
  })

  it('gives a fresh delivery to its recorder alone, and a waiting one to one claim', async () => {
    const store = memoryStore()
    await store.record([record('1')])
    expect(await store.claim({ hooks: ['a'], now: 1e9, limit: 9 })).toEqual([])
    await store.settle(attempt('1', retryAt(100)))
    expect(await store.nextDueAt(['a'])).toBe(100)
    expect(await store.nextDueAt(['b'])).toBeUndefined()
    expect(await store.claim({ hooks: ['a'], now: 99, limit: 9 })).toEqual([])
    expect(await store.claim({ hooks: ['b'], now: 100, limit: 9 })).toEqual([])
    expect((await store.claim({ hooks: ['a'], now: 100, limit: 9 })).map(({ id }) => id)).toEqual(['1'])
    expect(await store.claim({ hooks: ['a'], now: 100, limit: 9 })).toEqual([])
    await store.release(['1'])
    expect((await store.claim({ hooks: ['a'], now: 100, limit: 9 })).map(({ id }) => id)).toEqual(['1'])
  })

  it('claims the longest due first, and no more than asked', async () => {
    const store = memoryStore()
    for (const [index, at] of [30, 10, 20].entries()) {
      await store.record([record(`${index}`)])
      await store.settle(attempt(`${index}`, retryAt(at)))
    }
    expect((await store.claim({ hooks: ['a'], now: 50, limit: 2 })).map(({ id }) => id)).toEqual(['1', '2'])
    expect((await store.claim({ hooks: ['a'], now: 50, limit: 2 })).map(({ id }) => id)).toEqual(['0'])
  })

  it('forgets the oldest final deliveries, and never a waiting one', async () => {
    const store = memoryStore({ keep: 2 })
    for (const id of ['waiting', '1', '2', '3']) await store.record([record(id)])
    for (const id of ['1', '2', '3']) await store.settle(attempt(id, delivered))
    expect((await collected(store.list({}))).map(({ id }) => id)).toEqual(['waiting', '2', '3'])
    expect(await store.get(['1', '3'])).toEqual([undefined, expect.objectContaining({ id: '3' })])
    expect(await store.attempts('1')).toEqual([])
  })

  it('keeps every attempt, and the excerpt of the last one', async () => {
    const store = memoryStore()
    await store.record([record('1')])
    await store.settle(attempt('1', retryAt(1), 1))
    await store.settle(attempt('1', delivered, 2))
    const attempts = await store.attempts('1')
    expect(attempts.map(({ number, excerpt }) => [number, excerpt])).toEqual([
      [1, undefined],
      [2, 'excerpt 2'],
    ])
  })

  it('lists by hook, app, state and time', async () => {
    const store = memoryStore()
    await store.record([record('1', 'a', 10), record('2', 'b', 20)])
    await store.record([{ ...record('3', 'b', 30), release: { ...release, app: 'api' } }])
    await store.settle(attempt('2', delivered))
    const ids = async (filter: Parameters<typeof store.list>[0]): Promise<string[]> =>
      (await collected(store.list(filter))).map(({ id }) => id)
    expect(await ids({})).toEqual(['1', '2', '3'])
    expect(await ids({ hook: 'b' })).toEqual(['2', '3'])
    expect(await ids({ app: 'api' })).toEqual(['3'])
    expect(await ids({ state: 'delivered' })).toEqual(['2'])
    expect(await ids({ since: 20 })).toEqual(['2', '3'])
  })

  it('refuses an unknown delivery and a senseless size', async () => {
    await expect(memoryStore().settle(attempt('none', delivered))).rejects.toThrow(/recorded delivery/u)
    for (const keep of [-1, 0.5, Number.NaN]) expect(() => memoryStore({ keep })).toThrow(RangeError)
  })
})

it('the heap gives out times in order, whatever order they came in', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(50), fc.constant(undefined))), (steps) => {
      const heap = new DueHeap()
      const model: number[] = []
      for (const at of steps) {
        if (at === undefined) expect(heap.pop()?.at).toBe(model.shift())
        else {
          heap.push({ id: `${at}`, at })
          model.push(at)
          model.sort((left, right) => left - right)
        }
        expect(heap.next?.at).toBe(model[0])
      }
    }),
  )
})
