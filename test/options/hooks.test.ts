import { describe, expect, it } from 'vitest'
import {
  ConfigurationError,
  createDispatcher,
  parseHook,
  type DispatcherOptions,
  type HookOptions,
} from '../../src/index.ts'
import { buildkite, deis, jsonPost, slack, standardWebhook } from '../../src/targets/index.ts'
import { answer, fakeTransport } from '../dispatch/fake-transport.ts'
import { newLog, release, start } from '../dispatch/started.ts'

const url = 'https://hooks.example/deploy'

function errorOf(options: unknown): ConfigurationError {
  try {
    createDispatcher(options as DispatcherOptions)
  } catch (error) {
    if (error instanceof ConfigurationError) return error
    throw error
  }
  throw new Error('Expected it to be refused')
}

describe('what is wrong with hooks', () => {
  it.each<[string, unknown, RegExp]>([
    [
      'after',
      { after: 'faild' },
      /^Expected one of 'released', 'succeeded', 'failed', 'rolled-back', or a list of them, got a string of length 5: /u,
    ],
    ['after[1]', { after: ['failed', 'x'] }, /'rolled-back', got a string of length 1: correct it\.$/u],
    ['apps', { apps: 'web' }, /^Expected a list of names of apps, .*, got a string of length 3: /u],
    [
      'environments',
      { environments: 'live' },
      /^Expected a list of names of environments, .*, got a string of length 4: /u,
    ],
    ['waitFor', { waitFor: 'done' }, /^Expected one of 'accepted', 'finished', got a string of length 4: /u],
    ['waitFor', { waitFor: 'finished' }, /the target deis cannot be asked how it went.*leave `waitFor` out/u],
    [
      'target',
      { target: slack },
      /got a value of type function: import it, and call it: `target: slack\(\)`/u,
    ],
    ['target', { target: 'slack' }, /got a string of length 5: import it, and call it/u],
    ['aps', { aps: ['web'] }, /did you mean `apps`\?$/u],
    ['retry', { retry: {} }, /: it is an option of createDispatcher\(\)\.$/u],
    ['secret', { secret: 's3cret\n' }, /a line break at its beginning or end.*cut it off/u],
    ['url', { url: `${url} ` }, /white space, got some at its beginning or end: cut it off\.$/u],
    ['tls.cert', { tls: { cert: 7 } }, /^Expected PEM, as a string or a Buffer, got the number 7: /u],
    ['id', { id: '' }, /^Expected a string of 1 to 200 characters/u],
  ])('%s is said with the allowed values, by place: %j', (field, hook, message) => {
    const error = errorOf({ hooks: ['https://one.example', { url, ...(hook as object) }] })
    expect(error.option).toBe(`hooks[1].${field}`)
    expect(error.problems).toEqual([
      expect.objectContaining({ option: error.option, message: expect.stringMatching(message) as string }),
    ])
    expect(error.message).toBe(`${error.option}: ${error.problems[0]?.message}`)
  })

  it('is said with the id of a hook that has one, and looks like one', () => {
    expect(errorOf({ hooks: [{ url, id: 'team-7.ci', after: 'x' }] }).message).toMatch(
      /^hooks\[0\]\.after \(hook team-7\.ci\): Expected/u,
    )
    expect(errorOf({ hooks: [{ url, id: 'https://u:s3cret@a.example/', after: 'x' }] }).message).toMatch(
      /^hooks\[0\]\.after: Expected/u,
    )
  })

  it('is said all at once: of the dispatcher, of each hook, of its target, of its secret', () => {
    const error = errorOf({
      algorithm: 'md5',
      secret: 's3cret\n',
      egress: { alow: [], ports: [0] },
      hooks: [
        { url: 'ftp://one.example', after: 'x', apps: 7 },
        { id: 'b', url, target: { name: 'B', requests: [{ method: 'PUSH' }], repeat: 'x' }, secret: '' },
        7,
        { target: slack() },
        url,
      ],
    })
    expect(error.problems.map(({ option, hook }) => [option, ...(hook === undefined ? [] : [hook])])).toEqual(
      [
        ['algorithm'],
        ['egress.ports[0]'],
        ['egress.alow'],
        ['secret'],
        ['hooks[0].after'],
        ['hooks[0].apps'],
        ['hooks[0].url'],
        ['hooks[1].secret', 'b'],
        ['hooks[1].target.name', 'b'],
        ['hooks[1].target.requests[0].method', 'b'],
        ['hooks[1].target.repeat', 'b'],
        ['hooks[2]'],
        ['hooks[3].url'],
      ],
    )
    expect(error).toMatchObject({ code: 'option_invalid', option: 'algorithm' })
    expect(error.message.split('\n- ')).toHaveLength(1 + error.problems.length)
    expect(error.message).toMatch(/^13 options cannot be used:\n- algorithm: /u)
  })

  it('is said of 20 in the message, and of all in `problems`', () => {
    const error = errorOf({ hooks: Array.from({ length: 50 }, (_, index) => `ftp://${index}.example`) })
    expect(error.problems).toHaveLength(50)
    expect(error.message.split('\n- ')).toHaveLength(22)
    expect(error.message).toMatch(/and 30 more, in `problems` of this error$/u)
  })

  it('names each that stands there again', () => {
    const error = errorOf({ hooks: [url, url, { url: 'https://a.example', id: 'a' }, { url, id: 'a' }, url] })
    expect(error.problems.map(({ code, option }) => [code, option])).toEqual([
      ['hook_duplicate', 'hooks[1]'],
      ['hook_duplicate', 'hooks[3]'],
      ['hook_duplicate', 'hooks[4]'],
    ])
  })
})

