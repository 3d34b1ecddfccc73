import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Answer } from '../../src/http/transport.ts'
import { decidesAlone, meaningOfStatus, readAnswer, readPoll } from '../../src/targets/answer.ts'
import { textAt } from '../../src/targets/pointer.ts'
import type { AnswerShape, TargetPoll } from '../../src/targets/shape.ts'
import { runs } from '../runs.ts'

function answer(status: number, body: unknown = ''): Answer {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { kind: 'answer', status, headers: {}, body: Buffer.from(text), timings: { totalMs: 1 } }
}

const poll: TargetPoll = {
  status: '/state',
  statuses: { PENDING: 'queued', DONE: 'succeeded', BROKEN: 'failed' },
  url: '/url',
  error: '/message',
  everyMs: 1,
  untilMs: 1,
}

describe('an answer', () => {
  it('means what its status means, unless the target says otherwise', () => {
    for (let status = 200; status < 600; status += 1)
      expect(readAnswer({}, answer(status)).meaning).toBe(meaningOfStatus(status))
    const shape = {
      accepts: [201, 304],
      meanings: { 404: 'final', 409: 'retry', 503: 'failed', 410: 'refused' },
    } as const
    const meaning = (status: number): string => readAnswer(shape, answer(status)).meaning
    expect([201, 304, 200, 204, 404, 409, 503, 410, 400, 500].map(meaning)).toEqual([
      'accepted',
      'accepted',
      'refused',
      'refused',
      'final',
      'retry',
      'failed',
      'refused',
      'refused',
      'retry',
    ])
  })

  it('matters by its body where that says whether it was taken, or what became of it', () => {
    const decides = (shape: AnswerShape, statuses: readonly number[], isUsed = true): readonly boolean[] =>
      statuses.map((status) => decidesAlone(shape, isUsed)(status))
    const shapes = [{}, { error: '/error', retryAfter: '/retry_after' }, { accepts: [201] }]
    for (const shape of shapes) expect(decides(shape, [200, 201, 404])).toEqual([true, true, true])
    expect(decides({ id: '/id' }, [200, 404], false)).toEqual([true, true])
    expect(decides({ isAccepted: () => true }, [200, 404], false)).toEqual([false, true])
    for (const shape of [{ isAccepted: () => true }, { id: '/id' }, { url: '/url' }, { status: '/status' }]) {
      expect(decides(shape, [200, 204])).toEqual([false, false])
      expect(decides(shape, [302, 404, 429, 500])).toEqual([true, true, true, true])
      expect(decides({ ...shape, accepts: [201] }, [200, 201])).toEqual([true, false])
    }
  })

  it('in a coding is not read: it may have been taken', () => {
    const isAccepted = (): boolean => {
      throw new Error('read')
    }
    const coded = { ...answer(200, 'ok'), headers: { 'content-encoding': 'gzip' } }
    const right = { meaning: 'accepted', isRejected: false, isUnclear: true, remote: {} }
    expect(readAnswer({ isAccepted, id: '/id' }, coded)).toEqual(right)
    expect(readAnswer({ id: '/id' }, coded, poll)).toEqual({ ...right, remote: { status: 'unknown' } })
    expect(readAnswer({}, coded)).toMatchObject({ meaning: 'accepted', isUnclear: false })
    const refused = { ...coded, status: 404 }
    expect(readAnswer({ isAccepted, error: '/message' }, refused)).toMatchObject({
      meaning: 'refused',
      remote: {},
    })
    expect(readPoll(poll, { ...answer(200, { state: 'DONE' }), headers: coded.headers })).toEqual({
      status: 'unknown',
    })
  })

  it('of an accepted status is looked into, and of another one is not', () => {
    const shape = { isAccepted: ({ json }: { json: unknown }) => textAt(json, '/success') === 'true' }
    expect(readAnswer(shape, answer(200, { success: true }))).toMatchObject({
      meaning: 'accepted',
      isRejected: false,
    })
    expect(readAnswer(shape, answer(200, { success: 'true' })).meaning).toBe('accepted')
    for (const body of [{ success: false }, { success: 'false' }, {}, '', 'true', '<html>', '[]', 'null'])
      expect(readAnswer(shape, answer(200, body))).toMatchObject({ meaning: 'refused', isRejected: true })
    expect(readAnswer(shape, answer(500, { success: true }))).toMatchObject({
      meaning: 'retry',
      isRejected: false,
    })
    const named = readAnswer({ isAccepted: () => 'retry' }, answer(200))
    expect(named).toMatchObject({ meaning: 'retry', isRejected: true })
  })

  it('gives an id and a page when it was taken, and what went wrong when it was not', () => {
    const shape = {
      id: ['/data/publicId', '/deployment/id'],
      url: '/url',
      error: ['/error/message', '/error'],
    }
    expect(readAnswer(shape, answer(200, { deployment: { id: 7 }, url: 'https://x' })).remote).toEqual({
      id: '7',
      url: 'https://x',
    })
    expect(readAnswer(shape, answer(404, { error: 'No such hook' })).remote).toEqual({
      error: 'No such hook',
    })
    expect(readAnswer(shape, answer(400, { error: { message: 'Bad' } })).remote).toEqual({ error: 'Bad' })
    expect(readAnswer(shape, answer(404, 'no_service\n')).remote).toEqual({ error: 'no_service' })
    expect(readAnswer(shape, answer(200, { error: 'ignored when it was accepted' })).remote).toEqual({})
    for (const body of ['<html><body>Not found</body></html>', 'one\ntwo', 'x'.repeat(201), ''])
      expect(readAnswer(shape, answer(404, body)).remote).toEqual({})
  })

  it('is read as JSON with a byte order mark too', () => {
    expect(readAnswer({ id: '/id' }, answer(200, '\u{FEFF}{"id":"a"}')).remote.id).toBe('a')
  })

  it('is queued when the receiver can be asked, unless it says how it stands', () => {
    expect(readAnswer({}, answer(202), poll).remote).toEqual({ status: 'queued' })
    expect(readAnswer({ status: '/state' }, answer(202, { state: 'DONE' }), poll).remote.status).toBe(
      'succeeded',
    )
    expect(readAnswer({ status: '/state' }, answer(202, { state: 'NEW' }), poll).remote.status).toBe(
      'unknown',
    )
    expect(readAnswer({ id: '/id' }, answer(500), poll).remote).toEqual({})
  })

  it('never throws and never takes an error for success, whatever the body is', () => {
    const shape = {
      id: '/a/b',
      url: '',
      error: '/e',
      isAccepted: ({ json }: { json: unknown }) => textAt(json, '/ok') === 'true',
    }
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 999 }),
        fc.oneof(fc.json(), fc.string({ unit: 'binary' })),
        (status, body) => {
          const { meaning } = readAnswer(shape, answer(status, body))
          const parsed = (() => {
            try {
              return JSON.parse(body) as { ok?: unknown } | null
            } catch {
              return undefined
            }
          })()
          const isOk = parsed?.ok === true || parsed?.ok === 'true'
          expect(meaning === 'accepted').toBe(status >= 200 && status <= 299 && isOk)
        },
      ),
      runs(400),
    )
  })
})

