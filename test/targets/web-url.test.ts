import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAnswer, readPoll } from '../../src/targets/answer.ts'
import type { Answer } from '../../src/http/transport.ts'
import { defineTarget } from '../../src/targets/index.ts'
import { startPlatform } from '../../src/testing/index.ts'
import { send } from './sending.ts'
import { runs } from '../runs.ts'

function answer(body: object): Answer {
  return {
    kind: 'answer',
    status: 200,
    headers: {},
    body: Buffer.from(JSON.stringify(body)),
    timings: { totalMs: 1 },
  }
}

const poll = { status: '/s', statuses: {}, url: '/url', everyMs: 1, untilMs: 1 }

/** What each way to a URL gives of this text. */
function read(url: unknown): readonly (string | undefined)[] {
  return [readAnswer({ url: '/url' }, answer({ url })).remote.url, readPoll(poll, answer({ url }))?.url]
}

describe('where a person can look at it', () => {
  it.each([
    'https://platform.example/deploys/1',
    'HTTP://127.0.0.1:8080?id=1&x=%20#log',
    'https://[::1]/~web',
    'https://platform.example',
  ])('is %s, as the receiver wrote it', (url) => {
    expect(read(url)).toEqual([url, url])
  })

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt://platform.example/%0Aalert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'file:///etc/passwd',
    'ftp://platform.example/',
    '//platform.example/',
    '/deploys/1',
    'platform.example',
    'https:platform.example',
    'https:\\\\platform.example',
    'https:///platform.example',
    'https://platform.example\\@evil.example',
    'https://platform.example@evil.example/',
    'https://user:password@platform.example/',
    'https://@platform.example/',
    'https://platform%2eexample/',
    'https://platform.example:99999/',
    'https://platform.example/"onmouseover="alert(1)',
    'https://platform.example/<script>',
    'https://platform.example/a b',
    'https://platform.example/\t',
    'https://platform.example/\u{202E}gpj.exe',
    'https://plаtform.example/', // one of its letters is Cyrillic
    'https://',
    '',
    7,
    true,
    null,
    { href: 'https://platform.example' },
  ])('is not %j', (url) => {
    expect(read(url)).toEqual([undefined, undefined])
  })

  it('is of 2,000 characters at most', () => {
    const url = `https://h/${'x'.repeat(1990)}`
    expect(read(url)).toEqual([url, url])
    expect(read(`${url}x`)).toEqual([undefined, undefined])
  })

  it('is a whole http or https URL of at most 2,000 characters or nothing, whatever the receiver writes', () => {
    const marks = Array.from(':/\\@?#.%[]\t\n"<\'é\u{202E}\u{200B}')
    const words = ['http', 'https', 'javascript', '//', 'h', '127.0.0.1', '::1', '8080', 'x'.repeat(1000)]
    const pieces = fc.constantFrom(...marks, ...words)
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webUrl({ validSchemes: ['http', 'https', 'ftp', 'javascript'], withFragments: true }),
      fc.array(pieces, { maxLength: 12 }).map((all) => all.join('')),
      fc.array(pieces, { maxLength: 12 }).map((all) => `https://${all.join('')}`),
    )
    fc.assert(
      fc.property(texts, (text) => {
        for (const url of read(text)) {
          if (url === undefined) continue
          expect(url).toBe(text)
          expect(url.length).toBeLessThanOrEqual(2000)
          expect(url).toMatch(/^https?:\/\/[!-~]+$/iu)
          expect(url).not.toMatch(/["<>\\^`{|}]/u)
          const { protocol, username, password, host } = new URL(url)
          expect(['http:', 'https:']).toContain(protocol)
          expect([username, password, host === '']).toEqual(['', '', false])
        }
      }),
      runs(1000),
    )
  })

  it('is nothing when its host holds a secret, and with the secret masked when its path does', async () => {
    const token = 'tk-5f0c1e9a7b2d3c4e'
    const target = defineTarget({
      name: 'echoes',
      secrets: { token },
      repeat: 'duplicates',
      requests: [{ headers: ({ secrets }) => ({ 'x-token': secrets.token }), url: '/url', id: '/id' }],
    })
    await using platform = await startPlatform('netlify')
    platform.answerNext({ status: 200, body: { url: `https://${token}.evil.example/`, id: 'javascript:7' } })
    expect((await send({ url: platform.url, target })).delivery.remote).toEqual({ id: 'javascript:7' })
    platform.answerNext({ status: 200, body: { url: `https://${token}.evil.example/` } })
    expect((await send({ url: platform.url, target })).delivery.remote).toBeUndefined()
    platform.answerNext({ status: 200, body: { url: `https://platform.example/${token}/1` } })
    expect((await send({ url: platform.url, target })).delivery.remote).toEqual({
      url: 'https://platform.example/[masked]/1',
    })
  })
})