describe('options that are inherited', () => {
  it('count as if they were own ones: a secret above all', () => {
    const inherited = Object.create({ secret: 'x', algorithm: 'md5' }) as DispatcherOptions
    const error = errorOf(
      Object.assign(inherited, { hooks: [Object.assign(Object.create({ url: 'x' }), { id: 'a' })] }),
    )
    expect(error.problems.map(({ option }) => option)).toEqual(['algorithm', 'hooks[0].url'])
    const logger = newLog()
    start(
      fakeTransport(() => answer(204)),
      Object.assign(Object.create({ secret: 'x' }) as object, { hooks: [url], logger }),
    )
    expect(logger.lines).toEqual([])
  })
})

describe('one hook', () => {
  it('is read as createDispatcher() would, from whatever a form has', () => {
    expect(parseHook({ url, after: 'failed' }, { secret: 'x' })).toEqual({
      ok: true,
      hook: { url, after: 'failed' },
      warnings: [],
    })
    expect(parseHook(url, { secret: 'x' })).toEqual({ ok: true, hook: { url }, warnings: [] })
    const parsed = parseHook({ url: `${url} `, after: 'faild', apps: [''], colour: 'red' })
    expect(parsed).toMatchObject({
      ok: false,
      problems: [{ option: 'after' }, { option: 'apps[0]' }, { option: 'colour' }, { option: 'url' }],
    })
  })

  it.each([undefined, null, 7, [], true, () => url])('that is none is told as such: %o', (input) => {
    expect(parseHook(input)).toMatchObject({ ok: false, problems: [{ option: 'hook' }] })
  })

  it('is read beside what the dispatcher is given', () => {
    const signed = { url, target: standardWebhook() }
    expect(parseHook(signed)).toMatchObject({ ok: false, problems: [{ option: 'secret' }] })
    expect(parseHook(signed, { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }).ok).toBe(true)
    expect(parseHook(`${url}?release_stage=x`, { dialect: 'deis', secret: 'x' }).ok).toBe(true)
    expect(parseHook(`${url}?release_stage=x`, { secret: 'x' })).toMatchObject({
      problems: [{ code: 'hook_url_parameter', option: 'url' }],
    })
  })

  it('comes with what works and may surprise', () => {
    const { warnings = [] } = parseHook('http://10.0.0.1/') as { readonly warnings?: readonly string[] }
    expect(warnings).toEqual([
      expect.stringMatching(/^The hook has no secret: /u),
      expect.stringMatching(/^The hook will not be sent to: /u),
    ])
  })

  it('comes with no word on the dialect of a URL that carries no release', () => {
    const typed = { url: 'HTTPS://hooks.example:443', secret: 'x', dialect: 'deis' } as const
    expect(parseHook({ ...typed, target: jsonPost() })).toMatchObject({ ok: true, warnings: [] })
    expect(parseHook(typed)).toMatchObject({ warnings: [expect.stringContaining('is signed as typed')] })
  })

  it('is not read at all beside options that are wrong', () => {
    expect(() => parseHook(url, { secret: '' })).toThrow(expect.objectContaining({ option: 'secret' }))
    expect(() => parseHook(url, { hooks: [] } as never)).toThrow(expect.objectContaining({ option: 'hooks' }))
  })

  it('that is good is taken by createDispatcher()', () => {
    for (const input of [url, { url, target: jsonPost() }, { target: buildkiteOf(), waitFor: 'finished' }]) {
      const parsed = parseHook(input, { secret: 'x' })
      if (!parsed.ok) throw ConfigurationError.of(parsed.problems)
      expect(
        start(
          fakeTransport(() => answer(204)),
          { hooks: [parsed.hook] },
        ).hooks(),
      ).toHaveLength(1)
    }
  })
})

