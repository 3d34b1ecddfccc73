import { describe, expect, it, vi } from 'vitest'
import {
  ConfigurationError,
  createDispatcher,
  defaultSchedule,
  hooksFromEnv,
  releaseUrl,
  signUrl,
  type DispatcherOptions,
} from '../../src/index.ts'
import { scheduleOf } from '../../src/schedule.ts'
import { postgresStore } from '../../src/stores/postgres/index.ts'
import { circleci, flightcontrol, render, shipmight, slack } from '../../src/targets/index.ts'
import { createTriggers } from '../../src/triggers/index.ts'
import { createReceiver, createStandardVerifier, createVerifier } from '../../src/verify/index.ts'
import { newLog } from '../dispatch/log.ts'

const url = 'https://hooks.example/deploy'

function errorOf(call: () => unknown): ConfigurationError {
  try {
    call()
  } catch (error) {
    if (error instanceof ConfigurationError) return error
    throw error
  }
  throw new Error('Expected it to be refused')
}

describe('an option in the wrong place', () => {
  it.each<[string, () => unknown, RegExp]>([
    [
      'seen',
      () => createVerifier({ url, secret: 'x', seen: () => false } as never),
      /: `seen` is an option of `verify\(request, \{ seen \}\)`, and of `createReceiver\(\)`\.$/u,
    ],
    [
      'seen',
      () => createStandardVerifier({ secret: 'x', seen: () => false } as never),
      /createStandardReceiver\(\)`\.$/u,
    ],
    [
      'sen',
      () => createVerifier({ url, secret: 'x' }).verify({ headers: {} }, { sen: () => true } as never),
      /did you mean `seen`\?/u,
    ],
    [
      'slack.channel',
      () => slack({ channel: '#ops' } as never),
      /a webhook posts to the channel that it was made for/u,
    ],
    ['slack.url', () => slack({ url } as never), /: it is an option of the hook, beside `target`\.$/u],
    [
      'ssl',
      () => postgresStore({ connectionString: 'postgres://h/d', ssl: true } as never),
      /`Pool` of the package pg/u,
    ],
    [
      'apps',
      () => createDispatcher({ hooks: [], apps: ['web'] } as never),
      /: it is an option of one hook, within `hooks`\.$/u,
    ],
    [
      'verifier',
      () => createReceiver({} as never),
      /^verifier.*Expected what `createVerifier\(\)` gives, got none: give one, it is needed\./su,
    ],
    [
      'store',
      () => createDispatcher({ hooks: [], store: 'a.db' as never }),
      /for a file write `sqliteStore\(\{ path \}\)`/u,
    ],
    [
      'store',
      () => createTriggers({ store: 'a.db' as never, onTrigger: () => ({ id: '' }) }),
      /for a file write `sqliteStore/u,
    ],
    ['hooks', () => createDispatcher({ hook: [url] } as never), /did you mean `hooks`\?/u],
  ])('%s is refused, with where it belongs: %#', (option, call, message) => {
    const error = errorOf(call)
    expect(error.problems.map((problem) => problem.option)).toContain(option)
    expect(error.message.replace(/^\d+ options cannot be used:\n- /u, '')).toMatch(message)
  })

  it('is refused by dispatch(), replay(), settled() and close() before anything is done', async () => {
    await using dispatcher = createDispatcher({ hooks: [url], secret: 'x', workers: false, logger: newLog() })
    const release = { app: 'web', version: 1, user: 'ci' }
    await expect(dispatcher.dispatch(release, { idempotencykey: 'k' } as never)).rejects.toThrow(
      'did you mean `idempotencyKey`?',
    )
    expect(await dispatcher.counts()).toEqual([])
    await expect(dispatcher.replay({ state: 'dead' }, { persecond: 1 } as never)).rejects.toThrow(
      'did you mean `perSecond`?',
    )
    const { settled } = await dispatcher.dispatch(release)
    await expect(settled({ singal: undefined } as never)).rejects.toThrow('did you mean `signal`?')
    expect(() => dispatcher.close({ deadline: 1 } as never)).toThrow('did you mean `deadlineMs`?')
    expect((await dispatcher.dispatch(release)).repeated).toBe(true) // it was not closed
  })

  it('does not stop explain(), which says so', () => {
    const request = { url: '/deploy?a=b', headers: {} }
    const verifier = createVerifier({ url, secret: 'x' })
    expect(verifier.explain(request, { secret: 'y' } as never).message).toMatch(
      /secret: Expected one of secrets, got another name: did you mean `secrets`\?$/u,
    )
    const standard = createStandardVerifier({ secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' })
    expect(standard.explain({ headers: {}, body: '' }, { secret: 'y' } as never).message).toContain(
      'did you mean `secrets`?',
    )
    expect(verifier.explain(request, { secrets: 'y' }).message).not.toContain('did you mean')
  })
})

describe('options that exclude one another', () => {
  it.each<[string, () => unknown]>([
    ['circleci.tag', () => circleci({ project: 'gh/o/r', token: 't', branch: 'b', tag: 't' } as never)],
    ['circleci.branch', () => circleci({ project: 'gh/o/r', token: 't', definitionId: 'd' } as never)],
    ['flightcontrol.branch', () => flightcontrol({ commit: 'c' } as never)],
    ['flightcontrol.branch', () => flightcontrol({ preview: { pullRequest: 1 }, branch: 'b' } as never)],
    ['render.serviceId', () => render({ apiKey: 'k' } as never)],
    ['shipmight.imageTag', () => shipmight({ token: 't', imageTag: '1', variables: {} } as never)],
    ['connectionString', () => postgresStore({} as never)],
    [
      'retry.connect.minTimeout',
      () => createDispatcher({ hooks: [], retry: { connect: { minTimeout: 2, maxTimeout: 1 } } }),
    ],
  ])('are refused as %s: %#', (option, call) => {
    const error = errorOf(call)
    expect(error.option).toBe(option)
    expect(error.problems[0]?.message).toMatch(/^Expected .+, got .+: .+\.$/u)
  })
})

describe('a secret', () => {
  it.each(['s3cret\n', 's3cret\r\n', '\ns3cret', 's3cret\r'])(
    'that ends or begins in a line break is refused everywhere: %j',
    (secret) => {
      for (const call of [
        () => createDispatcher({ hooks: [url], secret, logger: newLog() }),
        () => createDispatcher({ hooks: [{ url, secret: ['fine', secret] }], logger: newLog() }),
        () => createVerifier({ url, secret }),
        () => createStandardVerifier({ secret }),
        () => signUrl(url, { secret }),
        () => shipmight({ token: secret }),
        () => hooksFromEnv({ DEPLOY_HOOK_URLS: url, DEPLOY_HOOK_SECRET_KEY: secret }),
      ]) {
        const error = errorOf(call)
        expect(error.code).toBe('secret_invalid')
        expect(error.message).toMatch(/got one with a line break at its beginning or end: .*cut it off/u)
        expect(error.message).not.toContain('s3cret')
      }
    },
  )

  it('may have a line break inside, and blanks at its ends', () => {
    expect(() => createVerifier({ url, secret: [' s3\ncret '] })).not.toThrow()
  })

  it('that is given as undefined is refused, since requests would be unsigned', () => {
    const options = { hooks: [url], secret: undefined } as unknown as DispatcherOptions
    expect(errorOf(() => createDispatcher(options))).toMatchObject({
      code: 'secret_invalid',
      option: 'secret',
    })
    expect(errorOf(() => createDispatcher(options)).message).toContain('its environment variable is set')
  })
})

describe('the environment', () => {
  it.each([
    ['DEPLOY_HOOK_URL', 'DEPLOY_HOOK_URLS'],
    ['DEPLOY_HOOKS_URLS', 'DEPLOY_HOOK_URLS'],
    ['DEPLOY_HOOK_SECRET', 'DEPLOY_HOOK_SECRET_KEY'],
    ['DEPLOY_HOOK_ALGORITM', 'DEPLOY_HOOK_ALGORITHM'],
    ['DEPLOY_HOOK_ALOW', 'DEPLOY_HOOK_ALLOW'],
    ['DRYCC_DEPLOY_HOOK_URL', 'DRYCC_DEPLOY_HOOK_URLS'],
    ['DEIS_DEPLOY_HOOK_SECRET', 'DEIS_DEPLOY_HOOK_SECRET_KEY'],
  ])('that has %s is warned that %s was meant, and no value of it is shown', (name, meant) => {
    const logger = newLog()
    hooksFromEnv({ [name]: 'https://hooks.example/s3cret' }, { logger })
    expect(logger.lines).toEqual([expect.stringContaining(`${name} is not read: did you mean ${meant}?`)])
    expect(logger.lines.join('')).not.toContain('s3cret')
  })

  it('that has what it reads may have others of that kind', () => {
    const logger = newLog()
    hooksFromEnv(
      { DEPLOY_HOOK_URLS: url, DEPLOY_HOOK_URL: url, DEPLOY_HOOK_DATABASE: 'x', HOME: '/' },
      { logger },
    )
    expect(logger.lines).toEqual([])
  })

  it('is asked for its algorithm by the name of the variable', () => {
    const env = { DEPLOY_HOOK_URLS: url, DEPLOY_HOOK_ALGORITHM: 'md5' }
    expect(errorOf(() => hooksFromEnv(env)).option).toBe('DEPLOY_HOOK_ALGORITHM')
  })
})

describe('a logger', () => {
  it('is told nothing where there is nothing to tell: `console` would print an undefined', () => {
    const told: (readonly unknown[])[] = []
    const log = (...said: readonly unknown[]): void => void told.push(said)
    createDispatcher({
      hooks: ['https://one.example/', 'http://10.0.0.1/'],
      logger: { warn: log, error: log },
      workers: false,
    })
    expect(told.length).toBeGreaterThan(2)
    for (const said of told) expect(said).not.toContain(undefined)
    expect(told.map(({ length }) => length)).toContain(2) // some have fields
  })

  it('that is console prints no undefined', () => {
    const print = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
    const warn = vi.spyOn(console, 'warn')
    createDispatcher({ hooks: [url], logger: console, workers: false })
    expect(warn.mock.calls).toEqual([[expect.stringContaining('has no secret')]])
    print.mockRestore()
    warn.mockRestore()
  })
})

describe('retry.connect', () => {
  it.each([
    [{ retries: 3 }, { retries: 3 }],
    [{ maxTimeout: 500 }, { maxTimeout: 500 }],
    [{ maxTimeout: 50 }, { minTimeout: 50, maxTimeout: 50 }],
    [{ minTimeout: 5000 }, { minTimeout: 5000, maxTimeout: 5000 }],
    [{ factor: 1, retries: undefined }, { factor: 1 }],
    [{}, {}],
  ])('takes a part of its fields: %j', (connect, differs) => {
    expect(scheduleOf({ connect }).connect).toEqual({ ...defaultSchedule.connect, ...differs })
    expect(() => createDispatcher({ hooks: [], retry: { connect }, workers: false })).not.toThrow()
  })
})

describe('an argument that is missing', () => {
  it.each<[string, () => unknown]>([
    ['options', () => createDispatcher(undefined as never)],
    ['options', () => createVerifier(undefined as never)],
    ['options', () => signUrl(url, undefined as never)],
    ['url', () => signUrl(undefined as never, { secret: 'x' })],
    ['url', () => releaseUrl(undefined as never, { app: 'a', version: 1, user: 'u' })],
    ['circleci', () => circleci(undefined as never)],
  ])('is asked for as %s: %#', (option, call) => {
    const error = errorOf(call)
    expect(error.option).toBe(option)
    expect(error.message).toContain('got none')
  })
})
