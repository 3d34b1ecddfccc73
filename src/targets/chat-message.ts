import type { Release, Stage } from '../release.ts'
import { line, linkable, visible } from './chat-text.ts'
import { ellipsized } from '../cut.ts'
import { made } from './made.ts'
import type { Fields, Made, TargetContext } from './shape.ts'

/** What every chat takes. */
export interface ChatOptions {
  /** First line, as plain text. @default what became of which version, and where: `web v4 failed in production` */
  readonly title?: Made<string> | undefined
  /**
   * More facts, by label, as plain text; the first ten of them.
   * @example ({ release }) => ({ Region: String(release.meta?.['region'] ?? 'none') })
   */
  readonly details?: Made<Fields> | undefined
  /** The whole message, in the chat's own format, sent as it is: escape what users wrote. @default one made of all the facts */
  readonly message?: ((context: TargetContext) => object) | undefined
}

/** What there is to say of a release, in order: plain text, to be escaped as its chat wants it. */
export interface ChatMessage {
  readonly stage: Stage
  /** With an emoji before it, which says in notifications what became of the release. */
  readonly title: string
  readonly summary: string
  readonly facts: readonly { readonly label: string; readonly text: string }[]
  /** What to do now, or what runs now; empty when there is nothing to do. */
  readonly next: string
  /** The one that is needed first comes first. */
  readonly links: readonly { readonly label: string; readonly url: string }[]
  readonly at: Date
  /** `2026-11-21 12:00 UTC`. */
  readonly time: string
}

const longest = { app: 50, name: 30, title: 200, summary: 1500, label: 50, fact: 200 }
const mostDetails = 10
const sha = /^[\da-f]{7,64}$/iu

const deeds: Readonly<Record<Stage, readonly [symbol: string, deed: string, where: string]>> = {
  released: ['🚀', 'was released', 'to'],
  succeeded: ['✅', 'is live', 'in'],
  failed: ['❌', 'failed', 'in'],
  'rolled-back': ['↩️', 'was rolled back', 'in'],
}

export function chatMessage(context: TargetContext, { title, details }: ChatOptions): ChatMessage {
  const { release, recordedAt } = context
  const { stage = 'released' } = release
  const [symbol] = deeds[stage]
  const at = new Date(release.at ?? recordedAt)
  return {
    stage,
    title: `${symbol} ${ellipsized(line(made(title, context) ?? ''), longest.title) || titleOf(release, stage)}`,
    summary: ellipsized(visible(release.summary), longest.summary),
    facts: [...factsOf(release, stage), ...detailsOf(made(details, context) ?? {})],
    next: nextOf(release, stage),
    links: linksOf(release, stage),
    at,
    time: at
      .toISOString()
      .replace(/:\d\d\.\d{3}Z$/u, ' UTC')
      .replace('T', ' '),
  }
}

function titleOf({ app, version, environment }: Release, stage: Stage): string {
  const [, deed, where] = deeds[stage]
  const place = environment === undefined ? '' : ` ${where} ${named(environment)}`
  return `${ellipsized(line(app), longest.app)} ${named(version)} ${deed}${place}`.trimStart()
}

function factsOf(release: Release, stage: Stage): ChatMessage['facts'] {
  const { environment, user, sha: commit, previous } = release
  return [
    ...factOf('Environment', environment),
    ...factOf('Released by', user),
    ...factOf('Commit', commit !== undefined && sha.test(commit) ? commit.slice(0, 7) : commit),
    ...factOf(stage === 'rolled-back' ? 'Runs now' : 'Previous version', previous),
  ]
}

function detailsOf(details: Fields): ChatMessage['facts'] {
  return Object.entries(details)
    .flatMap(([label, text]) => factOf(label, text))
    .slice(0, mostDetails)
}

function factOf(name: string, value: string | undefined): ChatMessage['facts'] {
  const label = ellipsized(line(name), longest.label)
  const text = ellipsized(line(value ?? ''), longest.fact)
  return label === '' || text === '' ? [] : [{ label, text }]
}

function nextOf({ previous, logUrl }: Release, stage: Stage): string {
  const why = logUrl === undefined ? 'The logs of the platform say why.' : 'Read the logs to see why.'
  if (stage === 'failed') return why
  if (stage !== 'rolled-back') return ''
  return `${previous === undefined ? 'The version before' : named(previous)} runs again. ${why}`
}

function linksOf({ url, logUrl, diffUrl }: Release, stage: Stage): ChatMessage['links'] {
  const isGood = stage === 'released' || stage === 'succeeded'
  const app = ['Open the app', url] as const
  const logs = ['Logs', logUrl] as const
  const changes = ['Changes', diffUrl] as const
  return (isGood ? [app, changes, logs] : [logs, changes, app]).flatMap(([label, given]) => {
    const link = linkable(given)
    return link === undefined ? [] : [{ label, url: link }]
  })
}

function named(name: string): string {
  return ellipsized(line(name), longest.name)
}
