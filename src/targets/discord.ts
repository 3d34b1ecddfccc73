import { chatMessage, type ChatMessage, type ChatOptions } from './chat-message.ts'
import { ellipsized, type SizeOf } from '../cut.ts'
import { made } from './made.ts'
import type { Target, TargetContext } from './shape.ts'
import { defineTarget } from './target.ts'
import { chatShape, checkTargetOptions } from './target-options.ts'

export type DiscordOptions = ChatOptions

/**
 * A webhook of Discord: one embed, with nobody mentioned and no Markdown of users. For a thread, the hook's URL has `?thread_id=`.
 *
 * It is sent with `wait=true`, so that 200 means the message is there and tells its id; 204 is accepted too. 400, 401, 403 and 404 are
 * tried once. A repeat is a second message. Five messages at once and thirty a minute; 429 says in decimal seconds when to go on (Discord:
 * execute webhook, embed limits, rate limits).
 */
export function discord(options: DiscordOptions = {}): Target {
  checkTargetOptions('discord', options, chatShape)
  return defineTarget({
    name: 'discord',
    secretPath: true,
    repeat: 'duplicates',
    pace: { perSecond: 0.5, burst: 5 },
    requests: [
      {
        query: { wait: 'true' },
        body: (context) => ({ json: made(options.message, context) ?? messageOf(context, options) }),
        accepts: [200, 204],
        meanings: { 400: 'final', 401: 'final', 403: 'final', 404: 'final' },
        id: '/id',
        error: '/message',
        retryAfter: '/retry_after',
      },
    ],
  })
}

// Of the 6,000 characters that an embed has in all, the description takes most: 14 facts of at most 180 leave it 3,000.
const limits = { title: 256, description: 3000, summary: 2400, name: 60, value: 120 }
const colors: Readonly<Record<ChatMessage['stage'], number>> = {
  released: 0x1d9bd1,
  succeeded: 0x2eb67d,
  failed: 0xe01e5a,
  'rolled-back': 0xecb22e,
}

function messageOf(context: TargetContext, options: DiscordOptions): object {
  const { stage, title, summary, facts, next, links, at } = chatMessage(context, options)
  const description = [escapedCut(summary, limits.summary), escapedCut(next, limits.title)]
    .concat(links.map(({ label, url }) => `[${label}](<${url}>)`))
    .filter((each) => each !== '')
    .reduce((text, each) => {
      const longer = text === '' ? each : `${text}\n${each}`
      return longer.length > limits.description ? text : longer
    }, '')
  const embed = {
    title: escapedCut(title, limits.title),
    ...(description === '' ? undefined : { description }),
    color: colors[stage],
    fields: facts.map(({ label, text }) => ({
      name: escapedCut(label, limits.name),
      value: escapedCut(text, limits.value),
      inline: true,
    })),
    timestamp: at.toISOString(),
  }
  return { embeds: [embed], allowed_mentions: { parse: [] } }
}

function escapedCut(text: string, max: number): string {
  return escaped(ellipsized(text, max, escapedSize))
}

/** A backslash before all that Markdown, mentions, emoji and links are made of. */
function escaped(text: string): string {
  return text.replaceAll(/[!-/:-@[-`{-~]/gu, String.raw`\$&`)
}

const escapedSize: SizeOf = (character) => escaped(character).length
