import { describe, expect, it } from 'vitest'
import type { Store } from '../../src/index.ts'
import type { TriggerRecords } from '../../src/triggers/index.ts'
import { newer } from './before.ts'

const started = Date.parse('2026-01-01T00:00:00Z')
/** So many minutes after the clock of the version before began. */
const at = (minutes: number): number => started + minutes * 60_000
const hour = 3_600_000

function recordsOf({ triggers }: Store): TriggerRecords {
  if (triggers === undefined) throw new Error('Expected a store with triggers')
  return triggers
}

/** Every deployment that the version before left, with its status. */
const deployments = {
  dep_waiting: 'waiting',
  dep_starting: 'starting',
  dep_running: 'running',
  dep_succeeded: 'succeeded',
  dep_failed: 'failed',
  dep_skipped: 'skipped',
  dep_canceled: 'canceled',
  dep_again: 'waiting',
  dep_unknown: 'unknown',
  dep_next: 'waiting',
}

describe.each(Object.entries(newer))('a %s store of the version before', (_, open) => {
  it('has every delivery and every state of a hook that was in it', async () => {
    const store = await open()
    const counts = (await store.counts()).map(({ hookId, state, count }) => `${hookId} ${state} ${count}`)
    expect(counts.toSorted()).toEqual(['one delivered 1', 'one waiting 1', 'three dead 1', 'two dead 1'])
    const states = (await store.hookStates()).map(
      ({ hookId, enabled, reason }) => `${hookId} ${enabled} ${reason}`,
    )
    expect(states.toSorted()).toEqual(['one true failing', 'three false gone', 'two false operator'])
  })

  it('has every trigger, call and deployment that was in it, and no start of it has failed', async () => {
    const records = recordsOf(await open())
    for (const [id, status] of Object.entries(deployments)) {
      const deployment = await records.deployment(id)
      expect(deployment).toMatchObject({ id, status, failures: 0, triggerId: 'trg_1' })
    }
    expect(await records.deploymentBy('ext_failed')).toMatchObject({ id: 'dep_failed', error: 'no' })
    expect((await records.calls('trg_1', 100)).length).toBe(11)
    const found = await Promise.all(
      ['digest of trg_1', 'digest of trg_2', 'second of trg_2', 'digest of trg_3'].map((digest) =>
        records.find(digest, at(60), 10),
      ),
    )
    expect(found.map((each) => each?.trigger.id)).toEqual(['trg_1', 'trg_2', 'trg_2', undefined])
  })

  it('goes on with what it was starting when it was killed, and with what waits', async () => {
    const records = recordsOf(await open())
    const start = async (lane: string, minutes: number): Promise<readonly unknown[] | undefined> => {
      const begun = await records.start(lane, at(minutes), at(minutes + 1), hour)
      return begun && [begun.deployment.id, begun.deployment.callId, begun.deployment.attempt, begun.cancels]
    }
    expect(await start('lane starting', 60)).toEqual(['dep_starting', 'trc_starting', 2, []])
    expect(await start('lane waiting', 60)).toEqual(['dep_waiting', 'trc_waiting', 1, []])
    expect(await start('lane again', 60)).toBeUndefined()
    expect(await start('lane again', 90)).toEqual(['dep_again', 'trc_again', 2, []])
    expect(await start('lane running', 60)).toBeUndefined()
    const failed = await records.notStarted('dep_again', 2, 'no', null, at(91), 1)
    expect(failed).toBe(true)
    expect(await records.deployment('dep_again')).toMatchObject({ status: 'failed', failures: 1 })
    expect((await records.dueLanes(at(300), 10, hour)).toSorted()).toEqual([
      'lane starting',
      'lane unknown',
      'lane waiting',
    ])
  })

  it('knows a call by the key that it came with before', async () => {
    const records = recordsOf(await open())
    const call = { id: 'trc_new', triggerId: 'trg_1', at: at(60), facts: { params: {} } }
    const taken = await records.take({
      triggerId: 'trg_1',
      digest: 'digest of trg_1',
      call,
      deploymentId: 'dep_new',
      lane: 'lane new',
      overlap: 'queue',
      depth: 0,
      perMinute: 1000,
      countsMerged: false,
      runsAtMostMs: hour,
      key: { key: 'k', fingerprint: 'f' },
    })
    expect(taken).toMatchObject({ outcome: 'repeated', deployment: { id: 'dep_running' } })
  })
})