describe('an answer to a poll', () => {
  it('tells a status that the target knows, and any other one is unknown', () => {
    expect(readPoll(poll, answer(200, { state: 'DONE', url: 'https://x' }))).toEqual({
      status: 'succeeded',
      url: 'https://x',
    })
    expect(readPoll(poll, answer(200, { state: 'BROKEN', message: 'OOM' }))).toEqual({
      status: 'failed',
      error: 'OOM',
    })
    for (const state of ['done', 'toString', '__proto__', '', 7, null, undefined, {}])
      expect(readPoll(poll, answer(200, { state }))).toEqual({ status: 'unknown' })
    expect(readPoll(poll, answer(200, '<html>'))).toEqual({ status: 'unknown' })
  })

  it('that is no answer of success tells nothing', () => {
    for (const status of [301, 401, 404, 410, 500])
      expect(readPoll(poll, answer(status, { state: 'DONE' }))).toBeUndefined()
  })
})

describe('a JSON Pointer', () => {
  it('finds what RFC 6901 says, and no inherited or structured value', () => {
    const document = { 'a/b': 1, 'm~n': 'x', list: ['p', 'q'], '': 'empty', t: true, o: {} }
    const found = [
      '/a~1b',
      '/m~0n',
      '/list/1',
      '/',
      '/t',
      '/o',
      '',
      '/list',
      '/constructor/name',
      '/list/length',
      '/x/y',
    ]
    expect(found.map((pointer) => textAt(document, pointer))).toEqual([
      '1',
      'x',
      'q',
      'empty',
      'true',
      undefined,
      undefined,
      undefined,
      undefined,
      '2',
      undefined,
    ])
    expect(textAt(document, ['/x', '/t'])).toBe('true')
  })
})
