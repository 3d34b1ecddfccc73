import { chatMessage, type ChatMessage, type ChatOptions } from './chat-message.ts'
import { ellipsized, type SizeOf } from '../cut.ts'
import { made } from './made.ts'
import type { Made, Target, TargetContext } from './shape.ts'
import { defineTarget } from './target.ts'
import { chatShape, checkTargetOptions, madeText } from './target-options.ts'

export interface SlackOptions extends ChatOptions {
  /**
   * Who is called, in Slack's own spelling: `<!here>`, `<@U012AB3CD>`, `<!subteam^SAZ94GDB8>`. At most 300 characters.
   * @default nobody
   * @example ({ release }) => (release.stage === 'failed' ? '<!here>' : undefined)
   */
  readonly mention?: Made<string | undefined> | undefined
}

/**
 * An incoming webhook of Slack: a message of blocks, whose top-level `text` is what notifications show. What users wrote is sent as
 * `plain_text`, so that `*`, `<!channel>`, `@here`, `:boom:` and links in it stay text; nothing unfurls.
 *
 * 200 with the body `ok` is success, and nothing else. 400, 403 and 404 are tried once; 410 (`channel_is_archived`) disables the hook. A
 * repeat is a second message. One message a second. docs/slack.md shows what is sent (Slack: incoming webhooks, Block Kit reference).
 */
export function slack(options: SlackOptions = {}): Target {
  checkTargetOptions('slack', options, shape, {}, elsewhere)
  return defineTarget({
    name: 'slack',
    secretPath: true,
    repeat: 'duplicates',
    pace: { perSecond: 1 },
    requests: [
      {
        body: (context) => ({ json: made(options.message, context) ?? messageOf(context, options) }),
        accepts: [200],
        isAccepted: ({ text }) => text.trim() === 'ok',
        meanings: { 400: 'final', 403: 'final', 404: 'final' },
        error: '/error',
      },
    ],
  })
}

const shape = { ...chatShape, mention: madeText }
const elsewhere = {
  channel: 'a webhook posts to the channel that it was made for; make another one for another',
  text: 'give `title`, `details` or `message`',
  webhookUrl: 'it is the `url` of the hook, beside `target`',
}

const limits = { header: 150, section: 3000, field: 2000, factsOfSection: 5, mention: 300 }
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

function messageOf(context: TargetContext, options: SlackOptions): object {
  const message = chatMessage(context, options)
  const { title, summary, next, links } = message
  const mention = ellipsized(made(options.mention, context) ?? '', limits.mention)
  const linked = linkList(links)
  return {
    text: [mention, ...[title, summary, next].map(escaped)].filter((each) => each !== '').join('\n'),
    blocks: [
      { type: 'header', text: plain(title, limits.header) },
      ...(mention === '' ? [] : [{ type: 'section', text: mrkdwn(mention) }]),
      ...(summary === '' ? [] : [{ type: 'section', text: plain(summary, limits.section) }]),
      ...factSections(message),
      ...(next === '' ? [] : [{ type: 'section', text: plain(next, limits.section) }]),
      ...(linked === '' ? [] : [{ type: 'section', text: mrkdwn(linked) }]),
      { type: 'context', elements: [mrkdwn(dateOf(message))] },
    ],
    unfurl_links: false,
    unfurl_media: false,
  }
}

/** Two columns: a section holds ten fields, which are five labels and what belongs to them. */
function factSections({ facts }: ChatMessage): readonly object[] {
  const sections: object[] = []
  for (let start = 0; start < facts.length; start += limits.factsOfSection) {
    const fields = facts
      .slice(start, start + limits.factsOfSection)
      .flatMap(({ label, text }) => [labelOf(label), plain(text, limits.field)])
    sections.push({ type: 'section', fields })
  }
  return sections
}

function labelOf(label: string): object {
  return /^[\p{L}\p{N} ]+$/u.test(label) ? mrkdwn(`*${label}*`) : plain(label, limits.field)
}

/** As many as a section holds. */
function linkList(links: ChatMessage['links']): string {
  return links
    .map(({ label, url }) => `<${escaped(url)}|${label}>`)
    .reduce((list, link) => {
      const longer = list === '' ? link : `${list}  ·  ${link}`
      return longer.length > limits.section ? list : longer
    }, '')
}

/** In the time zone of who reads it. */
function dateOf({ at, time }: ChatMessage): string {
  const seconds = Math.floor(at.getTime() / 1000)
  return seconds > 0 ? `<!date^${seconds}^{date_short_pretty} at {time}|${time}>` : time
}

// Slack escapes plain text by itself, and does not say whether limits hold before or after: here they hold for both.
function plain(text: string, max: number): object {
  return { type: 'plain_text', text: ellipsized(text, max, escapedSize), emoji: false }
}

/** Slack's markup; `verbatim`, so that nothing becomes a link or a mention that is none. */
function mrkdwn(text: string): object {
  return { type: 'mrkdwn', text, verbatim: true }
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>]/gu, (character) => entities[character] ?? character)
}

const escapedSize: SizeOf = (character) => escaped(character).length
