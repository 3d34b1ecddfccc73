import { describe, expect, expectTypeOf, it } from 'vitest'
import { createDispatcher, parseHook, type DispatcherOptions, type HookOptions } from '../../src/index.ts'
import { postgresStore, type PostgresPool } from '../../src/stores/postgres/index.ts'
import * as targets from '../../src/targets/index.ts'
import { createTriggers, type TriggersOptions } from '../../src/triggers/index.ts'
import { createReceiver, createStandardVerifier, createVerifier } from '../../src/verify/index.ts'

const url = 'https://hooks.example/deploy'
const token = 't'
type Hooks = DispatcherOptions['hooks']

const pipeline = targets.gitlabPipeline({ project: 1, token, ref: 'main' })

/** It is compiled, and never called. */
const code: Readonly<Record<string, readonly ((...given: never[]) => unknown)[]>> = {
  'a hook without a URL, unless its target has one': [
    // @ts-expect-error -- neither URL nor target
    (): Hooks => [{}],
    // @ts-expect-error -- no URL
    (): Hooks => [{ id: 'a' }],
    // @ts-expect-error -- a URL that may be none
    (given?: string): Hooks => [{ url: given }],
    // @ts-expect-error -- a target that has no URL
    (): Hooks => [{ target: targets.slack() }],
    // @ts-expect-error -- nor has the usual one
    (): Hooks => [{ target: targets.deis() }],
    (): Hooks => [{ url }, url, { url, target: targets.slack() }, { url, target: targets.deis() }],
    (): Hooks => [{ target: targets.buildkite({ organization: 'o', pipeline: 'p', token }) }],
    (): Hooks => [{ target: { ...targets.circleci({ project: 'gh/o/r', token }), pace: { perSecond: 1 } } }],
  ],

  'waiting for the end of what cannot be asked': [
    // @ts-expect-error -- a chat has no end
    (): Hooks => [{ url, target: targets.slack(), waitFor: 'finished' }],
    // @ts-expect-error -- nor has the usual target
    (): Hooks => [{ url, waitFor: 'finished' }],
    // @ts-expect-error -- without a key it cannot be asked
    (): Hooks => [{ url, target: targets.flightcontrol(), waitFor: 'finished' }],
    // @ts-expect-error -- nor here
    (): Hooks => [{ url, target: targets.render(), waitFor: 'finished' }],
    // @ts-expect-error -- nor without an access token
    (): Hooks => [{ target: pipeline, waitFor: 'finished' }],
    // @ts-expect-error -- of which it is not known
    (target: targets.Target): Hooks => [{ url, target, waitFor: 'finished' }],
    // @ts-expect-error -- no such end
    (): Hooks => [{ url, waitFor: 'done' }],
    (): Hooks => [{ url, target: targets.stackblaze(), waitFor: 'finished' }],
    (): Hooks => [{ url, target: targets.flightcontrol({ apiKey: 'k' }), waitFor: 'finished' }],
    (): Hooks => [{ url, target: targets.render({ apiKey: 'k', serviceId: 's' }), waitFor: 'finished' }],
    (target: targets.PollableTarget): Hooks => [{ url, target, waitFor: 'finished' }],
    (target: targets.Target): Hooks => [
      { url, target, waitFor: 'accepted' },
      { url, target },
    ],
  ],

  'a target of your own says what it can': [
    () => {
      const plain = targets.defineTarget({ name: 'a', repeat: 'duplicates', requests: [{}] })
      // @ts-expect-error -- no URL
      const hooks: Hooks = [{ target: plain }]
      return hooks
    },
    () => {
      const secrets = { key: 'k' }
      const polled = targets.defineTarget({
        name: 'a',
        url,
        secrets,
        repeat: 'duplicates',
        requests: [{ headers: (context) => ({ key: context.secrets.key }) }],
        poll: {
          headers: (context) => ({ key: context.secrets.key }),
          status: '/s',
          statuses: {},
          everyMs: 1,
          untilMs: 1,
        },
      })
      expectTypeOf(polled).toExtend<targets.LocatedTarget & targets.PollableTarget>()
      const hooks: Hooks = [{ target: polled, waitFor: 'finished' }]
      return hooks
    },
  ],

  'a secret that is undefined': [
    // @ts-expect-error -- as that of a variable that is not set
    () => createDispatcher({ hooks: [url], secret: undefined }),
    // @ts-expect-error -- the same
    () => createDispatcher({ hooks: [url], secret: process.env['KEY'] }),
    // @ts-expect-error -- the same
    () => createVerifier({ url, secret: process.env['KEY'] }),
    // @ts-expect-error -- the same
    () => createStandardVerifier({ secret: undefined }),
    // @ts-expect-error -- the same
    () => targets.coolify({ token: undefined }),
    () => createDispatcher({ hooks: [url], secret: process.env['KEY'] ?? '' }),
    () => createDispatcher({ hooks: [{ url, secret: undefined }], secret: 'x' }), // that of the dispatcher
  ],

  'a target that was not called': [
    // @ts-expect-error -- slack, not slack()
    (): Hooks => [{ url, target: targets.slack }],
  ],

  'a name that there is not': [
    // @ts-expect-error -- apps
    (): Hooks => [{ url, aps: ['web'] }],
    // @ts-expect-error -- it belongs to verify() and createReceiver()
    () => createVerifier({ url, secret: 'x', seen: () => false }),
    // @ts-expect-error -- a webhook has one channel
    () => targets.slack({ channel: '#ops' }),
    // @ts-expect-error -- it takes nothing
    () => targets.fortrabbit({ apiKey: 'k' }),
    // @ts-expect-error -- part of `pool`
    () => postgresStore({ connectionString: 'postgres://h/d', ssl: true }),
    // @ts-expect-error -- both are needed
    () => createReceiver({}),
  ],

  'options that exclude or need one another': [
    // @ts-expect-error -- a branch or a tag
    () => targets.circleci({ project: 'gh/o/r', token, branch: 'b', tag: 't' }),
    // @ts-expect-error -- needs one of the two
    () => targets.circleci({ project: 'gh/o/r', token, definitionId: 'd' }),
    // @ts-expect-error -- an app or a job
    () => targets.shipmight({ token, imageTag: '1', variables: { A: '1' } }),
    // @ts-expect-error -- of which branch
    () => targets.flightcontrol({ commit: 'c' }),
    // @ts-expect-error -- previews have no branch
    () => targets.flightcontrol({ preview: { pullRequest: 1 }, branch: 'b' }),
    // @ts-expect-error -- of which service
    () => targets.render({ apiKey: 'k' }),
    // @ts-expect-error -- a database
    () => postgresStore({ schema: 's' }),
    // @ts-expect-error -- one of the two
    (pool: PostgresPool) => postgresStore({ connectionString: 'postgres://h/d', pool }),
    // @ts-expect-error -- what is started
    (store: TriggersOptions['store']) => createTriggers({ store }),
  ],
}

describe('what throws at run time does not compile', () => {
  it.each(Object.entries(code))('%s', (_, each) => {
    expect(each.length).toBeGreaterThan(0)
  })

  it('and what comes from elsewhere becomes a hook by parseHook()', () => {
    const parsed = parseHook({ url }, { secret: 'x' })
    if (parsed.ok) expectTypeOf(parsed.hook).toEqualTypeOf<HookOptions>()
    expect(parsed.ok).toBe(true)
  })
})
