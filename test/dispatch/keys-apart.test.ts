import { describe, expect, it } from 'vitest'
import type { ConfigurationError, DispatcherOptions } from '../../src/index.ts'
import type { HookOptions } from '../../src/hooks/options.ts'
import { defineTarget, jsonPost, standardWebhook, type TargetContext } from '../../src/targets/index.ts'
import type { TargetRequest } from '../../src/targets/shape.ts'
import { createVerifier } from '../../src/verify/index.ts'
import { everyTarget } from '../targets/every-target.ts'
import { answer, fakeTransport } from './fake-transport.ts'
import { newLog, release, secret, start, unsigned } from './started.ts'

const url = 'https://hooks.example.com/deploy'
const other = 'https://notes.example.com/'

/** A target whose one request is signed by its body. */
function bodySigned(request: Partial<TargetRequest>): NonNullable<HookOptions['target']> {
  return defineTarget({
    name: 'notes',
    repeat: 'duplicates',
    requests: [{ sign: 'hub-sha256', ...request }],
  })
}

const ofSummary = bodySigned({ body: ({ release: { summary } }) => ({ text: summary }) })

const transport = (): ReturnType<typeof fakeTransport> => fakeTransport(() => answer(204))

function refusal(
  options: Partial<DispatcherOptions>,
  begin: typeof start = start,
): ConfigurationError | undefined {
  try {
    begin(transport(), options)
    return undefined
  } catch (error) {
    return error as ConfigurationError
  }
}

describe('a summary that is a URL of another app', () => {
  const summary = `${url}?app=bank&release=v9&release_summary=&sha=&user=root`

  it('is no release of that app, for a receiver of signed URLs', async () => {
    const sent = transport()
    const hooks = [
      { url, secret: 'the secret of signed URLs' },
      { url: other, target: ofSummary },
    ]
    const dispatcher = start(sent, { hooks })
    await (await dispatcher.dispatch({ ...release, summary })).settled()
    const note = sent.requests.find((request) => request.url === other)
    const authorization = String(note?.headers['x-hub-signature-256']).replace('sha256=', '')
    const forged = { url: summary, headers: { authorization } }
    // It would be, under one secret: that is what is refused below.
    expect(createVerifier({ url, secret }).safeVerify(forged)).toMatchObject({ ok: true })
    const verifier = createVerifier({ url, secret: 'the secret of signed URLs' })
    expect(verifier.safeVerify(forged)).toMatchObject({ ok: false, code: 'signature_mismatch' })
  })

  it('is never signed under the secret of signed URLs: such hooks are refused at construction', () => {
    const error = refusal({ hooks: [url, { url: other, target: ofSummary }] })
    expect(error).toMatchObject({ code: 'secret_invalid', option: 'hooks[1].secret' })
    expect(error?.message).toContain('hooks[0]')
    expect(error?.message).toContain('give it a `secret` of its own')
    expect(error?.message).not.toContain(secret)
    expect(refusal({ hooks: [{ url: other, target: ofSummary }, url] })?.option).toBe('hooks[0].secret')
  })
})

describe('a secret that signs URLs', () => {
  const withSecret = (
    one: HookOptions['secret'],
    two: HookOptions['secret'],
  ): Partial<DispatcherOptions> => ({
    hooks: [
      { url, secret: one },
      { url: other, target: ofSummary, secret: two },
    ],
  })

  it.each([
    ['that is given twice', 'one', 'one'],
    ['that is on its way out', ['new', 'old'], 'old'],
    ['that is on its way in', 'one', ['new', 'one']],
    ['that is longer than a block, and is hashed', 'k'.repeat(65), 'k'.repeat(65)],
    ['with NULs at its end, which are the same key', 'one', 'one\0\0'],
  ])('signs no text, also one %s', (_, one, two) => {
    expect(refusal(withSecret(one, two), unsigned)).toMatchObject({
      code: 'secret_invalid',
      option: 'hooks[1].secret',
    })
  })

  it.each([
    ['text', bodySigned({ body: { text: 'hello' } })],
    ['a form', bodySigned({ body: ({ release: { app } }) => ({ form: { app } }) })],
    ['text that is JSON now', bodySigned({ body: { text: '{}', type: 'application/json' } })],
  ])('does not sign %s', (_, target) => {
    expect(refusal({ hooks: [url, { url: other, target }] })?.code).toBe('secret_invalid')
  })

  it.each([
    ['JSON', jsonPost()],
    ['JSON that is a string', jsonPost({ body: ({ release: { summary } }) => summary })],
    ['no body', bodySigned({})],
  ])('signs %s, which is no URL', async (_, target) => {
    const sent = transport()
    const dispatcher = start(sent, { hooks: [url, { url: other, target }] })
    const deliveries = await (await dispatcher.dispatch({ ...release, summary: `${url}?app=a` })).settled()
    expect(deliveries.map(({ state }) => state)).toEqual(['delivered', 'delivered'])
    const body = sent.requests.find((request) => request.url === other)?.body ?? ''
    expect(body).not.toMatch(/^https?:/u)
  })

  it('by another algorithm is another key', () => {
    const hooks = [
      { url, algorithm: 'sha1' },
      { url: other, target: ofSummary },
    ] as const
    expect(refusal({ hooks })).toBeUndefined()
  })

  it('signs no text of a request beside it either', () => {
    const both = defineTarget({
      name: 'both',
      repeat: 'duplicates',
      requests: [{ query: 'release', sign: 'url' }, ...ofSummary.requests],
    })
    expect(refusal({ hooks: [{ url, target: both }] })?.option).toBe('hooks[0].secret')
  })

  it('is not known from bodies that cannot be made yet, and then signs none that is no JSON', async () => {
    const log = newLog()
    const sent = transport()
    const body = ({ release: { summary, meta } }: TargetContext): { text: string } | { json: object } => {
      if (meta?.['plain'] === undefined) throw new Error('what is plain?')
      return meta['plain'] === true ? { text: summary } : { json: { summary } }
    }
    const dispatcher = start(sent, {
      hooks: [url, { url: other, target: bodySigned({ body }) }],
      logger: log,
    })
    const dispatched = async (version: number, plain: boolean): Promise<unknown> => {
      const { settled } = await dispatcher.dispatch({ ...release, version, summary: url, meta: { plain } })
      return (await settled()).map(({ outcome }) => outcome?.reason)
    }
    expect(await dispatched(1, false)).toEqual(['status-204', 'status-204'])
    expect(await dispatched(2, true)).toEqual(['status-204', 'unrenderable'])
    expect(log.lines.join()).toContain('Expected a JSON body')
  })
})

