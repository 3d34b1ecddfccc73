import assert from 'node:assert/strict'
import type { Attempt, Delivery, Outcome, Progress } from '../../delivery.ts'
import type { ClaimOptions, NewDelivery, Store } from '../../stores/store.ts'
import type { Entry } from './model.ts'
import { acceptedAt, attemptOf, dead, delivered, disabled, retryAt } from './samples.ts'
import { give, hooks, ids, newDelivery, someClaims, soon, type Walk } from './walk.ts'

/** Does something to the store and to the model, and compares what they say. */
export type Step = (walk: Walk, store: Store) => Promise<void>

const record: Step = async (walk, store) => {
  const { chance, model } = walk
  const given = Array.from({ length: chance.between(1, 3) }, () => newDelivery(walk))
  const until = soon(walk, 5, 60)
  const recorded = await store.record(given, until)
  assert.equal(recorded.length, given.length)
  for (const [index, { delivery, fresh, token }] of recorded.entries()) {
    const isFresh = model.record(given[index] as NewDelivery)
    assert.equal(fresh, isFresh)
    assert.deepEqual(delivery, model.entry(delivery.id)?.delivery)
    assert.equal(token !== undefined, isFresh && given[index]?.dueAt === undefined)
    if (token !== undefined) give(walk, store, { delivery, token }, until)
  }
}

const claim: Step = async (walk, store) => {
  const { chance, model, now } = walk
  const limits: ClaimOptions['hooks'] = new Map(chance.some(hooks, 3).map((hook) => [hook, chance.below(4)]))
  const until = soon(walk, 5, 60)
  const claims = await store.claim({ hooks: limits, now, until })
  for (const [hook, limit] of limits) {
    const given = claims.map(({ delivery }) => delivery).filter(({ hookId }) => hookId === hook)
    areLongestDue(given, model.claimable(hook, now), limit)
  }
  assert.ok(
    claims.every(({ delivery }) => limits.has(delivery.hookId)),
    'Expected claims of these hooks alone',
  )
  assert.equal(new Set(claims.map(({ delivery }) => delivery.id)).size, claims.length)
  for (const given of claims) give(walk, store, given, until)
}

/** A lease that has ended may count from its end, or from when the delivery was due. */
function areLongestDue(given: readonly Delivery[], claimable: readonly Entry[], limit: number): void {
  const entries = given.map(({ id }) => claimable.find(({ delivery }) => delivery.id === id))
  assert.deepEqual(
    given,
    entries.map((entry) => entry?.delivery),
    'Expected what is claimable',
  )
  const isInOrder = [dueAt, claimableAt].some((time) => {
    const due = claimable.map(time).toSorted((one, other) => one - other)
    return String(entries.map(time)) === String(due.slice(0, limit))
  })
  assert.ok(isInOrder, `Expected the longest due, got ${given.map(({ id }) => id).join(', ')}`)
}

function dueAt(entry?: Entry): number {
  return entry?.delivery.dueAt ?? Infinity
}

function claimableAt(entry?: Entry): number {
  return entry?.leasedUntil ?? dueAt(entry)
}

const renew: Step = async (walk, store) => {
  const claims = someClaims(walk, store, 3)
  const leases = claims.map((given) => walk.model.held(given)?.leasedUntil ?? walk.now)
  const until = Math.max(...leases, walk.now) + walk.chance.between(1, 30) * 1000
  const held = claims.map((given) => walk.model.held(given))
  assert.deepEqual(
    await store.renew(claims, until),
    held.map((entry) => entry !== undefined),
  )
  for (const entry of held) if (entry !== undefined) entry.leasedUntil = until
}

const handBack: Step = async (walk, store) => {
  const claims = someClaims(walk, store, 3)
  const dueAt = walk.chance.percent(50) ? soon(walk, -10, 60) : undefined
  await store.release(claims, dueAt)
  for (const given of claims) {
    const entry = walk.model.held(given)
    if (entry !== undefined) walk.model.release(entry, dueAt)
  }
}

const mark: Step = async (walk, store) => {
  for (const given of someClaims(walk, store, 1)) {
    const entry = walk.model.held(given)
    const { step, attempt } = entry?.delivery.progress ?? { step: 0, attempt: 0 }
    const progress: Progress = { step, at: walk.now, attempt, sending: true }
    if (entry !== undefined) walk.model.mark(entry, progress)
    assert.equal(await store.mark(given, progress), entry !== undefined)
  }
}

/** Which request an attempt may have been, and what its answer told. */
const requests: readonly Partial<Attempt>[] = [
  {},
  {},
  { remote: { status: 'failed', error: 'out of memory' } },
  { step: 1, remote: { id: 'dpl_1', url: 'https://one.example/dpl_1' } },
  { step: 2, remote: {} },
  { step: 'poll', remote: { status: 'running' } },
]

const settle: Step = async (walk, store) => {
  const { model, chance, now } = walk
  for (const given of someClaims(walk, store, 1)) {
    const outcomes: readonly Outcome[] = [
      delivered,
      dead,
      retryAt(soon(walk, -5, 60)),
      retryAt(soon(walk, 1, 90)),
      acceptedAt(soon(walk, 1, 90)),
      acceptedAt(soon(walk, -5, 60)),
    ]
    const facts = {
      startedAt: now - 5,
      endedAt: now,
      timings: { totalMs: chance.below(1e6) / 7 },
      status: 200,
      ...chance.pick(requests),
    }
    const attempt = attemptOf(given, chance.pick(outcomes), facts)
    const entry = model.held(given)
    const expected = entry === undefined ? undefined : model.settle(entry, attempt)
    assert.deepEqual(await store.settle(given, attempt), expected)
  }
}

const end: Step = async (walk, store) => {
  for (const given of someClaims(walk, store, 1)) {
    const entry = walk.model.held(given)
    const expected = entry === undefined ? undefined : walk.model.end(entry, disabled, walk.now)
    assert.deepEqual(await store.end(given, disabled, walk.now), expected)
  }
}

/** Not of those whose lease has ended: a store may or may not have noticed. */
const reschedule: Step = async (walk, store) => {
  const { model, chance, now } = walk
  const due = chance
    .some(ids, 3)
    .filter((id) => (model.entry(id)?.leasedUntil ?? Infinity) > now)
    .map((id) => ({ id, dueAt: soon(walk, -10, 60) }))
  assert.deepEqual(
    await store.reschedule(due),
    due.map(({ id, dueAt }) => model.reschedule(id, dueAt)),
  )
}

const prune: Step = async (walk, store) => {
  const olderThan = soon(walk, -90, 0)
  assert.equal(await store.prune(olderThan), walk.model.prune(olderThan))
}

const wait: Step = async (walk) => {
  walk.now += walk.chance.between(0, 25_000)
}

/** By name, those that are to come more often more than once. */
export const steps: readonly (readonly [name: string, step: Step])[] = [
  ...(['record', 'claim', 'settle', 'wait'] as const).flatMap((name) =>
    [1, 2, 3].map(() => [name, { record, claim, settle, wait }[name]] as const),
  ),
  ['renew', renew],
  ['release', handBack],
  ['mark', mark],
  ['end', end],
  ['reschedule', reschedule],
  ['prune', prune],
]
