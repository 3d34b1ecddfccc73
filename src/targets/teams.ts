import { chatMessage, type ChatMessage, type ChatOptions } from './chat-message.ts'
import { made } from './made.ts'
import type { AnswerMeaning, Target, TargetAnswer, TargetContext } from './shape.ts'
import { defineTarget } from './target.ts'
import { chatShape, checkTargetOptions } from './target-options.ts'

export type TeamsOptions = ChatOptions

/**
 * A webhook of Microsoft Teams, made with the Workflows app: an Adaptive Card, all text of which is in `TextRun`s, which know no Markdown.
 * Cards of more than 28 KB are refused: this one stays below.
 *
 * 202 means that the workflow was started. Whether it could post the card is seen in the workflow's own history, and nowhere else. The
 * retired connectors are read too: their 200 is success with the body `1`, else the body says why not. 400, 401, 403, 404 and 413 are
 * tried once. A repeat is a second message (Microsoft: create incoming webhooks with Workflows, Adaptive Cards text features).
 */
export function teams(options: TeamsOptions = {}): Target {
  checkTargetOptions('teams', options, chatShape)
  return defineTarget({
    name: 'teams',
    secretPath: true,
    repeat: 'duplicates',
    pace: { perSecond: 1, burst: 4 },
    requests: [
      {
        body: (context) => ({ json: made(options.message, context) ?? messageOf(context, options) }),
        accepts: [200, 202],
        isAccepted: meaningOf,
        meanings: { 400: 'final', 401: 'final', 403: 'final', 404: 'final', 413: 'final' },
        error: ['/error/message', '/error/code', '/message'],
      },
    ],
  })
}

/** Connectors wrap what Teams answered: `Webhook message delivery failed with error: … returned HTTP error 429 with ContextId …`. */
function meaningOf({ status, text }: TargetAnswer): AnswerMeaning {
  const answer = text.trim()
  if (status === 202 || answer === '1' || answer === '') return 'accepted'
  return /HTTP error (?:429|5\d\d)/u.test(answer) ? 'retry' : 'final'
}

const colors: Readonly<Record<ChatMessage['stage'], string>> = {
  released: 'Accent',
  succeeded: 'Good',
  failed: 'Attention',
  'rolled-back': 'Warning',
}

function messageOf(context: TargetContext, options: TeamsOptions): object {
  const { stage, title, summary, facts, next, links, time } = chatMessage(context, options)
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    fallbackText: literal(title),
    body: [
      textOf(run(title, { size: 'Large', weight: 'Bolder', color: colors[stage] })),
      ...(summary === '' ? [] : [textOf(run(summary))]),
      ...facts.map(({ label, text }) => textOf(run(`${label}: `, { weight: 'Bolder' }), run(text))),
      ...(next === '' ? [] : [textOf(run(next))]),
      textOf(run(time, { isSubtle: true })),
    ],
    actions: links.map(({ label, url }) => ({ type: 'Action.OpenUrl', title: label, url })),
  }
  return {
    type: 'message',
    attachments: [
      { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card },
    ],
  }
}

function textOf(...inlines: readonly object[]): object {
  return { type: 'RichTextBlock', inlines }
}

function run(text: string, style: object = {}): object {
  return { type: 'TextRun', text: literal(text), ...style }
}

/** Cards have one more markup, which also text runs know: `{{DATE(2026-11-21T12:00:00Z)}}`. */
function literal(text: string): string {
  return text.replaceAll(/\{(?=\{)/gu, '{\u{200B}')
}
