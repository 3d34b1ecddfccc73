import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { slack, type Target } from '../../src/targets/index.ts'
import { startPlatform } from '../../src/testing/index.ts'
import { anyRelease, detailsOfMeta, exchange } from './chats.ts'
import { release, send } from './sending.ts'
import { runs } from '../runs.ts'

interface Text {
  readonly type: string
  readonly text: string
  readonly emoji?: boolean
  readonly verbatim?: boolean
}

const fallbackOf = (payload: unknown): string => (payload as { readonly text: string }).text

/** Every text object of a message. */
function textObjects(value: unknown): readonly Text[] {
  if (typeof value !== 'object' || value === null) return []
  const own = 'text' in value && 'type' in value && typeof value.text === 'string' ? [value as Text] : []
  return [...own, ...Object.values(value).flatMap(textObjects)]
}

describe('docs/slack.md', () => {
  it('shows what is sent of a release, of one that failed, and of one that was rolled back', async () => {
    const text = await readFile(new URL('../../docs/slack.md', import.meta.url), 'utf8')
    const shown = [...text.matchAll(/```json\n([^`]*)```/gu)].map(
      ([, block = '']) => JSON.parse(block) as unknown,
    )
    const target = slack({
      mention: ({ release: { stage } }) => (stage === 'failed' ? '<!here>' : undefined),
    })
    const sent = (['released', 'failed', 'rolled-back'] as const).map(
      (stage) => exchange('slack', target, { ...release, stage }).payload,
    )
    expect(shown).toEqual(sent)
  })
})

describe('a message to Slack', () => {
  it('has blocks, and a text that makes sense by itself', async () => {
    await using platform = await startPlatform('slack')
    const { delivery } = await send(
      { url: platform.url, target: slack(), after: 'failed' },
      { stage: 'failed' },
    )
    expect(delivery).toMatchObject({ state: 'delivered', outcome: { reason: 'status-200' } })
    expect(delivery.remote).toBeUndefined()
    const payload = JSON.parse(platform.received[0]?.body ?? '') as { readonly blocks: readonly unknown[] }
    expect(payload).toMatchObject({
      text: '❌ web v4 failed in production\ngabrtv deployed 35b3726: failed\nRead the logs to see why.',
      unfurl_links: false,
      unfurl_media: false,
    })
    expect(payload.blocks[0]).toEqual({
      type: 'header',
      text: { type: 'plain_text', text: '❌ web v4 failed in production', emoji: false },
    })
  })

  it('leaves whatever users wrote as it is', () => {
    const evil = '<!channel> *x* _y_ `z` :boom: @here https://evil.example & <https://evil.example|bank>'
    const facts = { app: 'a&b', user: evil, summary: evil, environment: evil, previous: evil, sha: evil }
    const { payload } = exchange('slack', slack(), { ...release, ...facts, stage: 'rolled-back' })
    expect(fallbackOf(payload)).toContain('a&amp;b v4')
    expect(fallbackOf(payload)).toContain('&lt;!channel&gt; *x*')
    expect(fallbackOf(payload)).not.toMatch(/[<>]/u)
    const plain = textObjects(payload).filter(({ type }) => type === 'plain_text')
    expect(plain.map(({ text }) => text)).toEqual(expect.arrayContaining([evil]))
    expect(plain.every(({ emoji }) => emoji === false)).toBe(true)
  })

  it('has markup of its own making only, and entities that are whole, whatever was released', () => {
    const own =
      /^(?:\*[\p{L}\p{N} ]+\*|<!date\^\d+\^\{date_short_pretty\} at \{time\}\|[-+\d]+ \d\d:\d\d UTC>|[-+\d]+ \d\d:\d\d UTC|(?:<https?:[^<>|\s]+\|(?:Open the app|Logs|Changes)>(?: {2}· {2})?)+)$/u
    const target = slack({ details: detailsOfMeta })
    fc.assert(
      fc.property(anyRelease, (input) => {
        const { payload } = exchange('slack', target, input)
        for (const { type, text, verbatim } of textObjects(payload)) {
          if (type !== 'mrkdwn') continue
          expect(text).toMatch(own)
          expect(text).not.toMatch(/&(?!amp;)/u)
          expect(verbatim).toBe(true)
        }
        expect(fallbackOf(payload)).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/u)
      }),
      runs(100),
    )
  })

  it('cuts what is too long at a whole character, and counts what is escaped', () => {
    const { payload } = exchange('slack', slack({ title: '&'.repeat(500) }), {
      ...release,
      app: '🚀'.repeat(1000),
    })
    const [header] = textObjects(payload)
    expect(header?.text).toBe(`🚀 ${'&'.repeat(29)}…`)
    const long = exchange('slack', slack(), { ...release, app: '🚀'.repeat(1000) })
    expect(fallbackOf(long.payload)).toMatch(/^🚀 🚀{24}… v4 was released to production/u)
  })

  it('leaves out links that nobody could follow', () => {
    const given = {
      url: `https://a.example/${'部'.repeat(1900)}`,
      logUrl: `https://a.example/?${'&'.repeat(1900)}`,
    }
    const { payload } = exchange('slack', slack(), { ...release, ...given })
    const links = textObjects(payload).filter(({ text }) => text.startsWith('<http'))
    expect(links.map(({ text }) => text)).toEqual(['<https://git.example.com/web/compare/v3...v4|Changes>'])
  })

  it('keeps a link from ending early', () => {
    const { payload } = exchange('slack', slack(), {
      ...release,
      url: 'https://a.example/?q=a|b>c&d#<!here>',
    })
    expect(JSON.stringify(payload)).toContain(
      '<https://a.example/?q=a%7Cb%3Ec&amp;d#%3C!here%3E|Open the app>',
    )
  })

  it('calls whom it is told to, in the notification too', () => {
    const target = slack({
      mention: ({ release: { stage } }) => (stage === 'failed' ? '<!here>' : undefined),
    })
    const failed = exchange('slack', target, { ...release, stage: 'failed' })
    expect(fallbackOf(failed.payload)).toMatch(/^<!here>\n❌/u)
    expect(textObjects(failed.payload)).toContainEqual({ type: 'mrkdwn', text: '<!here>', verbatim: true })
    expect(JSON.stringify(exchange('slack', target, release).payload)).not.toContain('<!here>')
  })

  it('holds many facts, ten fields a section', () => {
    const details = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`Fact ${index}`, `${index}`]),
    )
    const { payload, answer } = exchange('slack', slack({ details }), release)
    const { blocks } = payload as { readonly blocks: readonly { readonly fields?: readonly unknown[] }[] }
    expect(blocks.map(({ fields }) => fields?.length).filter(Boolean)).toEqual([10, 10, 8])
    expect(answer).toMatchObject({ status: 200 })
  })

  it.each([
    [400, 'invalid_payload', 'refused'],
    [400, 'invalid_blocks', 'refused'],
    [403, 'action_prohibited', 'refused'],
    [404, 'no_service', 'refused'],
    [404, 'channel_not_found', 'refused'],
    [410, 'channel_is_archived', 'gone'],
  ])('is tried once when the answer is %i %s', async (status, body, verdict) => {
    await using platform = await startPlatform('slack')
    platform.answerNext({ status, body, headers: { 'content-type': 'text/html' } })
    const { delivery } = await send({ url: platform.url, target: slack() })
    expect(delivery).toMatchObject({
      state: 'dead',
      attempts: 1,
      outcome: { reason: `status-${status}`, verdict },
      remote: { error: body },
    })
  })

  it('tells what a webhook is answered that was removed', async () => {
    await using platform = await startPlatform('slack')
    const url = `${platform.origin}/services/T00000000/B00000000/removed0removed0`
    const { delivery } = await send({ url, target: slack() })
    expect(delivery).toMatchObject({ state: 'dead', attempts: 1, remote: { error: 'no_service' } })
  })

  it('waits when there were too many, for as long as Slack says', async () => {
    await using platform = await startPlatform('slack')
    const target: Target = { ...slack(), pace: undefined }
    for (let times = 0; times < 5; times += 1) await send({ url: platform.url, target })
    const { delivery, attempts } = await send({ url: platform.url, target })
    expect(attempts[0]).toMatchObject({
      status: 429,
      outcome: { kind: 'retry' },
      remote: { error: 'rate_limited' },
    })
    expect(delivery.attempts).toBeGreaterThan(1)
  })

  it('sends one message a second', () => {
    expect(slack().pace).toEqual({ perSecond: 1 })
  })
})

