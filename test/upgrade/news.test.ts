import { describe, expect, it } from 'vitest'
import type { DispatchOptions, Dispatcher, ReleaseInput } from '../../src/index.ts'
import { formerDeliveryId } from '../../src/stores/ledger/telling.ts'
import { before, largerPostgres, settled, soon, start } from './before.ts'
import { added, hooks } from './hooks.ts'

type Given = Pick<ReleaseInput, 'app' | 'version'> & Partial<ReleaseInput>

/** Told before, and nothing of its scope since, but what was replayed. */
const told: Readonly<Record<string, readonly [Given, DispatchOptions?]>> = {
  released: [{ app: 'web', version: 5 }],
  failed: [{ app: 'web', version: 5, stage: 'failed' }],
  'in an environment': [{ app: 'api', version: 7, environment: 'staging' }],
  'in another one, with its time': [
    { app: 'api', version: 3, environment: 'production', at: '2026-01-01T00:04:00Z' },
  ],
  'by a key': [{ app: 'api', version: 4 }, { idempotencyKey: 'deploy-4' }],
  'by a key, and waited': [{ app: 'api', version: 6 }, { idempotencyKey: 'deploy-6' }],
  'to a hook that was disabled': [{ app: 'gone', version: 2 }],
  'and died': [{ app: 'refuses', version: 3 }],
  'and was asked how it went': [{ app: 'ask', version: 1 }],
  'and waits': [{ app: 'newest', version: 2 }],
}

interface News {
  readonly what: string
  readonly given: Given
  readonly options?: DispatchOptions
  /** Names of the receivers. */
  readonly to: readonly string[]
}

/** Not told before, however much it is like something that was. */
const news: readonly News[] = [
  {
    what: 'another stage',
    given: { app: 'web', version: 5, stage: 'succeeded' },
    to: ['audit', 'changes'],
  },
  {
    what: 'another environment',
    given: { app: 'web', version: 5, environment: 'production' },
    to: ['plain', 'audit'],
  },
  { what: 'another commit', given: { app: 'web', version: 5, sha: 'beef' }, to: ['plain', 'audit'] },
  { what: 'a version that is back', given: { app: 'web', version: 1 }, to: ['plain', 'audit'] },
  {
    what: 'a result of a version that is back, which is no change',
    given: { app: 'web', version: 2, stage: 'failed' },
    to: ['audit'],
  },
  {
    what: 'a key of another app',
    given: { app: 'web', version: 5 },
    options: { idempotencyKey: 'deploy-4' },
    to: ['plain', 'audit'],
  },
  { what: 'another version', given: { app: 'web', version: 6 }, to: ['plain', 'audit'] },
  { what: 'what no hook wanted', given: { app: 'nobody', version: 1 }, to: [] },
]

function dispatch(
  dispatcher: Dispatcher,
  given: Given,
  options?: DispatchOptions,
): ReturnType<Dispatcher['dispatch']> {
  return dispatcher.dispatch({ user: 'gabrtv', sha: '35b3726', ...given }, options)
}

const copies = { ...before, 'a larger Postgres': largerPostgres }

