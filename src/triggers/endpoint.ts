import { createHash, timingSafeEqual } from 'node:crypto'
import { shownText, textOfError } from '../shown-text.ts'
import type { Logger } from '../logger.ts'
import { laneOf } from '../stores/triggers/lane.ts'
import type {
  CallRecord,
  Found,
  Rate,
  Taken,
  Taking,
  TriggerRecord,
  TriggerRecords,
} from '../stores/triggers/records.ts'
import { fieldsOf } from './body.ts'
import { dialectOf } from './dialects/index.ts'
import type { Dialect, NativeParams, Route } from './dialects/dialect.ts'
import type { Answer } from './http/answer.ts'
import { confirmation, isNavigation, isPreview } from './http/previews.ts'
import type { TriggerRequest } from './http/request.ts'
import { isWithin, parseRanges, sourceOf, type Range, type Source } from './http/source.ts'
import type { TriggersOptions } from './options.ts'
import { TriggerRefusal } from './refusal.ts'
import { routeOf } from './routes.ts'
import { digestOf, isTriggerToken, randomId } from './token.ts'

export interface EndpointOptions {
  readonly records: TriggerRecords
  readonly prefix: string
  readonly params: NativeParams
  readonly publicUrl: string | undefined
  readonly trustedProxies: readonly Range[]
  readonly perMinute: number
  readonly runsAtMostMs: number
  readonly defaults: Pick<TriggersOptions, 'overlap' | 'debounce'>
  readonly isApiKey: TriggersOptions['isApiKey']
  readonly logger: Logger
  readonly now: () => number
  /** Something was taken, and may be due. */
  readonly onTaken: () => void
}

/** StackBlaze's limit is its own. */
const stackblazePerMinute = 10
const queueFullSeconds = 60
const longestAgent = 200
const longestKey = 255
/** Headers that make it the same call again. */
const keyHeaders = ['idempotency-key', 'webhook-id', 'x-github-delivery', 'x-gitlab-event-uuid']

/**
 * What a request comes to. The order is the point: method, form of the token, look-up, address, rate, and the body last, so that a stranger costs no
 * more than a checksum, and nobody sends a body for nothing.
 */
export class Endpoint {
  readonly #options: EndpointOptions

  constructor(options: EndpointOptions) {
    this.#options = options
  }

  async answer(request: TriggerRequest): Promise<Answer> {
    let dialect = dialectOf.native
    try {
      const route = routeOf(request.path)
      dialect = dialectOf[route.dialect]
      if (route.kind === 'deployment') return await this.#deployment(request, route)
      return await this.#call(request, route)
    } catch (error) {
      return { ...this.#refused(dialect, error), closes: request.hasBody }
    }
  }

  #refused(dialect: Dialect, error: unknown): Answer {
    if (!(error instanceof TriggerRefusal))
      this.#options.logger.error('A call of a trigger could not be taken', { error: textOfError(error) })
    const refusal = error instanceof TriggerRefusal ? error : new TriggerRefusal('failed')
    const { retryAfterSeconds, allow, rate } = refusal.details
    const answer = dialect.refused(refusal)
    return {
      ...answer,
      headers: {
        ...answer.headers,
        ...(rate === undefined ? undefined : rateHeaders(rate)),
        ...(retryAfterSeconds === undefined ? undefined : { 'retry-after': String(retryAfterSeconds) }),
        ...(allow === undefined ? undefined : { allow }),
      },
    }
  }

