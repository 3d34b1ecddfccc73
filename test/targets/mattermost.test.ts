import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mattermost } from '../../src/targets/index.ts'
import { startPlatform } from '../../src/testing/index.ts'
import { anyRelease, detailsOfMeta, exchange } from './chats.ts'
import { release, send } from './sending.ts'
import { runs } from '../runs.ts'

interface Attachment {
  readonly fallback: string
  readonly title: string
  readonly text: string
  readonly fields: readonly { readonly title: string; readonly value: string }[]
}

const attachmentOf = (payload: unknown): Attachment =>
  (payload as { readonly attachments: readonly [Attachment] }).attachments[0]

describe('a message to Mattermost', () => {
  it('is an attachment with a fallback', async () => {
    await using platform = await startPlatform('mattermost')
    const { delivery } = await send(
      { url: platform.url, target: mattermost(), after: 'rolled-back' },
      { stage: 'rolled-back', environment: undefined },
    )
    expect(JSON.parse(platform.received[0]?.body ?? '')).toEqual({
      attachments: [
        {
          fallback:
            '↩️ web v4 was rolled back – gabrtv deployed 35b3726: rolled back – v3 runs again. Read the logs to see why.',
          color: '#ECB22E',
          title: '↩️ web v4 was rolled back',
          text: [
            'gabrtv deployed 35b3726: rolled back',
            String.raw`v3 runs again\. Read the logs to see why\.`,
            '[Logs](https://platform.example.com/web/releases/v4) · [Changes](https://git.example.com/web/compare/v3...v4) · [Open the app](https://web.example.com/)',
          ].join('\n\n'),
          fields: [
            { title: 'Released by', value: 'gabrtv', short: true },
            { title: 'Commit', value: '35b3726', short: true },
            { title: 'Runs now', value: 'v3', short: true },
          ],
          footer: '2026-11-21 12:00 UTC',
        },
      ],
    })
    expect(delivery).toMatchObject({ state: 'delivered' })
    expect(delivery.remote).toBeUndefined()
  })

  it('mentions nobody, and has no Markdown but its own, whatever was released', () => {
    const mention = /[@~#](?!\u{200B})\S|:[\w+-]+:/u
    const bare = (text: string): string => text.replaceAll(/\\[!-/:-@[-`{-~]/gu, '')
    const links = /(?:\[(?:Open the app|Logs|Changes)\]\(https?:[^\s()]+\)(?: · )?)+$/u
    const target = mattermost({ details: detailsOfMeta })
    fc.assert(
      fc.property(anyRelease, (input) => {
        const { fallback, title, text, fields } = attachmentOf(exchange('mattermost', target, input).payload)
        const unlinked = text.replace(links, '')
        const values = fields.map(({ value }) => value)
        for (const each of [title, unlinked, ...values]) {
          expect(bare(each)).not.toMatch(/[\\`*_{}[\]()<>|!+\-=.~#]/u)
          expect(each.replaceAll('\\', '')).not.toMatch(mention)
        }
        for (const each of [fallback, ...fields.map(({ title: label }) => label)])
          expect(each).not.toMatch(mention)
      }),
      runs(100),
    )
  })

  it.each([
    [400, 'web.incoming_webhook.invalid.app_error', 'Invalid webhook.', 1],
    [501, 'web.incoming_webhook.disabled.app_error', 'Incoming webhooks have been disabled.', 1],
    [500, 'web.incoming_webhook.general.app_error', 'Failed to handle the payload.', 3],
  ])('takes %i %s for what it is', async (status, id, message, attempts) => {
    await using platform = await startPlatform('mattermost')
    for (let times = 0; times < 3; times += 1)
      platform.answerNext({ status, body: { id, message, status_code: status } })
    const { delivery } = await send({ url: platform.url, target: mattermost() })
    expect(delivery).toMatchObject({ state: 'dead', attempts, remote: { error: message } })
  })
})

describe('the emulator of Mattermost', () => {
  const answerTo = (message: object): unknown =>
    exchange('mattermost', mattermost({ message: () => message }), release).answer.body

  it('refuses what it cannot decode', () => {
    const id = 'web.incoming_webhook.decode.app_error'
    expect(answerTo({ text: 1 })).toMatchObject({ id })
    expect(answerTo({ attachments: {} })).toMatchObject({ id })
    expect(answerTo({ attachments: [{ title: 1 }] })).toMatchObject({ id })
    expect(answerTo({ attachments: [{ fields: {} }] })).toMatchObject({ id })
    expect(answerTo({ attachments: [{ fields: [{}] }] })).toMatchObject({ id })
  })

  it('refuses a message without words, and one with too many', () => {
    expect(answerTo({ attachments: [] })).toMatchObject({ message: 'No text specified.' })
    expect(answerTo({ attachments: [{ text: 'x'.repeat(800_001) }] })).toMatchObject({
      id: 'web.incoming_webhook.split_props_length.app_error',
    })
    expect(answerTo({ text: 'x' })).toBe('ok')
  })
})
