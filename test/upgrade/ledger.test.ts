import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import type { DispatchOptions, ReleaseInput } from '../../src/index.ts'
import { open as openSqlite } from '../stores/sqlite-fixture.ts'
import { sqliteFile, start } from './before.ts'

type Given = Partial<ReleaseInput> & Pick<ReleaseInput, 'version'>
type Case = readonly [what: string, given: Given, options?: DispatchOptions]

/** What the version before told, and nothing has closed since. */
const told: readonly Case[] = [
  ['a release with a deployment', { version: 30, deployment: 'd-1' }],
  ['a result with a deployment', { version: 30, deployment: 'd-1', stage: 'failed' }],
  [
    'a time that was late',
    { version: 30, deployment: 'd-1', stage: 'succeeded', at: '2026-01-01T02:39:00Z' },
  ],
  ['another deployment beside it', { version: 31, deployment: 'd-2' }],
  ['a release of a tenant', { app: 'api', version: 40, environment: 'production', tenant: 'acme' }],
  ['a key', { app: 'api', version: 99 }, { idempotencyKey: 'by-key' }],
  ['a key of a result', { app: 'api', version: 99, stage: 'failed' }, { idempotencyKey: 'by-key' }],
  ['what no hook wanted', { app: 'nobody', version: 50 }],
  ['a time, whatever came since', { app: 'api', version: 43, at: '2026-01-01T02:45:00Z' }],
  ['the last release of an app', { app: 'api', version: 44 }],
]

const news: readonly Case[] = [
  ['a rollout that another one closed', { version: 20, sha: 'aaaa' }],
  ['the last result of one', { version: 21, sha: 'bbbb', stage: 'succeeded' }],
  ['a result that was not its last one', { version: 21, sha: 'bbbb', stage: 'failed' }],
  ['another commit', { version: 21, sha: 'cccc' }],
  ['another deployment', { version: 30, deployment: 'd-3' }],
  ['another key', { app: 'api', version: 44 }, { idempotencyKey: 'another' }],
  ['a version that was closed by the next one', { app: 'api', version: 41 }],
  ['a tenant of its own', { app: 'api', version: 44, tenant: 'acme' }],
]

describe('of a file of schema version 6', () => {
  it('what was told is a repeat', async () => {
    const dispatcher = start(openSqlite(await sqliteFile(6)), { workers: false })
    const repeats: string[] = []
    for (const [what, given, options] of told) {
      const { repeated } = await dispatcher.dispatch({ app: 'web', user: 'gabrtv', ...given }, options)
      if (repeated) repeats.push(what)
    }
    expect(repeats).toEqual(told.map(([what]) => what))
  })

  it.each(news.map(([what, given, options = {}]) => ({ what, given, options })))(
    '$what is told',
    async ({ given, options }) => {
      const dispatcher = start(openSqlite(await sqliteFile(6)), { workers: false })
      const { repeated } = await dispatcher.dispatch({ app: 'web', user: 'gabrtv', ...given }, options)
      expect(repeated).toBe(false)
    },
  )

  it('every delivery is as it was, in whatever state', async () => {
    const path = await sqliteFile(6)
    const states = (): unknown => {
      using db = new DatabaseSync(path, { readOnly: true })
      return db
        .prepare(
          'SELECT id, state, attempts, due_at, settled_at, reason, verdict, remote, progress FROM deliveries',
        )
        .all()
    }
    const before = states()
    const store = openSqlite(path)
    expect((await store.counts()).length).toBeGreaterThan(0)
    expect(states()).toEqual(before)
    expect(new Set((await store.counts()).map(({ state }) => state))).toEqual(
      new Set(['waiting', 'delivered', 'dead']),
    )
  })
})
