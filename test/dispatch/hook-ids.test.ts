import { hash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DispatcherOptions } from '../../src/index.ts'
import { idsOf, type Nameable } from '../../src/hooks/ids.ts'
import type { HookOptions } from '../../src/hooks/options.ts'
import { jsonPost, slack } from '../../src/targets/index.ts'
import { answer, fakeTransport } from './fake-transport.ts'
import { newLog, start, type Log } from './started.ts'

type Hooks = DispatcherOptions['hooks']

function idsIn(hooks: Hooks, options: Partial<DispatcherOptions> = {}): readonly string[] {
  const transport = fakeTransport(() => answer(204))
  return start(transport, { ...options, hooks })
    .hooks()
    .map(({ id }) => id)
}

const url = 'https://hooks.example.com/deploy'
const slackUrl = (token: string): HookOptions => ({
  url: `https://hooks.slack.com/services/T000/B000/${token}`,
  target: slack(),
})

describe('the id of a hook that is given none', () => {
  it('is not made of a token in its URL, which could be found by trying', () => {
    const [id] = idsIn([`${url}?key=481516`])
    expect(id).toMatch(/^hook_[\da-f]{16}$/u)
    expect(idsIn([`${url}?key=234200`])).toEqual([id])
    expect(idsIn([url])).toEqual([id])
    expect(idsIn([slackUrl('secret1')])).toEqual(idsIn([slackUrl('secret2')]))
    expect(idsIn([{ url: `${url}/one`, secretPath: true }])).toEqual(
      idsIn([{ url: `${url}/two`, secretPath: true }]),
    )
  })

  it.each([
    ['a host', 'https://other.example.com/deploy'],
    ['a path', `${url}/`],
    ['a scheme', 'http://hooks.example.com/deploy'],
    ['a port', 'https://hooks.example.com:8443/deploy'],
    ['a target', { url, target: jsonPost() }],
    ['a path that is secret', { url: `${url}/1`, secretPath: true }],
  ])('is another one for %s that differs', (_, other) => {
    expect(new Set(idsIn([url, other])).size).toBe(2)
    expect(idsIn([url, other]).map((id) => id.length)).toEqual([21, 21])
  })

  it('stays the same over versions of this library', () => {
    expect(idsIn([url, { url, target: jsonPost() }, slackUrl('a')])).toEqual([
      'hook_707ae6e45c5f5112',
      'hook_d72789295a52076e',
      'hook_4bae4e77d88509fa',
    ])
  })

  it('stays the same when secrets rotate, and when all else of it changes', () => {
    const [id] = idsIn([{ url, secret: 'old' }])
    for (const secret of [['old'], ['new', 'old'], ['new']]) expect(idsIn([{ url, secret }])).toEqual([id])
    const changed = { url, apps: ['web'], concurrency: 9, dialect: 'deis', algorithm: 'sha1' } as const
    expect(idsIn([changed])).toEqual([id])
  })

  it('does not depend on hooks that look otherwise, nor on their order', () => {
    const others = ['https://one.example.com/', `${url}/2`, { url, id: 'own', target: jsonPost() }]
    const [id = ''] = idsIn([url])
    expect(idsIn([...others, url]).at(-1)).toBe(id)
    expect(idsIn([url, ...others]).at(0)).toBe(id)
  })

  it('has a number behind others that look the same', () => {
    const [id = ''] = idsIn([url])
    expect(idsIn([`${url}?key=1`, `${url}?key=2`, `${url}?key=3`])).toEqual([id, `${id}-2`, `${id}-3`])
    expect(idsIn([{ url: `${url}?key=1`, id: 'one' }, `${url}?key=2`])).toEqual(['one', `${id}-2`])
  })
})

describe('hooks that look the same', () => {
  const warned = (hooks: Hooks): Log['lines'] => {
    const log = newLog()
    idsIn(hooks, { logger: log })
    return log.lines.filter((line) => line.includes('place in the list'))
  }

  it('are warned of, once, without what tells them apart', () => {
    const lines = warned([`${url}?key=481516`, 'https://one.example.com/', `${url}?key=234200`])
    expect(lines).toEqual([expect.stringContaining('hooks[0], hooks[2] differ in nothing that may be shown')])
    expect(lines.join()).not.toMatch(/481516|234200/u)
  })

  it('are not, when all but one have an id', () => {
    expect(warned([{ url: `${url}?key=1`, id: 'one' }, `${url}?key=2`])).toEqual([])
  })

  it('are refused when they are the same, as are two of one id', () => {
    const make = (hooks: Hooks) => (): unknown => idsIn(hooks)
    const repeated = { code: 'hook_duplicate', option: 'hooks[1]' }
    expect(make([`${url}?key=1`, `${url}?key=1`])).toThrow(expect.objectContaining(repeated))
    expect(make([url, { url, apps: ['web'] }])).toThrow(expect.objectContaining(repeated))
    const ids = { ...repeated, option: 'hooks[2]' }
    const [id = ''] = idsIn([url])
    expect(make([url, 'https://one.example.com/', { url: `${url}/1`, id }])).toThrow(
      expect.objectContaining(ids),
    )
  })
})

describe('the former id of a hook', () => {
  const of = (given: string, target = 'deis', ownId?: string): Nameable => ({
    ownId,
    shown: given.split('?')[0] ?? '',
    target,
    url: given,
  })
  const sha = (text: string): string => `hook_${hash('sha256', text, 'hex').slice(0, 16)}`

  it('is what the versions before made of its URL, and its target', () => {
    const formerIds = idsOf([of(`${url}?key=1`), of(`${url}?key=1`, 'slack')]).map(({ formerId }) => formerId)
    expect(formerIds).toEqual([sha(`${url}?key=1`), sha(`${url}?key=1\nslack`)])
  })

  it('is none for one that was given an id, and none that another one was given', () => {
    const hooks = [of(url, 'deis', 'own'), of(`${url}/2`), of(`${url}/3`, 'deis', sha(`${url}/2`))]
    expect(idsOf(hooks).map(({ formerId }) => formerId)).toEqual([undefined, undefined, undefined])
  })
})

it('ids are as many as hooks, and those of others stay when one is added at the end', () => {
  const hook = fc.record({
    ownId: fc.constant(undefined),
    shown: fc.constantFrom('a', 'b'),
    target: fc.constantFrom('x', 'y'),
    url: fc.string(),
  })
  fc.assert(
    fc.property(fc.array(hook), hook, (hooks, added) => {
      const ids = idsOf(hooks).map(({ id }) => id)
      expect(new Set(ids).size).toBe(hooks.length)
      expect(
        idsOf([...hooks, added])
          .map(({ id }) => id)
          .slice(0, -1),
      ).toEqual(ids)
    }),
  )
})
