import assert from 'node:assert/strict'
import type { DeliveryFilter, Store } from '../../stores/store.ts'
import type { Behaviours, SharedBehaviours } from './behaviours.ts'
import { Chance } from './chance.ts'
import { Model } from './model.ts'
import { listed } from './pages.ts'
import { steps } from './random-steps.ts'
import { groups, hooks, ids, type Walk } from './walk.ts'

const stepCount = 150

export const randomWalks: Behaviours = Object.fromEntries(
  [1, 2, 3, 4].map((seed) => [
    `agrees with a model after every one of ${stepCount} random steps (seed ${seed})`,
    (store: Store) => walkAbout([store], seed),
  ]),
)

export const sharedRandomWalks: SharedBehaviours = Object.fromEntries(
  [5, 6].map((seed) => [
    `agrees with a model after every one of ${stepCount} random steps of two instances, which come and go (seed ${seed})`,
    async (store: Store, reopen: () => Promise<Store>) => walkAbout([store, await reopen()], seed, reopen),
  ]),
)

/** Takes random steps. What differs from the model is reported with the seed and the last steps. */
async function walkAbout(stores: Store[], seed: number, reopen?: () => Promise<Store>): Promise<void> {
  const walk: Walk = {
    chance: new Chance(seed),
    model: new Model(),
    stores,
    claims: [],
    now: 1_767_225_600_000,
  }
  const taken: string[] = []
  try {
    for (let count = 0; count < stepCount; count += 1) {
      const [name, step] = walk.chance.pick(steps)
      taken.push(name)
      await step(walk, walk.chance.pick(stores))
      await agree(walk)
      if (reopen !== undefined && walk.chance.percent(3)) await restart(walk, reopen)
    }
    await drain(walk)
  } catch (error) {
    const message = `Seed ${seed}, step ${taken.length}, after ${taken.slice(-5).join(', ')}: ${String(error)}`
    throw Object.assign(new assert.AssertionError({ message }), { cause: error })
  }
}

/** Closes an instance, which hands back what it claimed, and opens another. */
async function restart({ chance, stores, model }: Walk, reopen: () => Promise<Store>): Promise<void> {
  const index = chance.below(stores.length)
  const closed = stores[index] as Store
  await closed.close()
  for (const entry of model.heldBy(closed)) model.release(entry)
  stores[index] = await reopen()
}

/** Asserts that the store knows what the model knows. */
async function agree({ model, chance, stores, now }: Walk): Promise<void> {
  const store = chance.pick(stores)
  assert.deepEqual(
    await store.get(ids),
    ids.map((id) => model.entry(id)?.delivery),
    'deliveries',
  )
  const id = chance.pick(ids)
  assert.deepEqual(await store.attempts(id), model.entry(id)?.attempts ?? [], `attempts of ${id}`)
  await dueAgrees(model, chance, store, now)
  const filter = randomFilter(chance, now)
  const list = model.list(filter)
  assert.deepEqual(await listed(store, filter, chance.between(1, 6)), list, 'list')
  const newest = await listed(store, filter, chance.between(1, 6), undefined, 'newest')
  assert.deepEqual(newest, list.toReversed(), 'list, newest first')
  const [hook, group, limit] = [chance.pick(hooks), chance.pick(groups), chance.between(1, 4)]
  assert.deepEqual(await store.latest(hook, group, limit), model.latest(hook, group, limit), 'latest')
  await countsAgree(store)
}

async function dueAgrees(model: Model, chance: Chance, store: Store, now: number): Promise<void> {
  const among = chance.percent(50) ? new Set(chance.some(hooks, 2)) : undefined
  const except = new Set(chance.some(hooks, chance.below(2)))
  const limit = chance.below(4)
  const found = await store.due({ now, limit, except, among })
  // A lease that has ended may count from its end, or from when the delivery was due: both are past.
  const firsts = new Map<string, number>()
  for (const hook of among ?? hooks) {
    const first = except.has(hook) ? undefined : model.nextDueAt(hook)
    if (first !== undefined) firsts.set(hook, Math.max(first, now))
  }
  const due = [...firsts].flatMap(([hook, at]) => (at <= now ? [hook] : []))
  const isAll = found.hooks.length === Math.min(limit, due.length)
  assert.ok(
    isAll && found.hooks.every((hook) => due.includes(hook)),
    `due ${due.join()}, given ${found.hooks.join()}`,
  )
  assert.equal(new Set(found.hooks).size, found.hooks.length, 'Expected each hook that is due once')
  const rest = [...firsts].filter(([hook]) => !found.hooks.includes(hook)).map(([, at]) => at)
  assert.equal(Math.max(found.nextAt ?? Infinity, now), Math.min(...rest), 'next due time')
}

async function countsAgree(store: Store): Promise<void> {
  const listedCounts = new Map<string, number>()
  for (const { hookId, state } of await listed(store, {})) {
    const key = `${hookId} ${state}`
    listedCounts.set(key, (listedCounts.get(key) ?? 0) + 1)
  }
  const counts = (await store.counts()).map(
    ({ hookId, state, count }) => [`${hookId} ${state}`, count] as const,
  )
  assert.deepEqual(new Map(counts), listedCounts, 'counts')
  assert.equal(counts.length, listedCounts.size, 'Expected each hook and state once')
}

function randomFilter(chance: Chance, now: number): DeliveryFilter {
  return {
    hook: chance.percent(30) ? chance.pick(hooks) : undefined,
    app: chance.percent(30) ? chance.pick(['web', 'api']) : undefined,
    state: chance.percent(30) ? chance.pick(['waiting', 'delivered', 'dead'] as const) : undefined,
    since: chance.percent(30) ? now - chance.below(120) * 1000 : undefined,
    before: chance.percent(30) ? now - chance.below(120) * 1000 : undefined,
    replayed: chance.percent(30) ? chance.percent(50) : undefined,
  }
}

/** Once every lease has ended and all is due, whatever waits is given out, once. */
async function drain({ model, stores, now }: Walk): Promise<void> {
  const end = now + 86_400_000
  const limits = new Map(hooks.map((hook) => [hook, ids.length]))
  const given = []
  for (const store of stores)
    given.push(...(await store.claim({ hooks: limits, now: end, until: end + 1000 })))
  const waiting = model.entries.filter(({ delivery }) => delivery.state === 'waiting')
  assert.deepEqual(
    given.map(({ delivery }) => delivery.id).toSorted(),
    waiting.map(({ delivery }) => delivery.id).toSorted(),
    'Expected all that waits',
  )
}
