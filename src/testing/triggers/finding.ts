import assert from 'node:assert/strict'
import type { Behaviours } from '../store/behaviours.ts'
import { at, createTrigger, perMinute, recordsOf, taking } from './samples.ts'

export const finding: Behaviours = {
  async 'finds a trigger by the digest of its token, with all that was kept of it'(store) {
    const settings = { name: 'zoë \u{1F680}', params: ['branch'], debounce: { quietMs: 1, maxWaitMs: 2 } }
    const records = await createTrigger(store, { id: 't', tenant: 'acme', settings, expiresAt: at(50) })
    const found = await records.find('digest of t', at(1), perMinute)
    assert.ok(found !== undefined)
    assert.deepEqual(found.trigger, await records.get('t'))
    assert.deepEqual(found.trigger.settings, settings)
    assert.deepEqual([found.trigger.tenant, found.trigger.expiresAt], ['acme', at(50)])
    assert.deepEqual(found.token, { digest: 'digest of t', hint: 'abcd' })
    assert.deepEqual([found.rate.left, found.mayMerge], [perMinute, false])
    assert.equal(await records.find('digest of u', at(1), perMinute), undefined)
  },

  async 'does not find a trigger that has expired or was revoked, but identifies it'(store) {
    const records = await createTrigger(store, { id: 't', expiresAt: at(10) })
    assert.ok(await records.find('digest of t', at(10) - 1, perMinute))
    assert.equal(await records.find('digest of t', at(10), perMinute), undefined)
    await createTrigger(store, { id: 'u' })
    assert.equal(await records.revoke('u', at(5), false), true)
    assert.equal(await records.revoke('nobody', at(5), false), false)
    assert.equal(await records.find('digest of u', at(4), perMinute), undefined)
    assert.equal((await records.identify('digest of u'))?.trigger.revokedAt, at(5))
    assert.equal((await records.identify('digest of t'))?.trigger.id, 't')
    assert.equal(await records.identify('digest of nobody'), undefined)
  },

  async 'lists triggers by tenant, app and environment, in the order of their ids, page by page'(store) {
    for (const id of ['c', 'a', 'b']) await createTrigger(store, { id, tenant: 'acme' })
    const records = await createTrigger(store, { id: 'd', app: 'other', environment: undefined })
    const ids = async (...args: Parameters<typeof records.list>): Promise<readonly string[]> =>
      (await records.list(...args)).map(({ id }) => id)
    assert.deepEqual(await ids({}, { limit: 10 }), ['a', 'b', 'c', 'd'])
    assert.deepEqual(await ids({ tenant: 'acme' }, { limit: 2 }), ['a', 'b'])
    assert.deepEqual(await ids({ tenant: 'acme' }, { after: 'b', limit: 2 }), ['c'])
    assert.deepEqual(await ids({ app: 'other' }, { limit: 2 }), ['d'])
    assert.deepEqual(await ids({ app: 'web', environment: 'staging' }, { limit: 2 }), [])
  },

  async 'changes the settings and the expiry of a trigger that was not revoked'(store) {
    const records = await createTrigger(store, { id: 't', settings: { name: 'one' } })
    assert.equal(await records.update('t', { name: 'two' }, at(9)), true)
    assert.deepEqual((await records.get('t'))?.settings, { name: 'two' })
    assert.equal((await records.get('t'))?.expiresAt, at(9))
    await records.update('t', { name: 'two' }, null)
    assert.equal((await records.get('t'))?.expiresAt, undefined)
    await records.revoke('t', at(1), false)
    assert.equal(await records.update('t', { name: 'three' }, null), false)
    assert.equal(await records.update('nobody', {}, null), false)
  },

  async 'has the tokens before a new one hold for as long as is said, and no longer than they did'(store) {
    const records = await createTrigger(store, { id: 't' })
    const rotated = { digest: 'second', hint: 'efgh' }
    assert.equal(await records.rotate('t', rotated, at(100), at(10)), true)
    for (const digest of ['digest of t', 'second'])
      assert.ok(await records.find(digest, at(100) - 1, perMinute))
    assert.equal(await records.find('digest of t', at(100), perMinute), undefined)
    assert.equal(await records.rotate('t', { digest: 'third', hint: 'ijkl' }, at(200), at(20)), true)
    assert.equal(await records.find('digest of t', at(100), perMinute), undefined)
    assert.ok(await records.find('second', at(200) - 1, perMinute))
    assert.ok(await records.find('third', at(300), perMinute))
    assert.deepEqual(
      (await records.get('t'))?.tokens.map(({ digest }) => digest),
      ['third', 'second', 'digest of t'],
    )
    await records.revoke('t', at(30), false)
    assert.equal(await records.rotate('t', { digest: 'fourth', hint: 'mnop' }, at(200), at(31)), false)
  },

  async 'keeps the calls of a trigger, refused ones too, the newest first'(store) {
    const records = await createTrigger(store, { id: 't' })
    const refused = { id: 'refused', triggerId: 't', at: at(1), outcome: 'source_refused', address: '::1' }
    await records.refuse(refused)
    await records.take(taking('1', 2))
    const [last, first] = await records.calls('t', 10)
    assert.deepEqual(first, refused)
    assert.deepEqual([last?.outcome, last?.deploymentId], ['started', 'deployment 1'])
    assert.deepEqual(await records.call('refused'), refused)
    assert.equal((await records.calls('t', 1)).length, 1)
    assert.deepEqual(await records.calls('u', 10), [])
  },

  async 'forgets what ended before a time, and triggers of which nothing is left'(store) {
    const records = await createTrigger(store, { id: 't' })
    await createTrigger(store, { id: 'u' })
    await records.take(taking('1', 1))
    await records.finish('deployment 1', 'succeeded', { now: at(5) })
    await records.revoke('t', at(6), false)
    assert.equal(await records.prune(at(5)), 0)
    assert.equal(await records.prune(at(100)), 1)
    assert.equal(await records.deployment('deployment 1'), undefined)
    assert.equal(await records.get('t'), undefined)
    assert.deepEqual(await records.calls('t', 10), [])
    assert.equal((await recordsOf(store).get('u'))?.id, 'u')
  },
}