describe.each(Object.entries(copies))('to %s of the version before', (_, copy) => {
  it('what it told is a repeat, and is not sent again', async () => {
    const { dispatcher, sent } = await settled(await copy())
    const given = Object.entries(told)
    const twice = [...given, ...given]
    const repeated: (readonly [string, boolean])[] = []
    for (const [what, [release, options]] of twice) {
      const repeat = await dispatch(dispatcher, release, options)
      expect(repeat.deliveries.length).toBeGreaterThan(0)
      repeated.push([what, repeat.repeated])
    }
    expect(repeated).toEqual(twice.map(([what]) => [what, true]))
    await dispatcher.close()
    expect(sent()).toEqual([])
  })

  it.each(news)('what is news is told, once: $what', async ({ given, options, to }) => {
    const dispatcher = start((await copy()).open(), { workers: false })
    const first = await dispatch(dispatcher, given, options)
    const names = new Map(dispatcher.hooks().map(({ id, url }) => [id, /\/\/(.+?)\./u.exec(url)?.[1]]))
    expect(first.deliveries.map(({ hookId }) => names.get(hookId))).toEqual(to)
    const second = await dispatch(dispatcher, given, options)
    expect([first, second].map(({ repeated }) => repeated)).toEqual([false, true])
  })

  it('what it told is news after a day', async () => {
    let now = soon
    const dispatcher = start((await copy()).open(), { workers: false, now: () => now })
    now += 25 * 3_600_000
    const again = await dispatch(dispatcher, { app: 'web', version: 5 })
    expect(again.deliveries.map(({ state, attempts }) => [state, attempts])).toEqual([
      ['waiting', 0],
      ['waiting', 0],
    ])
    expect(again.repeated).toBe(false)
  })

  it('a hook that was added since gets what is repeated, and no other one', async () => {
    const { dispatcher, sent } = await settled(await copy(), { hooks: [...hooks, added] })
    for (let time = 0; time < 2; time += 1) {
      const repeat = await dispatch(dispatcher, { app: 'web', version: 5 })
      expect(repeat.deliveries).toHaveLength(3)
      await repeat.settled()
    }
    expect(sent()).toEqual(['added: web v5'])
  })

  it('what it told is shown with all deliveries that it has', async () => {
    const dispatcher = start((await copy()).open(), { workers: false })
    const repeat = await dispatch(dispatcher, { app: 'web', version: 5, stage: 'failed' })
    expect(repeat.deliveries.map(({ release, state }) => [release.version, state])).toEqual([
      ['v5', 'waiting'],
      ['v5', 'waiting'],
    ])
  })

  it('a result is news when another one came since, whoever heard of that', async () => {
    const old = await copy()
    await old.ask((prefix) => `DELETE FROM ${prefix}deliveries WHERE release_seq IN (30, 31) OR seq = 9`)
    await old.ask((prefix) => `DELETE FROM ${prefix}releases WHERE seq IN (30, 31)`)
    const audit = { id: 'audit', url: 'http://audit.hooks.example/deploy', after: 'failed' } as const
    const dispatcher = start(old.open(), { workers: false, hooks: [audit] })
    const failed = { app: 'web', version: 2, stage: 'failed' } as const
    const dispatches = [await dispatch(dispatcher, failed), await dispatch(dispatcher, failed)]
    expect(dispatches.map(({ repeated }) => repeated)).toEqual([false, true])
  })

  it('a version that was back last has closed those before, and itself since then', async () => {
    const old = await copy()
    const back = { app: 'web', version: 'v2', user: 'gabrtv', summary: '', stage: 'succeeded' } as const
    const id = formerDeliveryId({ release: back }, { hookId: 'audit' })
    await old.ask((prefix) => `UPDATE ${prefix}deliveries SET id = '${id}' WHERE seq = 44`)
    await old.ask(
      (prefix) =>
        `UPDATE ${prefix}releases SET app = 'web', version = 'v2', facts = '{"stage":"succeeded"}' WHERE seq = 33`,
    )
    const repeated = async (version: number, stage: Given['stage']): Promise<boolean> => {
      const dispatcher = start(old.open(), { workers: false })
      return (await dispatch(dispatcher, { app: 'web', version, stage })).repeated
    }
    expect(await repeated(2, 'succeeded')).toBe(true)
    expect(await repeated(2, 'released')).toBe(false)
    expect(await repeated(2, 'succeeded')).toBe(true)
    expect(await repeated(5, 'failed')).toBe(false)
  })

  it('a hook that hears of changes alone goes by what it heard last', async () => {
    const { dispatcher, sent } = await settled(await copy())
    for (const stage of ['failed', 'succeeded', 'succeeded'] as const)
      await (await dispatch(dispatcher, { app: 'web', version: 6, stage })).settled()
    expect(sent().toSorted()).toEqual([
      'audit: web v6 failed',
      'audit: web v6 succeeded',
      'changes: web v6 succeeded',
    ])
  })

  it('what waits is superseded by a newer one', async () => {
    const { dispatcher, sent } = await settled(await copy())
    await (await dispatch(dispatcher, { app: 'newest', version: 3 })).settled()
    expect(sent()).toEqual(['newest: newest v3'])
    const dead = async (): Promise<unknown> => {
      const found = await Array.fromAsync(dispatcher.deliveries({ app: 'newest', state: 'dead' }))
      return found.map(({ release }) => release.version)
    }
    await expect.poll(dead).toEqual(['v1', 'v2'])
  })
})
