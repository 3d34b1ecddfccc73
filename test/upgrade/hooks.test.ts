import { hash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { before, settled } from './before.ts'
import { hooks } from './hooks.ts'

/** What the version before called the hook that was given no id. */
function formerIdOf({ id, url = '', target }: (typeof hooks)[number]): string {
  const key = target === undefined ? url : `${url}\n${target.name}`
  return id ?? `hook_${hash('sha256', key, 'hex').slice(0, 16)}`
}

describe.each(Object.entries(before))('a hook of %s of the version before', (_, copy) => {
  it('has all that it had under its new id, and nothing is left under the former one', async () => {
    const old = await copy()
    const had = await old.ask((prefix) => `SELECT id, hook_id FROM ${prefix}deliveries ORDER BY seq`)
    const { dispatcher } = await settled(old)
    const ids = dispatcher.hooks().map(({ id }) => id)
    const moved = new Map(hooks.map((hook, index) => [formerIdOf(hook), ids[index]]))
    expect(moved.size).toBe(hooks.length)
    const rows = async (): Promise<readonly unknown[]> =>
      (await old.ask((prefix) => `SELECT id, hook_id FROM ${prefix}deliveries ORDER BY seq`)).slice(
        0,
        had.length,
      )
    await expect
      .poll(rows)
      .toEqual(had.map((each) => ({ ...each, hook_id: moved.get(String(each['hook_id'])) })))
    const states = await old.ask((prefix) => `SELECT id FROM ${prefix}hooks`)
    expect(ids).toEqual(expect.arrayContaining(states.map(({ id }) => id)))
  })

  it('stays disabled for the reason it was, or goes on failing since it did', async () => {
    const { dispatcher, sent } = await settled(await copy())
    const [, , , , down, , gone, unwanted, off, later] = dispatcher.hooks()
    expect([gone, unwanted, off].map((hook) => hook?.disabled)).toEqual([
      { reason: 'gone', since: Date.parse('2026-01-01T00:08:00Z') },
      { reason: 'unwanted', since: Date.parse('2026-01-01T00:09:00Z') },
      { reason: 'operator', since: Date.parse('2026-01-01T02:36:00Z') },
    ])
    expect([down, later].map((hook) => hook?.failingSince)).toEqual([
      Date.parse('2026-01-01T00:12:00Z'),
      Date.parse('2026-01-01T00:10:00Z'),
    ])
    for (const app of ['gone', 'unwanted', 'off'])
      await (await dispatcher.dispatch({ app, version: 9, user: 'gabrtv' })).settled()
    expect(sent()).toEqual([])
  })

  it('is sent again what died, and what was delivered, when it is replayed', async () => {
    const { dispatcher, sent } = await settled(await copy())
    const dead = await Array.fromAsync(dispatcher.deliveries({ app: 'refuses', state: 'dead' }))
    const delivered = await Array.fromAsync(dispatcher.deliveries({ app: 'api', state: 'delivered' }))
    const replays = await Promise.all(
      [dead.at(-1), delivered.at(0)].map((each) => dispatcher.replay(each?.id ?? '')),
    )
    const again = (await Promise.all(replays.map((replay) => replay.settled()))).flat()
    expect(again.map(({ state, replayOf }) => [state, replayOf])).toEqual([
      ['delivered', dead.at(-1)?.id],
      ['delivered', delivered.at(0)?.id],
    ])
    expect(sent().toSorted()).toEqual(['plain: api v3', 'refuses: refuses v3'])
    const others = await dispatcher.replay({ app: 'refuses' })
    expect(others.ids).toEqual([]) // they were replayed before
  })
})
