import { describe, expect, it } from 'vitest'
import { defineTarget, slack, type Target } from '../../src/targets/index.ts'
import type { HookOptions } from '../../src/hooks/options.ts'
import { answer, fakeTransport, type FakeTransport } from '../dispatch/fake-transport.ts'
import { release, start } from '../dispatch/started.ts'
import { printedOf, seenOf } from '../redaction/seen.ts'
import { everyTarget, marks } from './every-target.ts'

const hooks = everyTarget('http://127.0.0.1:1')
const withSecrets = Object.keys(hooks).filter((name) => hooks[name]?.target?.secrets !== undefined)

function expectUnseen(value: unknown, secrets: readonly string[] = Object.values(marks)): void {
  const seen = seenOf(value)
  expect(seen.join('').length).toBeGreaterThan(10)
  for (const text of seen)
    for (const secret of secrets)
      for (const spelled of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
        expect(text).not.toContain(spelled)
}

/** A copy as libraries make them: of every property, whatever its key, and of nothing behind it. */
function deepCopy<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(deepCopy) as Value
  const copy: object = Object.create(Object.getPrototypeOf(value) as object)
  for (const key of Reflect.ownKeys(value))
    Object.defineProperty(copy, key, {
      value: deepCopy((value as Record<PropertyKey, unknown>)[key]),
      enumerable: true,
    })
  return copy as Value
}

const token = 'tk_5f0c1e9a7b2d/+'
const own = defineTarget({
  name: 'own',
  url: `https://api.example/v1/${encodeURIComponent(token)}/alerts?key=url-s3cret`,
  secrets: { token },
  repeat: 'duplicates',
  requests: [
    {
      path: ['alerts', token],
      query: { key: token },
      headers: { authorization: `Bearer ${token}`, 'x-undeclared': 'header-s3cret' },
      body: { json: { token } },
    },
    { base: `https://other.example/${encodeURIComponent(token)}/?key=base-s3cret` },
    { base: `https://other.example/${encodeURIComponent(token)}/?key=another-s3cret` },
  ],
  poll: {
    base: 'https://poll.example/?key=poll-s3cret',
    headers: { 'x-token': token },
    status: '/s',
    statuses: { done: 'succeeded' },
    everyMs: 1,
    untilMs: 1000,
  },
})
const ofOwn = [token, 'url-s3cret', 'header-s3cret', 'base-s3cret', 'another-s3cret', 'poll-s3cret']

async function sentBy(target: Target, waitFor?: 'finished'): Promise<FakeTransport['requests']> {
  const transport = fakeTransport(() => answer(200, undefined, '{"s":"done"}'))
  const dispatcher = start(transport, {
    hooks: [{ target, ...(waitFor && { waitFor }) } as HookOptions],
  })
  await (await dispatcher.dispatch(release)).settled()
  return transport.requests
}

describe('a target', () => {
  it('is looked at in all ways where it has a secret', () => {
    expect(withSecrets.length).toBeGreaterThan(20)
  })

  it.each(withSecrets)('shows no secret, however it is looked at: %s', (name) => {
    const target = hooks[name]?.target
    expect(Object.values(target?.secrets ?? {})).toContain('[masked]')
    expectUnseen(target)
    expectUnseen({ ...target, pace: { perSecond: 1 } })
  })

  it('shows nothing of what its requests carry, nor of the queries of its URLs', () => {
    expectUnseen(own, ofOwn)
    expect(own.url).toBe('https://api.example/v1/[masked]/alerts?[masked]')
    expect(own.secrets).toEqual({ token: '[masked]' })
  })

  it('shows no path that is secret', () => {
    const url = 'https://hooks.example/services/T0/s3cret'
    const { url: shown } = defineTarget({ ...slack(), url })
    expect(shown).toBe('https://hooks.example/[masked]')
  })

  it('sends all of it', async () => {
    const [first, second, third, poll] = await sentBy(own, 'finished')
    const path = encodeURIComponent(token)
    expect(first).toMatchObject({
      url: `https://api.example/v1/${path}/alerts/alerts/${path}?key=${path}`,
      headers: { authorization: `Bearer ${token}`, 'x-undeclared': 'header-s3cret' },
      body: JSON.stringify({ token }),
    })
    expect(second?.url).toBe(`https://other.example/${path}/?key=base-s3cret`)
    expect(third?.url).toBe(`https://other.example/${path}/?key=another-s3cret`)
    expect(poll).toMatchObject({
      url: 'https://poll.example/?key=poll-s3cret',
      headers: { 'x-token': token },
    })
  })

  it('sends the same when it was spread, with what was overridden', async () => {
    const urls = (requests: FakeTransport['requests']): readonly string[] => requests.map(({ url }) => url)
    const expected = urls(await sentBy(own))
    const [first, ...others] = own.requests
    const spread = [
      { ...own, pace: { perSecond: 1000 } },
      { ...own, requests: [{ ...first, accepts: [200] }, ...others] } as const,
      defineTarget({ ...own, name: 'another' }),
      { ...defineTarget({ ...own, name: 'another' }) },
    ]
    for (const target of spread) {
      expectUnseen(target, ofOwn)
      const requests = await sentBy(target)
      expect(urls(requests)).toEqual(expected)
      expect(requests[0]?.headers['authorization']).toBe(`Bearer ${token}`)
    }
  })

  it('takes another secret when it was spread, beside those that it has', async () => {
    const target = defineTarget({
      name: 'two',
      secrets: { one: 'first-s3cret', two: 'second-s3cret' },
      repeat: 'duplicates',
      requests: [{ headers: ({ secrets }) => ({ one: secrets.one, two: secrets.two }) }],
      url: 'https://api.example',
    })
    const [request] = await sentBy({ ...target, secrets: { ...target.secrets, two: 'other-s3cret' } })
    expect(request?.headers).toMatchObject({ one: 'first-s3cret', two: 'other-s3cret' })
  })

  it('is refused in a copy that has lost its secrets, instead of sending what is shown of them', () => {
    const refused = (target: Target): unknown => {
      try {
        start(
          fakeTransport(() => answer(200)),
          { hooks: [{ target } as HookOptions] },
        )
        return 'taken'
      } catch (error) {
        return error
      }
    }
    expect(refused(deepCopy(own))).toMatchObject({
      code: 'secret_invalid',
      option: 'hooks[0].target.secrets.token',
    })
    const { secrets: _secrets, ...others } = own
    expect(refused(deepCopy(others))).toMatchObject({
      code: 'hook_url_invalid',
      option: 'hooks[0].target.url',
    })
    const { url: _url, ...rest } = others
    expect(refused({ ...deepCopy(rest), url: 'https://api.example' })).toMatchObject({
      code: 'hook_url_invalid',
      option: 'hooks[0].target.requests[1].base',
    })
    expect(() => defineTarget(JSON.parse(JSON.stringify(own)) as Target)).toThrow('Spread the target')
  })

  it('gives its functions secrets that are not printed by accident', async () => {
    const printed: string[] = []
    let given = ''
    const target = defineTarget({
      name: 'printing',
      url: 'https://api.example',
      secrets: { token },
      repeat: 'duplicates',
      requests: [
        {
          headers: (context) => {
            given = context.secrets.token
            printed.push(...printedOf(context), ...printedOf(context.secrets))
            return {}
          },
        },
      ],
    })
    await sentBy(target)
    expect(given).toBe(token)
    expect(printed.join('')).toContain(`token: '[masked]'`)
    for (const text of printed) expect(text).not.toContain(token)
  })
})