describe('a secret that signs JSON', () => {
  const forged = '{"app":"bank","version":"v9"}'

  it.each([
    ['text', ofSummary],
    ['text that is JSON now', bodySigned({ body: { text: '{}', type: 'application/json' } })],
    ['a form', bodySigned({ body: ({ release: { summary } }) => ({ form: { summary } }) })],
  ])('does not sign %s for another hook: a summary may be JSON of another app', (_, target) => {
    const json = { url, target: jsonPost() }
    const error = refusal({ hooks: [json, { url: other, target }] })
    expect(error).toMatchObject({ code: 'secret_invalid', option: 'hooks[1].secret' })
    expect(error?.message).toContain('got that by which hooks[0] signs JSON')
    expect(refusal({ hooks: [{ url: other, target }, json] })?.option).toBe('hooks[0].secret')
    expect(refusal({ hooks: [json, { url: other, target, secret: 'one of its own' }] })).toBeUndefined()
    expect(
      refusal({
        hooks: [
          { url: other, target, id: 'one' },
          { url: other, target },
        ],
      }),
    ).toBeUndefined()
  })

  it('signs no text of a request beside it either', () => {
    const both = defineTarget({
      name: 'both',
      repeat: 'duplicates',
      requests: [{ sign: 'hub-sha256', body: { json: {} } }, ...ofSummary.requests],
    })
    expect(refusal({ hooks: [{ url, target: both }] })?.message).toContain('sign both alike')
  })

  it.each([
    ['JSON', jsonPost(), 'unrenderable', 'Expected a JSON body'],
    ['text', ofSummary, 'unrenderable', 'Expected no JSON body'],
    ['what nobody knows yet', undefined, 'unrenderable', 'Expected a JSON body'],
  ])('is kept apart from bodies that cannot be made yet, beside %s', async (_, target, reason, said) => {
    const log = newLog()
    const body = ({ release: { summary, meta } }: TargetContext): { text: string } | { json: object } => {
      if (meta?.['plain'] === undefined) throw new Error('what is plain?')
      return meta['plain'] === true ? { text: summary } : { json: { summary } }
    }
    const odd = bodySigned({ body })
    const hooks = [
      { url, target: target ?? bodySigned({ body }), apps: ['none'] },
      { url: other, target: odd },
    ]
    const dispatcher = start(transport(), { hooks, logger: log })
    const dispatched = async (version: number, plain: boolean): Promise<unknown> => {
      const { settled } = await dispatcher.dispatch({ ...release, version, summary: forged, meta: { plain } })
      return (await settled()).map(({ outcome }) => outcome?.reason)
    }
    const plain = target !== ofSummary
    expect(await dispatched(1, !plain)).toEqual(['status-204'])
    expect(await dispatched(2, plain)).toEqual([reason])
    expect(log.lines.join()).toContain(said)
  })
})

describe('a key of Standard Webhooks', () => {
  const key = 'a key of twenty-four bytes, or more'
  const standard = { url: other, target: standardWebhook(), secret: `whsec_${btoa(key)}` }

  it('signs nothing else: `id.timestamp.body` may be the text of a body, or a URL of a host without a dot', () => {
    for (const hook of [{ url }, { url, target: ofSummary }, { url, target: jsonPost() }]) {
      const error = refusal({ hooks: [standard, { ...hook, secret: key }] })
      expect(error).toMatchObject({ code: 'secret_invalid', option: 'hooks[1].secret' })
    }
  })

  it('is another one than the text of its secret', () => {
    expect(refusal({ hooks: [standard, { url, secret: standard.secret }] })).toBeUndefined()
  })
})

it('lets all targets of the library have one secret with signed URLs', () => {
  const hooks = Object.values(everyTarget('https://receiver.example')).map((hook, index) => ({
    ...hook,
    id: `${index}`,
    secret: `whsec_${btoa('one secret for all of these hooks')}`,
  }))
  expect(refusal({ hooks: [{ url, id: 'deis' }, ...hooks] })).toBeUndefined()
})

describe('a list of secrets that is changed', () => {
  it.each(['dispatcher', 'hook'])(
    'signs for dispatchers that are made after that, and was given to the %s',
    async (whose) => {
      const secrets = ['first-secret-of-some-length']
      const signatures: (string | undefined)[] = []
      const transport = fakeTransport(({ headers }) => {
        signatures.push(headers['authorization'])
        return answer(200)
      })
      const own = { url: 'https://hooks.example.com/deploy', ...(whose === 'hook' && { secret: secrets }) }
      for (const secret of ['first-secret-of-some-length', 'second-secret-of-some-length']) {
        secrets[0] = secret
        const dispatcher = start(transport, { hooks: [own], secret: whose === 'hook' ? 'another' : secrets })
        await (await dispatcher.dispatch(release)).settled()
        await dispatcher.close()
      }
      expect(new Set(signatures).size).toBe(2)
    },
  )
})
