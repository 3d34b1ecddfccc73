import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseUrl } from '../../src/signing/hook-url.ts'
import { parseRelease } from '../../src/index.ts'
import { renderPoll, renderRequest, type RenderedRequest } from '../../src/targets/render.ts'
import { requestUrl } from '../../src/targets/request-url.ts'
import type { RequestShape, TargetContext, TargetRequest } from '../../src/targets/shape.ts'
import { release } from './sending.ts'
import { runs } from '../runs.ts'

const context: TargetContext = {
  release: parseRelease(release),
  deliveryId: 'dlv_1',
  recordedAt: 0,
  secrets: { token: 'tok-123456' },
  remote: { id: '42' },
}

function render(request: TargetRequest, url = 'https://x.example/hook'): RenderedRequest {
  return renderRequest(request, 1, context, {
    url: parseUrl(url),
    dialect: 'native',
    signer: undefined,
    now: 0,
  })
}

function urlOf(
  hook: string,
  {
    base,
    path = [],
    query = {},
  }: { base?: RequestShape['base']; path?: string[]; query?: Record<string, string> },
): string {
  return requestUrl(parseUrl(hook), base, { segments: path }, query)
}

describe('the URL of a request', () => {
  it.each([
    ['https://x.example/a?key=1', {}, 'https://x.example/a?key=1'],
    ['https://x.example/a', { path: ['b c', 'd/e'] }, 'https://x.example/a/b%20c/d%2Fe'],
    ['https://x.example/a/', { path: ['b'] }, 'https://x.example/a/b'],
    ['https://x.example', { path: ['b'], query: { c: 'd' } }, 'https://x.example/b?c=d'],
    ['https://x.example/a?key=1', { base: 'origin', path: ['v1'] }, 'https://x.example/v1'],
    [
      'https://x.example/a?key=1',
      { base: 'https://y.example/api?v=2', path: ['z'] },
      'https://y.example/api/z?v=2',
    ],
    ['https://x.example/a?key=1&ref=old', { query: { ref: 'new' } }, 'https://x.example/a?key=1&ref=new'],
    [
      'https://x.example/a?r%65f=old&key=%7e',
      { query: { ref: 'new' } },
      'https://x.example/a?key=%7e&ref=new',
    ],
    ['https://x.example/a?', {}, 'https://x.example/a'],
  ] as const)('of %s with %j is %s', (hook, shape, url) => {
    expect(urlOf(hook, shape as never)).toBe(url)
  })

  it.each(['', '.', '..'])('has no segment %j, which would climb or be lost', (text) => {
    expect(() => urlOf('https://x.example/a', { path: ['b', text] })).toThrow(TypeError)
  })

  it('keeps every text of a release in its place, whatever it holds', () => {
    const text = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 40 })
      .filter((each) => !/^\.{1,2}$/u.test(each))
    fc.assert(
      fc.property(text, text, text, (segment, name, value) => {
        const url = new URL(urlOf('https://x.example/a?key=1', { path: [segment], query: { [name]: value } }))
        expect(url.host).toBe('x.example')
        expect(url.pathname.split('/')).toHaveLength(3)
        expect(decodeURIComponent(url.pathname.split('/')[2] ?? '')).toBe(segment)
        expect(url.searchParams.getAll(name)).toEqual([value])
        if (name !== 'key') expect(url.searchParams.get('key')).toBe('1')
      }),
      runs(400),
    )
  })
})

describe('a request', () => {
  it('carries JSON, a form or a text with the type that belongs to it, unless another is named', () => {
    expect(render({ body: { json: { a: 'ü' } } })).toMatchObject({
      body: '{"a":"ü"}',
      headers: { 'content-type': 'application/json' },
    })
    expect(render({ body: { form: { a: 'b c&d', e: undefined, f: 'ü' } } })).toMatchObject({
      body: 'a=b+c%26d&f=%C3%BC',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(render({ body: { text: 'hi' } }).headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
    })
    const named = render({ body: { json: 1 }, headers: { 'Content-Type': 'application/cloudevents+json' } })
    expect(named.headers['content-type']).toBe('application/cloudevents+json')
    expect(Object.keys(named.headers).filter((name) => /content-type/iu.test(name))).toHaveLength(1)
  })

  it('has what its functions make of the release, its secrets and what earlier answers told', () => {
    const request = render({
      method: 'PUT',
      path: ({ remote }) => [remote.id ?? ''],
      query: ({ release: { app } }) => ({ app, absent: undefined }),
      headers: ({ secrets }) => ({ authorization: `Bearer ${secrets['token']}`, 'x-absent': undefined }),
      body: ({ deliveryId }) => ({ text: deliveryId }),
    })
    expect(request).toMatchObject({ method: 'PUT', url: 'https://x.example/hook/42?app=web', body: 'dlv_1' })
    expect(request.headers).toMatchObject({ authorization: 'Bearer tok-123456' })
    expect(request.headers).not.toHaveProperty('x-absent')
  })

  it.each(['a\nb', 'a\r\nx-evil: 1', '\u20ac', '\0'])('cannot have %j in a header', (value) => {
    expect(() => render({ headers: { 'x-app': value } })).toThrow(TypeError)
  })

  it('of more bytes than the target allows is not made, and one of as many is', () => {
    expect(render({ maxBodyBytes: 5, body: { text: 'ü€' } }).body).toBe('ü€')
    expect(() => render({ maxBodyBytes: 4, body: { text: 'ü€' } })).toThrow(/at most 4 bytes, got 5/u)
  })

  it('names the delivery in Idempotency-Key, and each further request of it by a key of its own', () => {
    const key = (step: number): unknown =>
      renderRequest({}, step, context, {
        url: parseUrl('https://x.example'),
        dialect: 'native',
        signer: undefined,
        now: 0,
      }).headers['idempotency-key']
    expect([key(1), key(2)]).toEqual(['"dlv_1"', '"dlv_1/2"'])
  })

  it('that asks how it went is a GET without a key', () => {
    const poll = { status: '/s', statuses: {}, everyMs: 1, untilMs: 1, path: () => ['42'] }
    const request = renderPoll(poll, context, { url: parseUrl('https://x.example/d'), dialect: 'native' })
    expect(request).toMatchObject({ method: 'GET', url: 'https://x.example/d/42', body: undefined })
    expect(request.headers).not.toHaveProperty('idempotency-key')
  })

  it('asks for no coding of the answer, unless the target does', () => {
    const poll = { status: '/s', statuses: {}, everyMs: 1, untilMs: 1 }
    const url = parseUrl('https://x.example/d')
    expect(render({}).headers['accept-encoding']).toBe('identity')
    expect(render({ headers: { 'Accept-Encoding': 'gzip' } }).headers['accept-encoding']).toBe('gzip')
    expect(renderPoll(poll, context, { url, dialect: 'native' }).headers['accept-encoding']).toBe('identity')
  })
})
