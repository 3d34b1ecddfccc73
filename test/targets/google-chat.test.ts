import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { googleChat, type Target } from '../../src/targets/index.ts'
import { startPlatform } from '../../src/testing/index.ts'
import { anyRelease, detailsOfMeta, exchange, textsIn } from './chats.ts'
import { release, send } from './sending.ts'
import { runs } from '../runs.ts'

const threadOf = (payload: unknown): string =>
  (payload as { readonly thread: { readonly threadKey: string } }).thread.threadKey

describe('a message to Google Chat', () => {
  it('is a line of text and a card, in a thread', async () => {
    await using platform = await startPlatform('google-chat')
    const { delivery } = await send({ url: platform.url, target: googleChat() }, { diffUrl: undefined })
    const [request] = platform.received
    expect(request?.query).toEqual({
      key: 'gc_key_5f0c1e9a7b',
      token: 'gc_token_3d2c4e6f8a',
      messageReplyOption: 'REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD',
      requestId: delivery.id,
    })
    const fact = (topLabel: string, text: string): object => ({
      decoratedText: { topLabel, text, wrapText: true },
    })
    const button = (text: string, url: string): object => ({ text, onClick: { openLink: { url } } })
    const { thread, ...message } = JSON.parse(request?.body ?? '') as { readonly thread: object }
    expect(message).toEqual({
      text: '🚀 web v4 was released to production',
      cardsV2: [
        {
          cardId: 'release',
          card: {
            sections: [
              {
                widgets: [
                  { textParagraph: { text: 'gabrtv deployed 35b3726' } },
                  fact('Environment', 'production'),
                  fact('Released by', 'gabrtv'),
                  fact('Commit', '35b3726'),
                  fact('Previous version', 'v3'),
                  {
                    buttonList: {
                      buttons: [
                        button('Open the app', 'https://web.example.com/'),
                        button('Logs', 'https://platform.example.com/web/releases/v4'),
                      ],
                    },
                  },
                  { textParagraph: { text: '2026-11-21 12:00 UTC' } },
                ],
              },
            ],
          },
        },
      ],
    })
    expect(thread).toEqual({ threadKey: expect.stringMatching(/^[\w-]{43}$/u) as string })
    expect(delivery).toMatchObject({ state: 'delivered', remote: { id: 'spaces/AAAAdeploys/messages/dp-1' } })
  })

  it('is in the thread of its version, whatever became of it', () => {
    const key = (given: object, target: Target = googleChat()): string =>
      threadOf(exchange('google-chat', target, { ...release, ...given }).payload)
    expect(key({ stage: 'failed' })).toBe(key({}))
    expect(key({ environment: 'staging' })).not.toBe(key({}))
    expect(key({ version: 5 })).not.toBe(key({}))
    expect(key({ app: 'api' })).not.toBe(key({}))
    expect(key({}, googleChat({ thread: ({ release: { app } }) => app }))).toBe('web')
    const own = googleChat({ message: () => ({ text: 'Hi' }) })
    expect(key({}, own)).toBe(key({}))
  })

  it('has no markup, whatever was released', () => {
    const target = googleChat({ details: detailsOfMeta })
    fc.assert(
      fc.property(anyRelease, (input) => {
        const { payload } = exchange('google-chat', target, input)
        const { text, cardsV2 } = payload as { readonly text: string; readonly cardsV2: unknown }
        expect(text).not.toMatch(/[<>*_~`[\]@](?!\u{200B})/u)
        const inCards = JSON.stringify(cardsV2, (name, value: unknown) =>
          name === 'topLabel' ? undefined : value,
        )
        for (const each of textsIn(JSON.parse(inCards)).filter((value) => !value.startsWith('http')))
          expect(each.replaceAll('<br>', '')).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/u)
        expect(Buffer.byteLength(JSON.stringify(payload))).toBeLessThan(32_000)
      }),
      runs(100),
    )
  })

  it.each([
    [/key=[^&]*/u, 'key=wrong', 400, 'API key not valid. Please pass a valid API key.'],
    [/token=[^&]*/u, 'token=wrong', 403, 'The caller does not have permission'],
    [/AAAAdeploys/u, 'AAAAother', 404, 'Requested entity was not found.'],
  ])('tells once what is answered when %s is another', async (part, other, status, error) => {
    await using platform = await startPlatform('google-chat')
    const { delivery } = await send({ url: platform.url.replace(part, other), target: googleChat() })
    expect(delivery).toMatchObject({
      state: 'dead',
      attempts: 1,
      outcome: { reason: `status-${status}` },
      remote: { error },
    })
  })

  it('is sent again when the quota was used up', async () => {
    await using platform = await startPlatform('google-chat')
    const error = {
      code: 429,
      message: 'Resource has been exhausted (e.g. check quota).',
      status: 'RESOURCE_EXHAUSTED',
    }
    platform.answerNext({ status: 429, body: { error } })
    const target: Target = { ...googleChat(), pace: undefined }
    const { delivery, attempts } = await send({ url: platform.url, target })
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 2 })
    expect(attempts[0]?.remote).toEqual({ error: error.message })
  })
})

describe('the emulator of Google Chat', () => {
  const answerTo = (message: object): unknown =>
    exchange('google-chat', googleChat({ message: () => message }), release).answer.body
  const withThread = (threadKey: string): unknown =>
    exchange('google-chat', googleChat({ thread: threadKey }), release).answer.body

  it('refuses what is no message', () => {
    const refused = (message: string): object => ({
      error: { code: 400, message, status: 'INVALID_ARGUMENT' },
    })
    expect(answerTo({})).toEqual(refused('Message cannot be empty.'))
    expect(answerTo({ text: 'x'.repeat(32_000) })).toEqual(
      refused('Message exceeds the maximum size of 32000 bytes.'),
    )
    for (const cardsV2 of [
      {},
      [{}],
      [{ card: { sections: [] } }],
      [{ card: { sections: [{ widgets: [{}] }] } }],
    ])
      expect(answerTo({ cardsV2 })).toEqual(refused("Invalid value at 'message.cards_v2'."))
    expect(withThread('x'.repeat(4001))).toEqual(refused('Thread key must be at most 4000 characters.'))
  })

  it('answers with the thread of the key', () => {
    expect(withThread('web')).toMatchObject({ thread: { name: 'spaces/AAAAdeploys/threads/web' } })
  })
})