  async #call(request: TriggerRequest, route: Route): Promise<Answer> {
    const { source, asks, token } = this.#checkForm(request, route)
    const found = await this.#find(token, route)
    const { trigger } = found
    try {
      checkSource(source, trigger)
      if (asks === 'page') return { status: 200, html: confirmation }
      if (asks === 'state') return await this.#state(trigger)
      const taking = await this.#taking(request, route, found, source)
      if (isDryRun(request)) return { status: 200, json: { dryRun: true, would: taking.call.facts } }
      return await this.#take(request, route, trigger, taking)
    } catch (error) {
      if (error instanceof TriggerRefusal && error.details.isRecorded !== true)
        await this.#options.records.refuse({ ...this.#callOf(request, trigger, source), outcome: error.code })
      throw error
    }
  }

  /** What needs no look-up: whether it was read on its way, what the method asks for, and the form of the token. */
  #checkForm(
    request: TriggerRequest,
    route: Route,
  ): { source: Source; asks: 'call' | 'state' | 'page'; token: string } {
    const source = sourceOf(request, this.#options.trustedProxies)
    if (!source.isPrivate) throw new TriggerRefusal('https_required')
    return { source, asks: askedBy(request, route), token: this.#tokenOf(request, route) }
  }

  /** One token, wherever it stands: in the path, or in a header. */
  #tokenOf(request: TriggerRequest, { dialect, token }: Route): string {
    const { prefix } = this.#options
    const isOwn = dialect === 'native'
    const shown = [
      ...request.header('x-deploy-hook-token'),
      ...(isOwn ? [...bearerOf(request), ...request.header('x-gitlab-token')] : []),
      // The last part of a path may be the end of where the triggers are mounted.
      ...(token !== undefined && (!isOwn || isTriggerToken(token, { prefix })) ? [token] : []),
    ]
    const [first, ...others] = new Set(shown)
    if (others.length > 0) throw new TriggerRefusal('token_repeated')
    if (first === undefined || !isTriggerToken(first, { prefix })) throw new TriggerRefusal('trigger_unknown')
    return first
  }

  async #find(token: string, route: Route): Promise<Found> {
    const { records, now } = this.#options
    const digest = digestOf(token)
    const found = await records.find(digest, now(), this.#perMinute(route))
    if (found === undefined || !timingSafeEqual(Buffer.from(found.token.digest), Buffer.from(digest)))
      throw new TriggerRefusal('trigger_unknown')
    const { trigger } = found
    const isItsOwn =
      trigger.dialect === route.dialect && dialectOf[route.dialect].fits?.(route, trigger) !== false
    if (!isItsOwn) throw new TriggerRefusal('trigger_unknown')
    return found
  }

  #perMinute({ dialect }: Pick<Route, 'dialect'>): number {
    return dialect === 'stackblaze' ? stackblazePerMinute : this.#options.perMinute
  }

  /** Reads the body, once the rate allows it. */
  async #taking(
    request: TriggerRequest,
    route: Route,
    { trigger, token, rate, mayMerge }: Found,
    source: Source,
  ): Promise<Taking> {
    const { params, defaults, runsAtMostMs } = this.#options
    const dialect = dialectOf[trigger.dialect]
    const { countsMerged } = dialect
    if (rate.left === 0 && (countsMerged || !mayMerge)) throw limited(rate, this.#perMinute(route))
    const bytes = request.hasBody ? await request.body() : Buffer.alloc(0)
    const query = new URLSearchParams(request.query)
    query.delete('dry_run')
    const facts = dialect.read({ trigger, route, query, body: fieldsOf(bytes, request) }, params)
    const { overlap = defaults.overlap ?? 'latest', debounce = defaults.debounce } = trigger.settings
    const key = keyOf(request, bytes)
    return {
      triggerId: trigger.id,
      digest: token.digest,
      call: { ...this.#callOf(request, trigger, source), facts },
      deploymentId: randomId('dep'),
      lane: laneOf(trigger, facts),
      overlap,
      ...(debounce === undefined ? undefined : { debounce }),
      depth: 0,
      perMinute: this.#perMinute(route),
      countsMerged,
      ...(key === undefined ? undefined : { key }),
      runsAtMostMs,
    }
  }

  #callOf(
    request: TriggerRequest,
    { id: triggerId }: TriggerRecord,
    { address }: Source,
  ): Omit<CallRecord, 'outcome'> {
    const agent = shownText(request.header('user-agent').join(' ')).slice(0, longestAgent)
    return {
      id: randomId('trc'),
      triggerId,
      at: this.#options.now(),
      ...(address === undefined ? undefined : { address }),
      ...(agent === '' ? undefined : { userAgent: agent.toWellFormed() }),
    }
  }

  async #take(
    request: TriggerRequest,
    route: Route,
    trigger: TriggerRecord,
    taking: Taking,
  ): Promise<Answer> {
    const { records, onTaken, publicUrl } = this.#options
    const taken = await records.take(taking)
    if (!('deployment' in taken) || taken.outcome === 'busy') throw refusalOf(taken, taking)
    onTaken()
    const { deployment, outcome, rate } = taken
    const path = `${publicUrl === undefined ? route.base : new URL(publicUrl).pathname.replace(/\/$/u, '')}/deployments/${deployment.id}`
    const answer = dialectOf[trigger.dialect].taken({
      trigger,
      deployment,
      callId: taking.call.id,
      outcome,
      statusPath: path,
      statusUrl: `${publicUrl === undefined ? request.origin : new URL(publicUrl).origin}${path}`,
    })
    return { ...answer, headers: { ...rateHeaders({ ...rate, limit: taking.perMinute }), ...answer.headers } }
  }

  /** fortrabbit's GET of the trigger. */
  async #state(trigger: TriggerRecord): Promise<Answer> {
    const deployment = await this.#options.records.newest(trigger.id)
    if (deployment === undefined) throw new TriggerRefusal('deployment_unknown')
    return dialectOf[trigger.dialect].status({ trigger, deployment })
  }

  /** An id has 128 random bits: whoever knows it may see its status, and nothing else. Flightcontrol's asks for an API key as well. */
  async #deployment(request: TriggerRequest, { dialect, deploymentId = '' }: Route): Promise<Answer> {
    const { records, isApiKey } = this.#options
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new TriggerRefusal('method_not_allowed', { allow: 'GET' })
    const deployment = isDeploymentId(deploymentId) ? await records.deployment(deploymentId) : undefined
    const trigger = deployment === undefined ? undefined : await records.get(deployment.triggerId)
    if (dialect === 'flightcontrol') {
      const [key] = bearerOf(request)
      const { id, app } = deployment ?? { id: deploymentId, app: '' }
      if (key === undefined || (await isApiKey?.(key, { id, app })) !== true)
        throw new TriggerRefusal('api_key_invalid')
    }
    const isItsOwn = (dialect === 'flightcontrol') === (trigger?.dialect === 'flightcontrol')
    if (deployment === undefined || trigger === undefined || !isItsOwn)
      throw new TriggerRefusal('deployment_unknown')
    return dialectOf[trigger.dialect].status({ trigger, deployment })
  }
}

