import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { discord, type Target } from '../../src/targets/index.ts'
import { startPlatform } from '../../src/testing/index.ts'
import { anyRelease, detailsOfMeta, exchange } from './chats.ts'
import { release, send } from './sending.ts'
import { runs } from '../runs.ts'

interface Embed {
  readonly title: string
  readonly description?: string
  readonly fields: readonly { readonly name: string; readonly value: string }[]
}

const embedOf = (payload: unknown): Embed => (payload as { readonly embeds: readonly [Embed] }).embeds[0]

describe('a message to Discord', () => {
  it('is an embed that mentions nobody, and waits for its id', async () => {
    await using platform = await startPlatform('discord')
    const { delivery } = await send({ url: `${platform.url}?thread_id=7&wait=false`, target: discord() })
    const [request] = platform.received
    expect(request?.query).toEqual({ thread_id: '7', wait: 'true' })
    expect(JSON.parse(request?.body ?? '')).toEqual({
      embeds: [
        {
          title: '🚀 web v4 was released to production',
          description: [
            'gabrtv deployed 35b3726',
            '[Open the app](<https://web.example.com/>)',
            '[Changes](<https://git.example.com/web/compare/v3...v4>)',
            '[Logs](<https://platform.example.com/web/releases/v4>)',
          ].join('\n'),
          color: 0x1d9bd1,
          fields: [
            { name: 'Environment', value: 'production', inline: true },
            { name: 'Released by', value: 'gabrtv', inline: true },
            { name: 'Commit', value: '35b3726', inline: true },
            { name: 'Previous version', value: 'v3', inline: true },
          ],
          timestamp: '2026-11-21T12:00:00.000Z',
        },
      ],
      allowed_mentions: { parse: [] },
    })
    expect(delivery.remote).toEqual({ id: 'dp-1' })
  })

  it('escapes all that Discord would make more of, whatever was released', () => {
    const bare = (text: string): string => text.replaceAll(/\\[!-/:-@[-`{-~]/gu, '')
    const link = /^\[(?:Open the app|Logs|Changes)\]\(<https?:[^<>()\s]+>\)$/u
    const target = discord({ details: detailsOfMeta })
    fc.assert(
      fc.property(anyRelease, (input) => {
        const { title, description = '', fields } = embedOf(exchange('discord', target, input).payload)
        const lines = description.split('\n').filter((line) => !link.test(line))
        for (const text of [title, ...lines, ...fields.flatMap(({ name, value }) => [name, value])])
          expect(bare(text)).not.toMatch(/[!-/:-@[-`{-~]/u)
      }),
      runs(100),
    )
  })

  it('keeps every character that is escaped', () => {
    const { payload } = exchange('discord', discord(), {
      ...release,
      summary: '<@1> *a* https://x.example :b: [c](d)',
    })
    expect(embedOf(payload).description).toContain(
      String.raw`\<\@1\> \*a\* https\:\/\/x\.example \:b\: \[c\]\(d\)`,
    )
  })

  it('is delivered by 204 too', async () => {
    await using platform = await startPlatform('discord')
    platform.answerNext({ status: 204 })
    const { delivery } = await send({ url: platform.url, target: discord() })
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 1 })
  })

  it('waits as long as the body says, in decimal seconds', async () => {
    await using platform = await startPlatform('discord')
    const body = { message: 'You are being rate limited.', retry_after: 0.31, global: false }
    platform.answerNext({ status: 429, body })
    const target: Target = { ...discord(), pace: undefined }
    const { delivery, attempts } = await send({ url: platform.url, target })
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 2 })
    expect(attempts[0]?.remote).toEqual({ error: 'You are being rate limited.' })
    expect((attempts[1]?.startedAt ?? 0) - (attempts[0]?.endedAt ?? 0)).toBeGreaterThanOrEqual(309)
  })

  it.each([
    ['/api/webhooks/1170000000000000001/wrong', 401, 'Invalid Webhook Token'],
    ['/api/webhooks/1/wrong', 404, 'Unknown Webhook'],
  ])('tells what %s is answered, once', async (path, status, error) => {
    await using platform = await startPlatform('discord')
    const { delivery } = await send({ url: platform.origin + path, target: discord() })
    expect(delivery).toMatchObject({
      state: 'dead',
      attempts: 1,
      outcome: { reason: `status-${status}` },
      remote: { error },
    })
  })

  it('reads JSON whatever its type is said to be', async () => {
    await using platform = await startPlatform('discord')
    platform.answerNext({ status: 200, headers: { 'content-type': 'text/plain' }, body: '{"id":"42"}' })
    const { delivery } = await send({ url: platform.url, target: discord() })
    expect(delivery.remote).toEqual({ id: '42' })
  })
})

describe('the emulator of Discord', () => {
  const field = { name: 'n', value: 'v' }
  it.each<[string, object]>([
    ['a long title', { title: 'x'.repeat(257) }],
    ['a blank title', { title: ' ' }],
    ['a long description', { description: 'x'.repeat(4097) }],
    ['26 fields', { fields: Array.from({ length: 26 }, () => field) }],
    ['a long name', { fields: [{ ...field, name: 'x'.repeat(257) }] }],
    ['a long value', { fields: [{ ...field, value: 'x'.repeat(1025) }] }],
    ['an empty value', { fields: [{ ...field, value: '' }] }],
    ['a time that is none', { timestamp: 'today' }],
    ['a URL that is none', { url: 'web' }],
    [
      '6,001 characters in all',
      { fields: Array.from({ length: 6 }, () => ({ name: 'x', value: 'x'.repeat(1000) })) },
    ],
  ])('refuses an embed with %s', (_what, embed) => {
    const message = (): object => ({ embeds: [embed] })
    const { answer } = exchange('discord', discord({ message }), release)
    expect(answer).toMatchObject({ status: 400, body: { code: 50035, message: 'Invalid Form Body' } })
  })

  it('refuses eleven embeds, a long content, and nothing at all', () => {
    const codeOf = (message: object): unknown =>
      exchange('discord', discord({ message: () => message }), release).answer.body
    expect(codeOf({ embeds: Array.from({ length: 11 }, () => ({ title: 'x' })) })).toMatchObject({
      code: 50035,
    })
    expect(codeOf({ content: 'x'.repeat(2001) })).toMatchObject({ code: 50035 })
    expect(codeOf({})).toMatchObject({ code: 50006 })
  })

  it('limits to five messages in two seconds, and tells nothing without `wait`', async () => {
    await using platform = await startPlatform('discord')
    const post = (): Promise<Response> =>
      fetch(platform.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ content: 'x' }),
      })
    const answers = await Promise.all(Array.from({ length: 6 }, post))
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(5)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(1)
  })
})
