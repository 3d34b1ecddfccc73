import type { CallFacts, TriggerRecord, TriggerRecords } from '../stores/triggers/records.ts'
import type { Gate, Passed } from './gate.ts'
import type { TriggerRequest } from './http/request.ts'
import { TriggerRefusal, type RefusalCode } from './refusal.ts'
import { routeOf } from './routes.ts'
import { digestOf, isToken, withoutTokens } from './token.ts'
import { shownTrigger, type Trigger } from './trigger.ts'

/** What would become of a request, for whoever sets a trigger up. */
export interface TriggerExplanation {
  /** It would start something, or be merged into what will. */
  readonly takes: boolean
  /** Of the refusal. */
  readonly code?: RefusalCode | undefined
  /** In words, without the token. */
  readonly words: string
  readonly trigger?: Trigger | undefined
  /** What would be deployed. */
  readonly facts?: CallFacts | undefined
}

export interface ExplainerOptions {
  readonly gate: Gate
  readonly records: Pick<TriggerRecords, 'identify'>
  readonly prefix: string
  readonly now: () => number
}

/** Tells why a request would be refused, or what it would start. Nothing is taken, recorded or counted. */
export class Explainer {
  readonly #options: ExplainerOptions

  constructor(options: ExplainerOptions) {
    this.#options = options
  }

  async explain(request: TriggerRequest): Promise<TriggerExplanation> {
    let trigger: Trigger | undefined
    const onKnown = (known: TriggerRecord): void => {
      trigger = shownTrigger(known)
    }
    try {
      const route = routeOf(request.path)
      if (route.kind === 'deployment')
        return { takes: false, words: 'It asks for the status of a deployment.' }
      return { ...wordsOf(await this.#options.gate.pass(request, route, onKnown)), trigger }
    } catch (error) {
      if (!(error instanceof TriggerRefusal)) throw error
      const why = error.code === 'trigger_unknown' ? await this.#whyUnknown(request) : undefined
      const more = error.details.problems?.map(({ path, message }) => `${path}: ${message}`).join(' ')
      const words = [error.message, why, more].filter((each) => each !== undefined).join(' ')
      return { takes: false, code: error.code, words: withoutTokens(words, this.#options.prefix), trigger }
    }
  }

  /** For the platform's engineer, who may know what a stranger may not. */
  async #whyUnknown(request: TriggerRequest): Promise<string> {
    const { gate, records, prefix, now } = this.#options
    const route = routeOf(request.path)
    const shown = gate.tokensIn(request, route)
    const [token = ''] = shown.size === 0 ? [route.token] : shown
    if (token === '') return 'It shows no token.'
    if (!token.startsWith(`${prefix}_`)) return `Its token does not begin with ${prefix}_.`
    if (!isToken(token, prefix))
      return 'The checksum of its token is wrong: a character is missing or was changed.'
    const known = await records.identify(digestOf(token))
    if (known === undefined) return 'Nobody was ever given its token, or its trigger was pruned.'
    const { trigger, token: kept } = known
    if (trigger.revokedAt !== undefined) return `${trigger.id} was revoked.`
    if (hasEnded(trigger.expiresAt, now())) return `${trigger.id} has expired.`
    if (hasEnded(kept.expiresAt, now())) return `Its token was rotated away: ${trigger.id} has another one.`
    return `${trigger.id} is called in the dialect ${trigger.dialect}, at another path.`
  }
}

function hasEnded(expiresAt: number | undefined, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now
}

function wordsOf(passed: Passed): Omit<TriggerExplanation, 'trigger'> {
  if (passed.asks === 'page')
    return { takes: false, words: 'A person follows a link: a page with one button is shown.' }
  if (passed.asks === 'state') return { takes: false, words: 'It asks for the last deployment.' }
  const { read } = passed
  if (read.kind === 'ping')
    return { takes: false, words: 'It is a ping: it is answered, and starts nothing.' }
  if (read.kind === 'ignored') return { takes: false, words: `It starts nothing: ${read.reason}.` }
  const words = 'It is taken: a deployment starts, or it is merged into one that waits.'
  return { takes: true, words, facts: read.facts }
}
