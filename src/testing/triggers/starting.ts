import assert from 'node:assert/strict'
import type { Behaviours, SharedBehaviours } from '../store/behaviours.ts'
import { at, createTrigger, recordsOf, runsAtMostMs, startNext, taking } from './samples.ts'

export const starting: Behaviours = {
  async 'gives a deployment to one starter at a time, and to another one when its time is over'(store) {
    const records = await createTrigger(store, { id: 't' })
    await records.take(taking('1', 1))
    const begun = await records.start('lane', at(2), at(30), runsAtMostMs)
    assert.deepEqual([begun?.deployment.status, begun?.deployment.attempt], ['starting', 1])
    assert.equal(await records.start('lane', at(30) - 1, at(60), runsAtMostMs), undefined)
    assert.deepEqual(await records.dueLanes(at(30) - 1, 10, runsAtMostMs), [])
    assert.equal(await records.nextDueAt(at(3)), at(30))
    assert.deepEqual(await records.dueLanes(at(30), 10, runsAtMostMs), ['lane'])
    const again = await records.start('lane', at(30), at(60), runsAtMostMs)
    assert.equal(again?.deployment.attempt, 2)
    assert.equal(again.deployment.callId, 'call 1')
    assert.equal(await records.started('deployment 1', 1, { status: 'running' }, at(31)), false)
    assert.equal(await records.notStarted('deployment 1', 1, 'late', null, at(31), 1), false)
    assert.equal(await records.started('deployment 1', 2, { status: 'running' }, at(31)), true)
  },

  async 'starts the next one when the one before has ended, found by either id'(store) {
    const records = await createTrigger(store, { id: 't' })
    for (const id of ['1', '2', '3']) await records.take(taking(id, 1, { overlap: 'queue' }))
    assert.equal(await startNext(records, 1), 'deployment 1')
    assert.equal(await startNext(records, 2), undefined)
    const end = { now: at(3), url: 'https://web.example/', error: 'no' }
    const before = await records.finish('external deployment 1', 'failed', end)
    assert.equal(before?.status, 'running')
    const { status, finishedAt, url, error } = (await records.deployment('deployment 1')) ?? {}
    assert.deepEqual([status, finishedAt, url, error], ['failed', at(3), 'https://web.example/', 'no'])
    assert.equal(await startNext(records, 4), 'deployment 2')
    await records.finish('deployment 2', 'succeeded', { now: at(5) })
    await records.finish('deployment 2', 'failed', { now: at(6) })
    assert.equal((await records.deployment('deployment 2'))?.status, 'succeeded')
    assert.equal(await records.finish('nobody', 'failed', { now: at(6) }), undefined)
    assert.equal((await records.deploymentBy('external deployment 2'))?.id, 'deployment 2')
    assert.equal(await startNext(records, 7), 'deployment 3')
  },

  async 'has one that takes the place of another start at once, and cancels that'(store) {
    const records = await createTrigger(store, { id: 't' })
    await records.take(taking('1', 1))
    await startNext(records, 1)
    await records.take(taking('2', 2, { overlap: 'cancel' }))
    const begun = await records.start('lane', at(3), at(30), runsAtMostMs)
    assert.equal(begun?.deployment.id, 'deployment 2')
    assert.deepEqual(
      begun.cancels.map(({ id, externalId }) => [id, externalId]),
      [['deployment 1', 'external deployment 1']],
    )
    assert.equal((await records.deployment('deployment 1'))?.status, 'canceled')
    const again = await records.start('lane', at(30), at(60), runsAtMostMs) // whoever began it has died
    assert.deepEqual(
      again?.cancels.map(({ id }) => id),
      ['deployment 1'],
    )
  },

  async 'gives a lane as due when its first one may start, and once, however many wait in it'(store) {
    const records = await createTrigger(store, { id: 't' })
    await records.take(taking('1', 1))
    await startNext(records, 1)
    for (const id of ['2', '3']) await records.take(taking(id, 2, { overlap: 'queue', perMinute: 10 }))
    await records.take(taking('4', 3, { overlap: 'cancel', perMinute: 10 })) // it is merged into the third
    assert.equal(await records.start('lane', at(4), at(30), runsAtMostMs), undefined)
    assert.deepEqual(await records.dueLanes(at(4), 10, runsAtMostMs), [])
    await records.take(taking('5', 5, { lane: 'other lane', perMinute: 10 }))
    await records.finish('deployment 1', 'succeeded', { now: at(6) })
    assert.deepEqual(await records.dueLanes(at(7), 2, runsAtMostMs), ['lane', 'other lane'])
  },

  async 'has a start that failed wait, or end'(store) {
    const records = await createTrigger(store, { id: 't' })
    await records.take(taking('1', 1))
    await records.start('lane', at(1), at(30), runsAtMostMs)
    assert.equal(await records.notStarted('deployment 1', 1, 'busy', at(9), at(2), 1), true)
    assert.equal(await startNext(records, 8), undefined)
    const again = await records.start('lane', at(9), at(30), runsAtMostMs)
    assert.equal(again?.deployment.attempt, 2)
    assert.equal(await records.notStarted('deployment 1', 2, 'gone', null, at(10), 2), true)
    const { status, error, finishedAt, failures } = (await records.deployment('deployment 1')) ?? {}
    assert.deepEqual([status, error, finishedAt, failures], ['failed', 'gone', at(10), 2])
  },

  async 'takes one that runs for too long for ended, when another one waits'(store) {
    const records = await createTrigger(store, { id: 't' })
    await records.take(taking('1', 1))
    await startNext(records, 1)
    await records.take(taking('2', 2))
    const over = 1 + runsAtMostMs / 1000
    assert.deepEqual(await records.dueLanes(at(over) - 1, 10, runsAtMostMs), [])
    assert.deepEqual(await records.dueLanes(at(over), 10, runsAtMostMs), ['lane'])
    assert.equal(await startNext(records, over), 'deployment 2')
    assert.equal((await records.deployment('deployment 1'))?.status, 'unknown')
  },
}