/** What the method asks for, which the path's dialect tells. */
function askedBy(request: TriggerRequest, { dialect }: Route): 'call' | 'state' | 'page' {
  const { method } = request
  if (method === 'POST') return 'call' // also of the page with one button
  if (method === 'GET' && dialect === 'fortrabbit') return 'state'
  const calls = dialectOf[dialect].method
  const allow = dialect === 'fortrabbit' || calls === 'GET' ? 'GET, POST' : 'POST'
  if (method !== 'GET' || calls !== 'GET') throw new TriggerRefusal('method_not_allowed', { allow })
  if (isPreview(request)) throw new TriggerRefusal('preview_refused')
  return isNavigation(request) ? 'page' : 'call'
}

function checkSource({ address }: Source, { settings: { allowFrom } }: TriggerRecord): void {
  if (allowFrom !== undefined && !isWithin(address, parseRanges(allowFrom, 'allowFrom')))
    throw new TriggerRefusal('source_refused')
}

function bearerOf(request: TriggerRequest): readonly string[] {
  return request
    .header('authorization')
    .flatMap((value) => (value.slice(0, 7).toLowerCase() === 'bearer ' ? [value.slice(7).trim()] : []))
}

function isDryRun(request: TriggerRequest): boolean {
  return request.query.get('dry_run') === '1' || request.header('x-dry-run')[0]?.toLowerCase() === 'true'
}

function isDeploymentId(text: string): boolean {
  return /^dep_[\da-f]{32}$/u.test(text)
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

function refusalOf(taken: Taken, { perMinute }: Taking): TriggerRefusal {
  switch (taken.outcome) {
    case 'rate_limited':
      return limited(taken.rate, perMinute, true)
    case 'busy':
      return new TriggerRefusal('busy', { deploymentId: taken.deployment.id, isRecorded: true })
    case 'queue_full':
      return new TriggerRefusal('queue_full', { retryAfterSeconds: queueFullSeconds, isRecorded: true })
    case 'key_reused':
      return new TriggerRefusal('key_reused')
    default:
      return new TriggerRefusal('trigger_unknown', { isRecorded: true }) // it was revoked meanwhile: nothing tells of it
  }
}

function limited(rate: Rate, limit: number, isRecorded = false): TriggerRefusal {
  const retryAfterSeconds = Math.max(1, Math.ceil(rate.moreInMs / 1000))
  return new TriggerRefusal('rate_limited', { retryAfterSeconds, rate: { ...rate, limit }, isRecorded })
}

/** draft-ietf-httpapi-ratelimit-headers-11 */
function rateHeaders({ left, moreInMs, limit }: Rate & { readonly limit: number }): Record<string, string> {
  return {
    'ratelimit-policy': `"calls";q=${limit};w=60`,
    ratelimit: `"calls";r=${left};t=${Math.ceil(moreInMs / 1000)}`,
  }
}
