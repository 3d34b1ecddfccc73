import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { teams, type Target } from '../../src/targets/index.ts'
import { startPlatform } from '../../src/testing/index.ts'
import { anyRelease, detailsOfMeta, exchange, textsIn } from './chats.ts'
import { release, send } from './sending.ts'
import { runs } from '../runs.ts'

const connectorError = (status: number): string =>
  `Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error ${status} with ContextId tcid=0,server=a,cv=b.`

describe('a message to Teams', () => {
  it('is an Adaptive Card', async () => {
    await using platform = await startPlatform('teams')
    const { delivery } = await send(
      { url: platform.url, target: teams(), after: 'succeeded' },
      { stage: 'succeeded', logUrl: undefined, diffUrl: undefined },
    )
    const [request] = platform.received
    expect(request?.query).toMatchObject({
      'api-version': '2016-06-01',
      sp: '/triggers/manual/run',
      sv: '1.0',
    })
    const bold = (label: string): object => ({ type: 'TextRun', text: label, weight: 'Bolder' })
    const block = (...inlines: readonly object[]): object => ({ type: 'RichTextBlock', inlines })
    expect(JSON.parse(request?.body ?? '')).toEqual({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          contentUrl: null,
          content: {
            $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
            type: 'AdaptiveCard',
            version: '1.4',
            fallbackText: '✅ web v4 is live in production',
            body: [
              block({
                type: 'TextRun',
                text: '✅ web v4 is live in production',
                size: 'Large',
                weight: 'Bolder',
                color: 'Good',
              }),
              block({ type: 'TextRun', text: 'gabrtv deployed 35b3726: succeeded' }),
              block(bold('Environment: '), { type: 'TextRun', text: 'production' }),
              block(bold('Released by: '), { type: 'TextRun', text: 'gabrtv' }),
              block(bold('Commit: '), { type: 'TextRun', text: '35b3726' }),
              block(bold('Previous version: '), { type: 'TextRun', text: 'v3' }),
              block({ type: 'TextRun', text: '2026-11-21 12:00 UTC', isSubtle: true }),
            ],
            actions: [{ type: 'Action.OpenUrl', title: 'Open the app', url: 'https://web.example.com/' }],
          },
        },
      ],
    })
    expect(delivery).toMatchObject({ state: 'delivered', outcome: { reason: 'status-202' } })
  })

  it('has no element that knows Markdown, and no dates to fill in, whatever was released', () => {
    const target = teams({ details: detailsOfMeta })
    fc.assert(
      fc.property(anyRelease, (input) => {
        const { payload, request } = exchange('teams', target, input)
        expect(request.body).not.toMatch(/"(?:TextBlock|FactSet)"/u)
        expect(textsIn(payload).join('\n')).not.toContain('{{')
        expect(Buffer.byteLength(request.body)).toBeLessThan(28_000)
      }),
      runs(100),
    )
  })

  it('is delivered by 202, whatever its body', async () => {
    await using platform = await startPlatform('teams')
    platform.answerNext({ status: 202, body: 'Accepted' })
    const { delivery } = await send({ url: platform.url, target: teams() })
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 1 })
  })

  it('takes the 200 of a connector for success when its body is 1', async () => {
    await using platform = await startPlatform('teams')
    platform.answerNext({ status: 200, headers: { 'content-type': 'text/plain' }, body: '1' })
    const { delivery } = await send({ url: platform.url, target: teams() })
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 1 })
  })

  it('takes the 200 of a connector for a failure when its body says so', async () => {
    await using platform = await startPlatform('teams')
    platform.answerNext({ status: 200, body: connectorError(429) })
    platform.answerNext({ status: 200, body: connectorError(500) })
    platform.answerNext({ status: 200, body: connectorError(413) })
    const target: Target = { ...teams(), pace: undefined }
    const { delivery, attempts } = await send({ url: platform.url, target })
    expect(attempts.map(({ outcome }) => outcome.kind)).toEqual(['retry', 'retry', 'dead'])
    expect(delivery).toMatchObject({
      state: 'dead',
      outcome: { reason: 'rejected', verdict: 'refused' },
      remote: { error: connectorError(413) },
    })
  })

  it('tells what a workflow is answered that was deleted, or whose signature is wrong', async () => {
    await using platform = await startPlatform('teams')
    const gone = await send({ url: platform.url.replace('5f0c', 'beef'), target: teams() })
    expect(gone.delivery).toMatchObject({
      attempts: 1,
      remote: { error: 'The workflow could not be found.' },
    })
    const wrong = await send({ url: platform.url.replace(/sig=.*$/u, 'sig=wrongwrong'), target: teams() })
    expect(wrong.delivery).toMatchObject({ attempts: 1, outcome: { reason: 'status-401' } })
  })
})

describe('the emulator of Teams', () => {
  const statusOf = (message: object): number =>
    exchange('teams', teams({ message: () => message }), release).answer.status
  const attachment = (content: object): object => ({
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  })

  it('refuses what is no card, and a card of more than 28 KB', () => {
    const card = { type: 'AdaptiveCard', version: '1.4', body: [] }
    expect(statusOf(attachment(card))).toBe(202)
    expect(statusOf({ text: 'x' })).toBe(400)
    expect(statusOf({ attachments: [{ contentType: 'text/html', content: card }] })).toBe(400)
    expect(statusOf(attachment({ ...card, type: 'MessageCard' }))).toBe(400)
    expect(statusOf(attachment({ ...card, body: ['x'] }))).toBe(400)
    expect(statusOf(attachment({ ...card, actions: Array.from({ length: 7 }, () => ({ type: 'x' })) }))).toBe(
      400,
    )
    expect(statusOf(attachment({ ...card, body: [{ type: 'x', text: 'x'.repeat(28_700) }] }))).toBe(413)
  })
})