function buildkiteOf(): ReturnType<typeof buildkite> {
  return buildkite({ organization: 'o', pipeline: 'p', token: 't' })
}

describe('onInvalidHook', () => {
  const told: [string, number][] = []
  const onInvalidHook: DispatcherOptions['onInvalidHook'] = ({ option }, index) =>
    void told.push([option, index])

  it('hears of each hook that cannot be used, and the others are sent to', async () => {
    told.length = 0
    const sent = fakeTransport(() => answer(204))
    const hooks = ['https://a.example/', `${url} `, { url, after: 'x' } as never, 'https://b.example/']
    const dispatcher = start(sent, { hooks, onInvalidHook })
    expect(told).toEqual([
      ['hooks[1]', 1],
      ['hooks[2].after', 2],
    ])
    expect(dispatcher.hooks().map((hook) => hook.url)).toEqual(['https://a.example/', 'https://b.example/'])
    await (await dispatcher.dispatch(release)).settled()
    expect(sent.requests.map((request) => new URL(request.url).host).toSorted()).toEqual([
      'a.example',
      'b.example',
    ])
  })

  it('hears of none when an option of the dispatcher is wrong too: all of it is thrown', () => {
    told.length = 0
    const hooks = [`${url} `, url]
    expect(() =>
      start(
        fakeTransport(() => answer(204)),
        { hooks, onInvalidHook, workers: 7 as never },
      ),
    ).toThrow(
      expect.objectContaining({
        problems: [
          expect.objectContaining({ option: 'workers' }),
          expect.objectContaining({ option: 'hooks[0]' }),
        ],
      }),
    )
    expect(told).toEqual([])
  })

  it('leaves the ids of the other hooks as they are', () => {
    const idsOf = (hooks: readonly (string | HookOptions)[]): readonly string[] =>
      start(
        fakeTransport(() => answer(204)),
        { hooks, onInvalidHook },
      )
        .hooks()
        .map(({ id }) => id)
    const good = [`${url}?token=1`, `${url}?token=2`, `${url}?token=3`]
    const [, second, third] = idsOf(good)
    // The broken one is counted among those that look like it: what waits for the third is no business of the second's.
    expect(idsOf(good.with(0, `${good[0]} `))).toEqual([second, third])
    expect(idsOf([{ url: good[0] ?? '', after: 'x' as never }, ...good.slice(1)])).toEqual([second, third])
    expect(idsOf(good.with(1, `${good[1]}#fragment`))).toEqual([idsOf(good)[0], third])
  })

  it('hears of a hook that stands there again, and of one whose secret signs what another one takes', () => {
    told.length = 0
    const text = {
      url: 'https://t.example/',
      target: { ...jsonPost(), requests: [{ sign: 'hub-sha256', body: { text: 'x' } }] },
    } as const
    const dispatcher = start(
      fakeTransport(() => answer(204)),
      {
        hooks: [url, text, url, { url: 'https://c.example/', target: deis() }],
        onInvalidHook,
      },
    )
    expect(told).toEqual([
      ['hooks[1].secret', 1],
      ['hooks[2]', 2],
    ])
    expect(dispatcher.hooks()).toHaveLength(2)
  })

  it('may be async: what it rejects with is logged', async () => {
    const logger = newLog()
    const reject = async (): Promise<void> => {
      throw new Error('no table to write it to')
    }
    start(
      fakeTransport(() => answer(204)),
      { hooks: ['x'], onInvalidHook: reject, logger },
    )
    await expect.poll(() => logger.lines.join()).toContain('no table to write it to')
  })

  it('is told by id of a hook that stands there again', () => {
    const errors: string[] = []
    start(
      fakeTransport(() => answer(204)),
      {
        hooks: [
          { url, id: 'ci' },
          { url: 'https://a.example/', id: 'ci' },
        ],
        onInvalidHook: ({ message }) => void errors.push(message),
      },
    )
    expect(errors).toEqual([expect.stringMatching(/^hooks\[1\] \(hook ci\): Expected an `id` of its own/u)])
  })

  it('may throw, and then there is no dispatcher', () => {
    const refuse = (): never => {
      throw new Error('not one of them')
    }
    expect(() => createDispatcher({ hooks: ['x'], onInvalidHook: refuse, logger: newLog() })).toThrow(
      'not one',
    )
  })
})
