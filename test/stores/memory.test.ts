import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryStore, type Attempt, type NewDelivery, type Outcome, type Store } from '../../src/index.ts'
import { DueHeap } from '../../src/stores/memory/due-heap.ts'
import { Queue } from '../../src/queue.ts'

const release = { app: 'web', version: 'v1', user: 'u', summary: 's' }
const delivered: Outcome = { kind: 'delivered', reason: 'status-200' }
const dead: Outcome = { kind: 'dead', reason: 'status-410', verdict: 'gone' }
const retry: Outcome = { kind: 'retry', reason: 'status-503', at: 0 }

const newDelivery = (id: string): NewDelivery => ({ id, hookId: 'a', release, recordedAt: 0 })

/** Records a delivery, and makes an attempt for each outcome. */
async function deliver(store: Store, id: string, ...outcomes: readonly Outcome[]): Promise<void> {
  await store.record([newDelivery(id)], 0)
  for (const [index, outcome] of outcomes.entries()) {
    const [claim] = await store.claim({ hooks: new Map([['a', 1]]), now: 0, until: 0 })
    if (claim?.delivery.id !== id) throw new Error(`Expected a claim of ${id}`)
    await store.settle(claim, attemptOf(id, index + 1, outcome))
  }
}

const attemptOf = (deliveryId: string, number: number, outcome: Outcome): Attempt => ({
  deliveryId,
  number,
  startedAt: 0,
  endedAt: 5,
  connects: 1,
  timings: { totalMs: 5 },
  excerpt: `excerpt ${number}`,
  outcome,
})

async function idsIn(store: Store): Promise<readonly string[]> {
  const { deliveries } = await store.list({}, { limit: 1000 })
  return deliveries.map(({ id }) => id)
}

describe('the memory store', () => {
  it('promises nothing past the process', () => {
    expect(memoryStore().durable).toBe(false)
  })

  it('forgets the oldest final deliveries of each kind, and never a waiting one', async () => {
    const store = memoryStore({ keep: 2 })
    for (const id of ['dead 1', 'dead 2']) await deliver(store, id, dead)
    for (const id of ['1', '2', '3', '4']) await deliver(store, id, delivered)
    for (const id of ['waiting 1', 'waiting 2', 'waiting 3']) await store.record([newDelivery(id)], 9)
    expect(await idsIn(store)).toEqual(['dead 1', 'dead 2', '3', '4', 'waiting 1', 'waiting 2', 'waiting 3'])
    expect(await store.get(['2', '3'])).toEqual([undefined, expect.objectContaining({ id: '3' })])
    expect(await store.attempts('2')).toEqual([])
  })

  it('forgets from its group what it forgets, and keeps what waits there', async () => {
    const store = memoryStore({ keep: 2 })
    await store.record([{ ...newDelivery('waiting'), group: 'web', dueAt: 9 }], 9)
    for (const id of ['1', '2', '3', '4', '5']) {
      const [recorded] = await store.record([{ ...newDelivery(id), group: 'web' }], 9)
      if (recorded?.token === undefined) throw new Error(`Expected a claim of ${id}`)
      const { delivery, token } = recorded
      await store.settle({ delivery, token }, attemptOf(id, 1, delivered))
    }
    const found = await store.latest('a', 'web', 9)
    expect(found.map(({ id }) => id)).toEqual(['5', '4', 'waiting'])
  })

  it('forgets by when a delivery became final, not by when it was recorded', async () => {
    const store = memoryStore({ keep: 1 })
    const recorded = await store.record(['1', '2'].map(newDelivery), 9)
    for (const { delivery, token = 0 } of recorded.toReversed())
      await store.settle({ delivery, token }, attemptOf(delivery.id, 1, delivered))
    expect(await idsIn(store)).toEqual(['1'])
  })

  it('takes what it forgot for fresh, and keeps nothing at all when told so', async () => {
    const store = memoryStore({ keep: 0 })
    for (const outcome of [delivered, dead, delivered]) {
      await deliver(store, '1', outcome)
      expect(await idsIn(store)).toEqual([])
    }
    expect(await store.counts()).toEqual([])
  })

  it('keeps every attempt, and the excerpt of the last one', async () => {
    const store = memoryStore()
    await deliver(store, '1', retry, retry, delivered)
    const attempts = await store.attempts('1')
    expect(attempts.map(({ number, excerpt }) => [number, excerpt])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, 'excerpt 3'],
    ])
  })

  it('gives out what was claimed from it once it is closed', async () => {
    const store = memoryStore()
    await store.record([newDelivery('1')], 1000)
    await store.close()
    expect(await store.claim({ hooks: new Map([['a', 9]]), now: 0, until: 9 })).toHaveLength(1)
  })

  it('refuses a senseless number of deliveries to keep', () => {
    for (const keep of [-1, 0.5, Number.NaN, Infinity])
      expect(() => memoryStore({ keep })).toThrow(
        expect.objectContaining({ code: 'option_invalid', option: 'keep' }),
      )
  })

  it('looks at each delivery once for all pages of a list', async () => {
    const store = memoryStore()
    let looks = 0
    const counting = {
      ...release,
      get app() {
        looks += 1
        return 'web'
      },
    }
    await store.record(
      Array.from({ length: 5000 }, (_, index) => ({ ...newDelivery(`${index}`), release: counting })),
      9,
    )
    let pages = 0
    let cursor: string | undefined
    do {
      const page = await store.list({ app: 'web' }, { limit: 10, cursor })
      cursor = page.next
      pages += 1
    } while (cursor !== undefined)
    expect(pages).toBe(500)
    expect(looks).toBe(5000 + pages - 1) // and at the first of the next page, to know that there is one
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

it('the queue gives out first what came first, and keeps what passes', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.nat(50) },
    { weight: 2, arbitrary: fc.constant('shift' as const) },
    { weight: 1, arbitrary: fc.constant('filter' as const) },
  )
  const isEven = (item: number): boolean => item % 2 === 0
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new Queue<number>()
      let model: number[] = []
      for (const step of steps) {
        if (step === 'shift') expect(queue.shift()).toBe(model.shift())
        else if (step === 'filter') {
          const kept = model.filter(isEven)
          expect(queue.filter(isEven)).toBe(model.length - kept.length)
          model = kept
        } else {
          queue.push(step)
          model.push(step)
        }
        expect(queue.size).toBe(model.length)
      }
    }),
  )
})