describe('the emulator of Slack', () => {
  const plain = (text: string): object => ({ type: 'plain_text', text })
  const section = { type: 'section', text: plain('x') }
  const button = (more: object): object => ({
    type: 'actions',
    elements: [{ type: 'button', text: plain('x'), ...more }],
  })

  it.each<[string, unknown]>([
    ['none', []],
    ['one that is no list', {}],
    ['more than 50', Array.from({ length: 51 }, () => section)],
    ['one of an unknown type', [{ type: 'heading', text: plain('x') }]],
    ['a header of markup', [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }]],
    ['a header of over 150 characters', [{ type: 'header', text: plain('x'.repeat(151)) }]],
    ['an empty text', [{ type: 'section', text: plain('') }]],
    ['a blank text', [{ type: 'section', text: plain(' \n') }]],
    ['half of a character', [{ type: 'section', text: plain('\u{D83D}') }]],
    ['a text of over 3,000 characters', [{ type: 'section', text: plain('x'.repeat(3001)) }]],
    ['a section without anything', [{ type: 'section' }]],
    ['eleven fields', [{ type: 'section', fields: Array.from({ length: 11 }, () => plain('x')) }]],
    ['no fields', [{ type: 'section', fields: [] }]],
    ['a field of over 2,000 characters', [{ type: 'section', fields: [plain('x'.repeat(2001))] }]],
    ['emoji in markup', [{ type: 'section', text: { type: 'mrkdwn', text: 'x', emoji: true } }]],
    ['verbatim plain text', [{ type: 'section', text: { type: 'plain_text', text: 'x', verbatim: true } }]],
    [
      'eleven elements of a context',
      [{ type: 'context', elements: Array.from({ length: 11 }, () => plain('x')) }],
    ],
    [
      '26 buttons',
      [
        {
          type: 'actions',
          elements: Array.from({ length: 26 }, () => ({ type: 'button', text: plain('x') })),
        },
      ],
    ],
    ['a button of over 75 characters', [button({ text: plain('x'.repeat(76)) })]],
    ['a button with no URL for one', [button({ url: 'web' })]],
    [
      'a button with a URL of over 3,000 characters',
      [button({ url: `https://a.example/${'x'.repeat(3000)}` })],
    ],
    ['an image without words', [{ type: 'image', image_url: 'https://a.example/x.png' }]],
  ])('refuses blocks with %s', (_what, blocks) => {
    const { answer } = exchange('slack', slack({ message: () => ({ text: 'x', blocks }) }), release)
    expect(answer).toMatchObject({ status: 400, body: 'invalid_blocks' })
  })

  it('takes what Slack takes', () => {
    const blocks = [
      section,
      { type: 'divider' },
      {
        type: 'section',
        fields: [plain('x')],
        accessory: { type: 'button', text: plain('x'), style: 'danger' },
      },
      { type: 'context', elements: [{ type: 'image', image_url: 'https://a.example/x.png', alt_text: 'x' }] },
      button({ url: 'https://a.example', action_id: 'a', value: 'v', style: 'primary' }),
    ]
    const { answer } = exchange('slack', slack({ message: () => ({ blocks }) }), release)
    expect(answer).toMatchObject({ status: 200, body: 'ok' })
  })

  it.each<[string, object, string]>([
    ['no text', {}, 'no_text'],
    ['a text that is none', { text: 1 }, 'invalid_payload'],
    ['attachments that are no list', { text: 'x', attachments: {} }, 'invalid_payload'],
    ['101 attachments', { attachments: Array.from({ length: 101 }, () => ({})) }, 'too_many_attachments'],
    ['an endless text', { text: 'x'.repeat(40_001) }, 'msg_too_long'],
  ])('refuses a message with %s', (_what, message, error) => {
    const { answer } = exchange('slack', slack({ message: () => message }), release)
    expect(answer).toMatchObject({ status: 400, body: error })
  })

  it('refuses a form and a GET', async () => {
    await using platform = await startPlatform('slack')
    const form = await fetch(platform.url, { method: 'POST', body: new URLSearchParams({ text: 'x' }) })
    expect([form.status, await form.text()]).toEqual([400, 'invalid_payload'])
    expect((await fetch(platform.url)).status).toBe(405)
  })
})
