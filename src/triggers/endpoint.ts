import { shownText, textOfError } from '../shown-text.ts'
import type { Logger } from '../logger.ts'
import { laneOf } from '../stores/triggers/lane.ts'
import type {
  CallRecord,
  DeploymentRecord,
  Rate,
  Taken,
  Taking,
  TriggerRecord,
  TriggerRecords,
} from '../stores/triggers/records.ts'
import { dialectOf } from './dialects/index.ts'
import type { Dialect, Route } from './dialects/dialect.ts'
import type { Answer } from './http/answer.ts'
import { confirmation } from './http/previews.ts'
import type { TriggerRequest } from './http/request.ts'
import type { Source } from './http/source.ts'
import type { TriggersOptions } from './options.ts'
import { TriggerRefusal } from './refusal.ts'
import type { Read, Start } from './call-reader.ts'
import { waitPreferred, type Ending } from './ending.ts'
import { bearerOf, limited, type Gate, type Passed } from './gate.ts'
import { routeOf } from './routes.ts'
import { randomId, withoutTokens } from './token.ts'
import type { TriggersEmitter } from './trigger-events.ts'

export interface EndpointOptions {
  readonly records: TriggerRecords
  readonly gate: Gate
  /** Of tokens. */
  readonly prefix: string
  readonly publicUrl: string | undefined
  readonly runsAtMostMs: number
  readonly defaults: Pick<TriggersOptions, 'overlap' | 'debounce'>
  readonly isApiKey: TriggersOptions['isApiKey']
  readonly ending: Ending
  readonly logger: Logger
  readonly events: Pick<TriggersEmitter, 'emit'>
  readonly now: () => number
  /** Something was taken, and may be due. */
  readonly onTaken: () => void
}

const queueFullSeconds = 60
const longestShown = 200

/** What a request comes to: it passes the gate, is taken by the store, and answered in its trigger's dialect. */
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
      this.#options.logger.error('A call of a trigger could not be taken', {
        error: withoutTokens(textOfError(error), this.#options.prefix),
      })
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
    const { gate } = this.#options
    let call: Omit<CallRecord, 'outcome'> | undefined
    const onKnown = (trigger: TriggerRecord, source: Source): void => {
      call = this.#callOf(request, trigger, source)
    }
    try {
      const passed = await gate.pass(request, route, onKnown)
      const { trigger } = passed.found
      if (passed.asks === 'page') return { status: 200, html: confirmation }
      if (passed.asks === 'state') return await this.#state(request, trigger)
      const { read, source } = passed
      if (read.kind !== 'start')
        return await this.#startsNothing(read, this.#callOf(request, trigger, source))
      if (isDryRun(request)) return { status: 200, json: { dryRun: true, would: read.facts } }
      return await this.#take(request, route, trigger, this.#taking(request, passed, read))
    } catch (error) {
      if (error instanceof TriggerRefusal && call !== undefined) await this.#recordRefusal(error, call)
      throw error
    }
  }

  /** In the audit, unless it was written with what refused it. */
  async #recordRefusal({ code, details }: TriggerRefusal, given: Omit<CallRecord, 'outcome'>): Promise<void> {
    const { records, events } = this.#options
    const call = { ...given, outcome: code }
    if (details.isRecorded !== true) await records.refuse(call)
    events.emit('trigger-refused', { call })
  }

  async #startsNothing(event: Exclude<Read, Start>, call: Omit<CallRecord, 'outcome'>): Promise<Answer> {
    const { records, events } = this.#options
    const told = { ...call, outcome: event.kind }
    await records.refuse(told)
    events.emit('trigger-refused', { call: told })
    return { status: 200, json: event.kind === 'ping' ? { ping: true } : { ignored: event.reason } }
  }

  #taking(
    request: TriggerRequest,
    { found: { trigger, token }, source, perMinute }: Passed,
    { facts, key, depth }: Start,
  ): Taking {
    const { defaults, runsAtMostMs } = this.#options
    const { overlap = defaults.overlap ?? 'latest', debounce = defaults.debounce } = trigger.settings
    return {
      triggerId: trigger.id,
      digest: token.digest,
      call: { ...this.#callOf(request, trigger, source), facts },
      deploymentId: randomId('dep'),
      lane: laneOf(trigger, facts),
      overlap,
      ...(debounce === undefined ? undefined : { debounce }),
      depth,
      perMinute,
      countsMerged: dialectOf[trigger.dialect].countsMerged,
      ...(key === undefined ? undefined : { key }),
      runsAtMostMs,
    }
  }

  #callOf(
    request: TriggerRequest,
    { id: triggerId }: TriggerRecord,
    { address }: Source,
  ): Omit<CallRecord, 'outcome'> {
    const agent = this.#shown(request.header('user-agent').join(' '))
    return {
      id: randomId('trc'),
      triggerId,
      at: this.#options.now(),
      ...(address === undefined ? undefined : { address: this.#shown(address) }),
      ...(agent === '' ? undefined : { userAgent: agent }),
    }
  }

  /** What a caller has written, for people. */
  #shown(text: string): string {
    const seen = withoutTokens(shownText(text), this.#options.prefix)
    return seen.slice(0, longestShown).toWellFormed()
  }

  async #take(
    request: TriggerRequest,
    route: Route,
    trigger: TriggerRecord,
    taking: Taking,
  ): Promise<Answer> {
    const { records, events, onTaken, publicUrl } = this.#options
    const taken = await records.take(taking)
    if (!('deployment' in taken) || taken.outcome === 'busy') throw refusalOf(taken, taking)
    const { deployment, outcome, rate } = taken
    onTaken()
    events.emit('trigger-called', {
      call: { ...taking.call, outcome, deploymentId: deployment.id },
      deployment,
    })
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
  async #state(request: TriggerRequest, trigger: TriggerRecord): Promise<Answer> {
    const deployment = await this.#options.records.newest(trigger.id)
    if (deployment === undefined) throw new TriggerRefusal('deployment_unknown')
    return await this.#status(request, trigger, deployment)
  }

  /** When it has ended, if the caller prefers to wait for that. */
  async #status(request: TriggerRequest, trigger: TriggerRecord, asked: DeploymentRecord): Promise<Answer> {
    const seconds = waitPreferred(request.header('prefer'))
    const { deployment, waited } = await this.#options.ending.of(asked, seconds)
    const answer = dialectOf[trigger.dialect].status({ trigger, deployment })
    if (waited === undefined) return answer
    return { ...answer, headers: { ...answer.headers, 'preference-applied': `wait=${waited}` } }
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
    return await this.#status(request, trigger, deployment)
  }
}

function isDryRun(request: TriggerRequest): boolean {
  return request.query.get('dry_run') === '1' || request.header('x-dry-run')[0]?.toLowerCase() === 'true'
}

function isDeploymentId(text: string): boolean {
  return /^dep_[\da-f]{32}$/u.test(text)
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

/** draft-ietf-httpapi-ratelimit-headers-11 */
function rateHeaders({ left, moreInMs, limit }: Rate & { readonly limit: number }): Record<string, string> {
  return {
    'ratelimit-policy': `"calls";q=${limit};w=60`,
    ratelimit: `"calls";r=${left};t=${Math.ceil(moreInMs / 1000)}`,
  }
}
