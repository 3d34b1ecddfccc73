import { createHash } from 'node:crypto'
import type { CallFacts, Taking, TriggerRecord, TriggerRecords } from '../stores/triggers/records.ts'
import { fieldsOf } from './body.ts'
import { dialectOf } from './dialects/index.ts'
import type { NativeParams } from './dialects/dialect.ts'
import type { TriggerEvent } from './events/event.ts'
import { readEvent } from './events/read-event.ts'
import type { TriggerRequest } from './http/request.ts'
import type { TriggersOptions } from './options.ts'
import { TriggerRefusal } from './refusal.ts'
import { routeOf } from './routes.ts'
import { checkSignature } from './signature.ts'
import { withoutTokens } from './token.ts'
import { shownTrigger } from './trigger.ts'
import { urlOf } from './trigger-url.ts'

/** A call that starts something. */
export interface Start {
  readonly kind: 'start'
  readonly facts: CallFacts
  readonly key: Taking['key']
  /** How many deployments before it triggered each other. */
  readonly depth: number
}

/** What a call comes to before it is taken. */
export type Read = Start | Exclude<TriggerEvent, { readonly kind: 'start' }>

export interface CallReaderOptions {
  readonly records: Pick<TriggerRecords, 'deploymentBy'>
  /** Of tokens. */
  readonly prefix: string
  readonly params: NativeParams
  readonly publicUrl: string | undefined
  readonly secrets: TriggersOptions['secrets']
}

/** Deployments that each triggered the next one: more would never end. */
const deepest = 3
const longestKey = 255
/** Headers that make it the same call again. */
const keyHeaders = ['idempotency-key', 'webhook-id', 'x-github-delivery', 'x-gitlab-event-uuid']

/** Reads what a call gives: its body, whose signature is checked first, and its query. */
export class CallReader {
  readonly #options: CallReaderOptions

  constructor(options: CallReaderOptions) {
    this.#options = options
  }

  async read(request: TriggerRequest, trigger: TriggerRecord, token: string): Promise<Read> {
    const bytes = request.hasBody ? await request.body() : Buffer.alloc(0)
    await this.#checkSignature(request, trigger, token, bytes)
    const body = fieldsOf(bytes, request)
    const key = keyOf(request, bytes)
    const dialect = dialectOf[trigger.dialect]
    const event = dialect.readsEvents === true ? readEvent(request, body ?? {}, trigger) : undefined
    if (event?.kind === 'start') {
      const depth = await this.#depthOf(event.deploymentId)
      return this.#kept({ kind: 'start', facts: { params: {}, ...event.facts }, key, depth })
    }
    if (event !== undefined) return event
    const query = new URLSearchParams(request.query)
    query.delete('dry_run')
    const route = routeOf(request.path)
    const facts = dialect.read({ trigger, route, query, body }, this.#options.params)
    return this.#kept({ kind: 'start', facts, key, depth: 0 })
  }

  /** Whoever reads the tables, or is told of the deployment, could call by a token in them. */
  #kept(start: Start): Start {
    const text = JSON.stringify([start.facts, start.key?.key])
    if (withoutTokens(text, this.#options.prefix) !== text) throw new TriggerRefusal('token_misplaced')
    return start
  }

  async #checkSignature(
    request: TriggerRequest,
    trigger: TriggerRecord,
    token: string,
    body: Buffer,
  ): Promise<void> {
    const { signature } = trigger.settings
    if (signature === undefined) return
    const { secrets, publicUrl } = this.#options
    const url = publicUrl === undefined ? undefined : urlOf(publicUrl, trigger, token)
    checkSignature(signature, { request, body, url, secrets: (await secrets?.(shownTrigger(trigger))) ?? [] })
  }

  /** A deployment that a release names may itself have been triggered by one, and that by one. */
  async #depthOf(deploymentId: string | undefined): Promise<number> {
    const before =
      deploymentId === undefined ? undefined : await this.#options.records.deploymentBy(deploymentId)
    const depth = before === undefined ? 0 : before.depth + 1
    if (depth >= deepest) throw new TriggerRefusal('loop_detected')
    return depth
  }
}

/** draft-ietf-httpapi-idempotency-key-header-07: a quoted text, and bare as many send it. Two ids of a sender's own stand for it, too. */
function keyOf(request: TriggerRequest, body: Buffer): Taking['key'] {
  const value = keyHeaders
    .map((name) => request.header(name)[0])
    .find((text) => text !== undefined && text !== '')
  if (value === undefined) return undefined
  const key = /^"(.*)"$/u.exec(value)?.[1] ?? value
  if (key.length > longestKey || !key.isWellFormed() || key.includes('\0'))
    throw new TriggerRefusal('request_malformed')
  const fingerprint = createHash('sha256')
    .update(request.query.toString())
    .update('\0')
    .update(body)
    .digest('hex')
  return { key, fingerprint }
}
