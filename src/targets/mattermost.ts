import { chatMessage, type ChatMessage, type ChatOptions } from './chat-message.ts'
import { made } from './made.ts'
import type { Target, TargetContext } from './shape.ts'
import { defineTarget } from './target.ts'
import { chatShape, checkTargetOptions } from './target-options.ts'

export type MattermostOptions = ChatOptions

/**
 * An incoming webhook of Mattermost: one attachment, with a coloured edge. Users' Markdown is escaped, and a zero-width space keeps
 * `@channel`, `#tags`, `~channels` and `:emoji:` from being any.
 *
 * 200 with the body `ok` is success, and nothing else. 400, 403, 404 and 501 (webhooks are switched off) are tried once. A repeat is a
 * second message (Mattermost: incoming webhooks, message attachments; server/channels/web/webhook.go).
 */
export function mattermost(options: MattermostOptions = {}): Target {
  checkTargetOptions('mattermost', options, chatShape)
  return defineTarget({
    name: 'mattermost',
    secretPath: true,
    repeat: 'duplicates',
    requests: [
      {
        body: (context) => ({ json: made(options.message, context) ?? messageOf(context, options) }),
        accepts: [200],
        isAccepted: ({ text }) => text.trim() === 'ok',
        meanings: { 400: 'final', 403: 'final', 404: 'final', 501: 'final' },
        error: ['/message', '/id'],
      },
    ],
  })
}

const colors: Readonly<Record<ChatMessage['stage'], string>> = {
  released: '#1D9BD1',
  succeeded: '#2EB67D',
  failed: '#E01E5A',
  'rolled-back': '#ECB22E',
}

function messageOf(context: TargetContext, options: MattermostOptions): object {
  const { stage, title, summary, facts, next, links, time } = chatMessage(context, options)
  const linked = links.map(({ label, url }) => `[${label}](${url})`).join(' · ')
  const attachment = {
    fallback: unmentioned([title, summary, next].filter((each) => each !== '').join(' – ')),
    color: colors[stage],
    title: literal(title),
    text: [literal(summary), literal(next), linked].filter((each) => each !== '').join('\n\n'),
    fields: facts.map(({ label, text }) => ({
      title: unmentioned(label),
      value: literal(text),
      short: true,
    })),
    footer: time,
  }
  return { attachments: [attachment] }
}

const mentions = /[@~#](?=\S)|:(?=[\w+-]+:)/gu
const markup = /[\\`*_{}[\]()<>|!+\-=.~#]/gu

/** For what is shown as Markdown. */
function literal(text: string): string {
  return unmentioned(text).replaceAll(markup, String.raw`\$&`)
}

function unmentioned(text: string): string {
  return text.replaceAll(mentions, '$&\u{200B}')
}
