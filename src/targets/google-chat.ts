import { createHash } from 'node:crypto'
import { chatMessage, type ChatOptions } from './chat-message.ts'
import { made } from './made.ts'
import type { Made, Target, TargetContext } from './shape.ts'
import { defineTarget } from './target.ts'
import { chatShape, checkTargetOptions, madeText } from './target-options.ts'

export interface GoogleChatOptions extends ChatOptions {
  /** Messages of the same thread key are in one thread; of at most 4,000 characters. @default one for each version of an app in an environment */
  readonly thread?: Made<string> | undefined
}

/**
 * A webhook of Google Chat: a line of text, which notifications show, and a card. What becomes of a release is said in the thread that
 * began with it. Chat knows no escape for text: a zero-width space keeps `<users/all>`, `*` and `_` from being markup; in cards it is
 * escaped as HTML.
 *
 * 200 with the message's name is success. 400, 401, 403 and 404 are tried once. `requestId` is the delivery's id, by which Chat's API knows
 * a repeat; count on a second message nevertheless. One message a second. A message has at most 32,000 bytes: this one stays below
 * (Google: Chat webhooks, spaces.messages.create, format messages).
 */
export function googleChat(options: GoogleChatOptions = {}): Target {
  checkTargetOptions('googleChat', options, shape)
  return defineTarget({
    name: 'google-chat',
    repeat: 'duplicates',
    pace: { perSecond: 1 },
    requests: [
      {
        query: ({ deliveryId }) => ({
          messageReplyOption: 'REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD',
          requestId: deliveryId,
        }),
        body: (context) => ({
          json: {
            ...(made(options.message, context) ?? messageOf(context, options)),
            thread: { threadKey: made(options.thread, context) ?? threadOf(context) },
          },
        }),
        accepts: [200],
        isAccepted: ({ json }) => typeof json === 'object' && json !== null && 'name' in json,
        meanings: { 400: 'final', 401: 'final', 403: 'final', 404: 'final' },
        id: '/name',
        error: ['/error/message', '/error/status'],
      },
    ],
  })
}

const shape = { ...chatShape, thread: madeText }

/** Of any length, so it is hashed. */
function threadOf({ release: { app, environment, version } }: TargetContext): string {
  return createHash('sha256')
    .update(JSON.stringify([app, environment, version]))
    .digest('base64url')
}

function messageOf(context: TargetContext, options: GoogleChatOptions): object {
  const { title, summary, facts, next, links, time } = chatMessage(context, options)
  const widgets = [
    ...[summary, next].filter((each) => each !== '').map((each) => ({ textParagraph: { text: html(each) } })),
    ...facts.map(({ label, text }) => ({
      decoratedText: { topLabel: label, text: html(text), wrapText: true },
    })),
    ...(links.length === 0 ? [] : [{ buttonList: { buttons: links.map(buttonOf) } }]),
    { textParagraph: { text: html(time) } },
  ]
  return { text: literal(title), cardsV2: [{ cardId: 'release', card: { sections: [{ widgets }] } }] }
}

function buttonOf({ label, url }: { readonly label: string; readonly url: string }): object {
  return { text: label, onClick: { openLink: { url } } }
}

function literal(text: string): string {
  return text.replaceAll(/[<>*_~`[\]@]/gu, '$&\u{200B}')
}

function html(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\n', '<br>')
}
