import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesPattern } from '../../src/hooks/apps.ts'
import type { Hook } from '../../src/hooks/hook.ts'
import { PatternIndex } from '../../src/hooks/pattern-index.ts'
import { Wanting } from '../../src/hooks/wanting.ts'
import { createDispatcher, type ReleaseInput, type Stage } from '../../src/index.ts'
import { answer, fakeTransport } from './fake-transport.ts'

const names = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 4 })
const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 4 })

describe('an index of patterns', () => {
  it('finds what looking at each would find, in its order and once', () => {
    const lists = fc.array(fc.array(patterns, { maxLength: 3 }), { maxLength: 12 })
    const property = fc.property(lists, names, (given, name) => {
      const index = new PatternIndex<number>()
      for (const [value, list] of given.entries()) index.add(list, value)
      const matching = given.flatMap((list, value) =>
        list.some((pattern) => matchesPattern(name, pattern)) ? [value] : [],
      )
      expect(index.find(name)).toEqual(matching)
    })
    fc.assert(property, { numRuns: 2000 })
  })
})

type Wishes = Pick<Hook, 'after' | 'apps' | 'environments'>

describe('hooks that want a release', () => {
  const stage: fc.Arbitrary<Stage> = fc.constantFrom('released', 'succeeded', 'failed', 'rolled-back')
  const list = fc.option(fc.array(patterns, { minLength: 1, maxLength: 2 }), { nil: undefined })
  const wishes = fc.record({
    after: fc.array(stage, { minLength: 1 }).map((stages) => new Set(stages)),
    apps: list,
    environments: list,
  })

  it('are those whose stages, apps and environments it is in', () => {
    const environments = fc.option(names, { nil: undefined })
    const property = fc.property(
      fc.array(wishes, { maxLength: 8 }),
      stage,
      names,
      environments,
      (given, at, app, environment) => {
        const release = { app, environment, ...(at !== 'released' && { stage: at }) }
        const wanting = new Wanting(given as unknown as Hook[]).of(release as never)
        expect(wanting).toEqual(given.filter((wish) => isWanted(wish, at, app, environment)))
      },
    )
    fc.assert(property, { numRuns: 2000 })
  })

  it('of one environment hear of no release without one', async () => {
    const transport = fakeTransport(() => answer(200))
    const url = 'https://hooks.example.com/'
    const hooks = [
      { url: `${url}all` },
      { url: `${url}live`, environments: ['production', 'eu-*'] },
      { url: `${url}some`, environments: ['*'] },
    ]
    await using dispatcher = createDispatcher({ hooks, secret: 'topsecret', transport })
    const told = async (facts: Partial<ReleaseInput>): Promise<readonly string[]> => {
      const release = { app: 'web', version: 1, user: 'gabrtv', sha: '35b3726', ...facts }
      const { deliveries } = await dispatcher.dispatch(release)
      const shown = new Map(dispatcher.hooks().map((hook) => [hook.id, hook.url]))
      return deliveries.map(({ hookId }) => (shown.get(hookId) as string).slice(url.length))
    }
    expect(await told({})).toEqual(['all'])
    expect(await told({ environment: 'staging' })).toEqual(['all', 'some'])
    expect(await told({ environment: 'eu-1' })).toEqual(['all', 'live', 'some'])
    expect(await told({ environment: 'production' })).toEqual(['all', 'live', 'some'])
  })
})

function isWanted({ after, apps, environments }: Wishes, stage: Stage, app: string, environment?: string) {
  const isNamed = (list: readonly string[], name: string): boolean =>
    list.some((pattern) => matchesPattern(name, pattern))
  if (!after.has(stage) || (apps !== undefined && !isNamed(apps, app))) return false
  return environments === undefined || (environment !== undefined && isNamed(environments, environment))
}