export const sharedTriggers: SharedBehaviours = {
  async 'shows another instance what was made, and has it hold to what was revoked'(store, reopen) {
    const records = await createTrigger(store, { id: 't' })
    const another = recordsOf(await reopen())
    assert.deepEqual(await another.get('t'), await records.get('t'))
    await records.take(taking('1', 1))
    assert.deepEqual(await another.deployment('deployment 1'), await records.deployment('deployment 1'))
    await another.revoke('t', at(2), false)
    assert.equal(await records.find('digest of t', at(2), 10), undefined)
    assert.equal((await records.take(taking('2', 2))).outcome, 'unknown')
  },

  async 'makes one deployment of calls that come to several instances at once'(store, reopen) {
    const records = await createTrigger(store, { id: 't' })
    const another = recordsOf(await reopen())
    const taken = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? records : another).take(taking(String(index), 1)),
      ),
    )
    const outcomes = taken.map(({ outcome }) => outcome)
    assert.equal(outcomes.filter((outcome) => outcome === 'started').length, 1)
    assert.equal(outcomes.filter((outcome) => outcome === 'merged').length, 19)
    const ids = new Set(taken.map((each) => 'deployment' in each && each.deployment.id))
    assert.equal(ids.size, 1)
    assert.equal((await records.calls('t', 100)).length, 20)
  },

  async 'counts the calls of all instances together'(store, reopen) {
    const records = await createTrigger(store, { id: 't' })
    const another = recordsOf(await reopen())
    const queue = { overlap: 'queue', perMinute: 5 } as const
    const taken = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? records : another).take(taking(String(index), 1, queue)),
      ),
    )
    const started = taken.filter(({ outcome }) => outcome === 'started').length
    const refused = taken.filter(({ outcome }) => outcome === 'rate_limited').length
    assert.deepEqual([started, refused], [5, 15])
  },

  async 'gives a deployment to one of several instances'(store, reopen) {
    const records = await createTrigger(store, { id: 't' })
    const another = recordsOf(await reopen())
    await records.take(taking('1', 1))
    const begun = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        (index % 2 === 0 ? records : another).start('lane', at(2), at(30), runsAtMostMs),
      ),
    )
    assert.equal(begun.filter((each) => each !== undefined).length, 1)
  },
}
