import { describe, expect, it, onTestFinished } from 'vitest'
import type { Store } from '../../src/index.ts'
import type { LaneMember, LaneWorker } from '../../src/stores/shared-lanes.ts'
import { newSchema, open, query } from './postgres-fixture.ts'

/** A worker that knows these hooks. @returns memories of the lanes that it was given, by hook */
async function join(
  store: Store,
  hooks: readonly string[],
): Promise<Map<string, unknown> & { leave?: () => Promise<void> }> {
  const given = new Map<string, unknown>()
  const worker: LaneWorker = {
    hooks,
    given: (hookId, memory) => void given.set(hookId, memory),
    asked: () => undefined,
    lost: () => undefined,
    due: () => undefined,
    memory: (hookId) => ({ of: hookId }),
    failed: () => undefined,
  }
  const member = (await store.lanes?.join(worker)) as LaneMember
  onTestFinished(() => member.leave())
  return Object.assign(given, { leave: () => member.leave() })
}

async function jobsIn(schema: string): Promise<readonly unknown[]> {
  const { rows } = await query(
    `SELECT singleton_key FROM ${schema}_pgboss.job WHERE name = 'lanes' ORDER BY 1`,
  )
  return rows.map((row: { singleton_key: string }) => row.singleton_key)
}

const first = { limit: 100, now: 0 }

describe('a lane whose hook has another id', () => {
  it('hands over what its last worker remembered, and leaves nothing of the former id', async () => {
    const schema = newSchema()
    const store = open({ schema })
    const before = await join(store, ['former'])
    await expect.poll(() => [...before.keys()]).toEqual(['former'])
    await before.leave?.()
    await store.moveHooks(new Map([['former', 'new']]), first)
    const after = await join(store, ['new'])
    await expect.poll(() => after.get('new')).toEqual({ of: 'former' })
    expect(await jobsIn(schema)).toEqual(['new'])
    const { rows } = await query(`SELECT hook_id FROM ${schema}.lanes`)
    expect(rows).toEqual([{ hook_id: 'new' }])
  })

  it('stays with a worker of the version before for as long as it lives, beside one of this version', async () => {
    const schema = newSchema()
    const store = open({ schema })
    const before = await join(store, ['former'])
    await expect.poll(() => [...before.keys()]).toEqual(['former'])
    const moves = new Map([['former', 'new']])
    await store.moveHooks(moves, first)
    const after = await join(store, ['new'])
    await expect.poll(() => [...after.keys()]).toEqual(['new'])
    await store.moveHooks(moves, first)
    const lanes = async (): Promise<unknown> =>
      (await query(`SELECT hook_id, worker IS NULL AS free FROM ${schema}.lanes ORDER BY hook_id`)).rows
    expect(await lanes()).toEqual([
      { hook_id: 'former', free: false },
      { hook_id: 'new', free: false },
    ])
    await before.leave?.()
    await store.moveHooks(moves, first)
    expect(await lanes()).toEqual([{ hook_id: 'new', free: false }])
    expect(await jobsIn(schema)).toEqual(['new'])
  })
})
