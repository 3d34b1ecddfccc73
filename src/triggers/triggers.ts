import { ConfigurationError } from '../errors.ts'
import { guarded, processWarnings } from '../logger.ts'
import { shownText } from '../shown-text.ts'
import {
  signatures,
  type CallRecord,
  type DeploymentRecord,
  type ListedBy,
  type TokenRecord,
  type TriggerRecord,
  type TriggerRecords,
  type TriggerSettings,
} from '../stores/triggers/records.ts'
import { CallReader } from './call-reader.ts'
import { Ending } from './ending.ts'
import { Endpoint } from './endpoint.ts'
import { Explainer, type TriggerExplanation } from './explainer.ts'
import { Gate } from './gate.ts'
import { writtenOf, type Answer } from './http/answer.ts'
import { ofFetch, ofNode, type NodeRequestLike } from './http/request.ts'
import { parseRanges } from './http/source.ts'
import { send, type ServerResponseLike } from '../verify/send.ts'
import {
  checkedCreate,
  checkedOptions,
  checkedUpdate,
  checkId,
  checkMethod,
  checkRequest,
  checkStatus,
  timeOf,
  type Allowed,
  type CreateTrigger,
  type FinishedStatus,
  type TriggersOptions,
  type UpdateTrigger,
} from './options.ts'
import { problem } from './dialects/native.ts'
import { declaredParams } from './params.ts'
import { TriggerRefusal } from './refusal.ts'
import { isWebUrl, Starter } from './starter.ts'
import { createToken, defaultTokenPrefix, digestOf, hintOf, randomId } from './token.ts'
import { shownTrigger, type Trigger } from './trigger.ts'
import { TriggersEmitter, type TriggersEvents } from './trigger-events.ts'
import { urlOf } from './trigger-url.ts'

/** A trigger that has just been made, or rotated: with the token, which is shown this once. */
export interface TokenShown {
  readonly trigger: Trigger
  /** Nothing keeps it. */
  readonly token: string
  /** Where it is called, when `publicUrl` is known. It holds the token in every dialect but Shipmight's. */
  readonly url?: string | undefined
}

export interface Triggers extends AsyncDisposable {
  /** For node:http, Express, Fastify's raw request. */
  readonly node: (request: NodeRequestLike, response: ServerResponseLike) => Promise<void>
  /** For Hono and everything that has Fetch's Request. `address`: the peer's, for allow lists and proxies. */
  readonly fetch: (request: Request, peer?: { readonly address?: string | undefined }) => Promise<Response>
  /** @throws {@link ConfigurationError} `option_invalid`, or what the store throws */
  create(options: CreateTrigger): Promise<TokenShown>
  get(id: string): Promise<Trigger | undefined>
  /** In the order of their ids. @param page `after`: the last id of the page before */
  list(
    by?: ListedBy,
    page?: { readonly after?: string | undefined; readonly limit?: number | undefined },
  ): Promise<readonly Trigger[]>
  /** Changes what is given, and nothing else. @returns undefined when there is none, or it was revoked */
  update(id: string, changes: UpdateTrigger): Promise<Trigger | undefined>
  /** A new token. Those before it hold for `overlapMs` more. @param options `overlapMs` @default 86_400_000 */
  rotate(id: string, options?: { readonly overlapMs?: number | undefined }): Promise<TokenShown | undefined>
  /**
   * Takes no call any more, in no process, once it resolves. @param options `dropWaiting`: deployments that wait are canceled
   * @returns whether there is such a trigger
   */
  revoke(id: string, options?: { readonly dropWaiting?: boolean | undefined }): Promise<boolean>
  /** The last calls, refused ones too, the newest first: a thousand or so are kept. */
  calls(id: string, options?: { readonly limit?: number | undefined }): Promise<readonly CallRecord[]>
  deployment(id: string): Promise<DeploymentRecord | undefined>
  /**
   * What would become of a request, in words, without its token: for whoever sets a trigger up. Nothing is taken, recorded or counted. It tells
   * more than a stranger may know.
   *
   * @param request Node's, or Fetch's, or a plain object with `method`, `url`, `headers`
   */
  explain(request: NodeRequestLike | Request): Promise<TriggerExplanation>
  /** @returns a function that takes the listener off again */
  on<Name extends keyof TriggersEvents>(
    event: Name,
    listener: (event: TriggersEvents[Name]) => void,
  ): () => void
  /**
   * Tells how a deployment ended, by our id or yours: the next one of its lane starts. An end that was told before stands.
   *
   * @returns whether there is such a deployment
   */
  finished(
    id: string,
    status: FinishedStatus,
    end?: { readonly url?: string | undefined; readonly error?: string | undefined },
  ): Promise<boolean>
  /** Forgets what ended before. @returns how many deployments */
  prune(options: { readonly olderThan: Date | number }): Promise<number>
  /** Starts nothing more, answers who waits for an end, and waits for what is being started. The store stays open. */
  close(): Promise<void>
}

const defaults = { perMinute: 10, startWithinMs: 30_000, runsAtMostMs: 3_600_000, startsAtOnce: 8 }
const overlapMsDefault = 24 * 3600 * 1000
const longestError = 500
const mostListed = 1000

/**
 * Deploy hooks in the other direction: unique URLs that a platform's users call to start a deployment.
 *
 * @throws {@link ConfigurationError} `option_invalid`
 * @example
 * const triggers = createTriggers({ store: memoryStore(), onTrigger: ({ app, deploymentId }) => deploy(app, deploymentId) })
 * const { token } = await triggers.create({ app: 'web', environment: 'production' })
 * http.createServer(triggers.node) // POST /{token}
 */
export function createTriggers(options: TriggersOptions): Triggers {
  return new StoredTriggers(checkedOptions(options))
}

class StoredTriggers implements Triggers {
  readonly node: Triggers['node']
  readonly fetch: Triggers['fetch']
  readonly #records: TriggerRecords
  readonly #prefix: string
  readonly #publicUrl: string | undefined
  readonly #allowed: Allowed
  readonly #starter: Starter | undefined
  readonly #explainer: Explainer
  readonly #events: TriggersEmitter
  readonly #ending: Ending
  readonly #now: () => number

  constructor(options: TriggersOptions) {
    const { store, onTrigger, params = {}, publicUrl, isApiKey, overlap, debounce } = options
    const logger = guarded(options.logger ?? processWarnings)
    this.#records = store.triggers as TriggerRecords // checked
    this.#prefix = options.tokenPrefix ?? defaultTokenPrefix
    this.#publicUrl = publicUrl
    this.#allowed = {
      params: Object.keys(params),
      signatures: signatures.filter(
        (signature) => options.secrets !== undefined && (signature !== 'deis' || publicUrl !== undefined),
      ),
    }
    this.#now = options.now ?? Date.now
    this.#events = new TriggersEmitter(logger)
    const shared = {
      events: this.#events,
      records: this.#records,
      runsAtMostMs: options.runsAtMostMs ?? defaults.runsAtMostMs,
      logger,
      now: this.#now,
    }
    if (options.workers !== false) {
      this.#starter = new Starter({
        ...shared,
        onTrigger,
        startWithinMs: options.startWithinMs ?? defaults.startWithinMs,
        startsAtOnce: options.startsAtOnce ?? defaults.startsAtOnce,
      })
      this.#starter.look()
    }
    const gate = new Gate({
      ...shared,
      prefix: this.#prefix,
      reader: new CallReader({
        records: this.#records,
        prefix: this.#prefix,
        params: declaredParams(params),
        publicUrl,
        secrets: options.secrets,
      }),
      trustedProxies: parseRanges(options.trustedProxies ?? [], 'trustedProxies'),
      perMinute: options.perMinute ?? defaults.perMinute,
    })
    this.#ending = new Ending(shared)
    this.#explainer = new Explainer({ ...shared, gate, prefix: this.#prefix })
    const endpoint = new Endpoint({
      ...shared,
      gate,
      prefix: this.#prefix,
      publicUrl,
      defaults: { overlap, debounce },
      isApiKey,
      ending: this.#ending,
      onTaken: () => this.#starter?.look(),
    })
    this.node = async (request, response) => {
      const answer = await answerTo(() => endpoint.answer(ofNode(request)))
      if (response.headersSent === true) return
      const { headers, body } = writtenOf(answer, this.#prefix)
      await send(
        { status: answer.status, headers, body: request.method === 'HEAD' ? '' : body },
        request,
        response,
      )
    }
    this.fetch = async (request, peer = {}) => {
      checkMethod('fetch', peer)
      const answer = await answerTo(() => endpoint.answer(ofFetch(request, peer.address)))
      const { headers, body } = writtenOf(answer, this.#prefix)
      return new Response(request.method === 'HEAD' ? null : (body ?? null), {
        status: answer.status,
        headers,
      })
    }
  }

  async explain(request: NodeRequestLike | Request): Promise<TriggerExplanation> {
    checkRequest(request)
    return this.#explainer.explain(request instanceof Request ? ofFetch(request, undefined) : ofNode(request))
  }

  on<Name extends keyof TriggersEvents>(
    event: Name,
    listener: (event: TriggersEvents[Name]) => void,
  ): () => void {
    return this.#events.on(event, listener)
  }

  async create(input: CreateTrigger): Promise<TokenShown> {
    const {
      app,
      environment,
      tenant,
      dialect = 'native',
      expiresAt,
      ...settings
    } = checkedCreate(input, this.#allowed)
    const { token, record } = this.#newToken()
    const trigger: TriggerRecord = {
      id: randomId('trg'),
      tenant,
      app,
      environment,
      dialect,
      settings,
      createdAt: this.#now(),
      expiresAt: timeOf(expiresAt),
      tokens: [record],
    }
    await this.#records.create(trigger)
    return this.#shown(trigger, token)
  }

  async get(id: string): Promise<Trigger | undefined> {
    checkId(id)
    const trigger = await this.#records.get(id)
    return trigger === undefined ? undefined : shownTrigger(trigger)
  }

  async list(
    by: ListedBy = {},
    page: { after?: string | undefined; limit?: number | undefined } = {},
  ): Promise<readonly Trigger[]> {
    checkMethod('list', by)
    checkMethod('page', page)
    const limit = Math.min(page.limit ?? 100, mostListed)
    return (await this.#records.list(by, { after: page.after, limit })).map(shownTrigger)
  }

  async update(id: string, changes: UpdateTrigger): Promise<Trigger | undefined> {
    checkId(id)
    const { expiresAt, ...settings } = checkedUpdate(changes, this.#allowed)
    const known = await this.#records.get(id)
    if (known === undefined) return undefined
    if (known.dialect === 'shipmight' && settings.name !== undefined)
      throw new ConfigurationError(
        'option_invalid',
        'name',
        "Expected none, since the name of Shipmight's cannot change, got one: leave it out.",
      )
    const next: TriggerSettings = { ...known.settings, ...settings }
    const endsAt =
      expiresAt === undefined ? (known.expiresAt ?? null) : expiresAt === null ? null : Number(expiresAt)
    return (await this.#records.update(id, next, endsAt)) ? this.get(id) : undefined
  }

  async rotate(
    id: string,
    options: { overlapMs?: number | undefined } = {},
  ): Promise<TokenShown | undefined> {
    checkId(id)
    checkMethod('rotate', options)
    const { overlapMs = overlapMsDefault } = options
    const { token, record } = this.#newToken()
    const now = this.#now()
    if (!(await this.#records.rotate(id, record, now + overlapMs, now))) return undefined
    const trigger = await this.#records.get(id)
    return trigger === undefined ? undefined : this.#shown(trigger, token)
  }

  async revoke(id: string, options: { dropWaiting?: boolean | undefined } = {}): Promise<boolean> {
    checkId(id)
    checkMethod('revoke', options)
    return this.#records.revoke(id, this.#now(), options.dropWaiting ?? false)
  }

  async calls(id: string, options: { limit?: number | undefined } = {}): Promise<readonly CallRecord[]> {
    checkId(id)
    checkMethod('calls', options)
    return this.#records.calls(id, options.limit ?? 100)
  }

  async deployment(id: string): Promise<DeploymentRecord | undefined> {
    checkId(id)
    return this.#records.deployment(id)
  }

  async finished(
    id: string,
    status: FinishedStatus,
    told: { url?: string | undefined; error?: string | undefined } = {},
  ): Promise<boolean> {
    checkId(id)
    checkStatus(status)
    checkMethod('finished', told)
    const { url, error } = told
    const end = {
      now: this.#now(),
      ...(isWebUrl(url) ? { url } : undefined),
      ...(error === undefined
        ? undefined
        : { error: shownText(error).slice(0, longestError).toWellFormed() }),
    }
    const before = await this.#records.finish(id, status, end)
    this.#starter?.look()
    const deployment = before && (await this.#records.deployment(before.id))
    if (deployment !== undefined && before?.finishedAt === undefined)
      this.#events.emit('deployment-finished', { deployment })
    return before !== undefined
  }

  async prune(options: { readonly olderThan: Date | number }): Promise<number> {
    checkMethod('prune', options)
    return this.#records.prune(Number(options.olderThan))
  }

  async close(): Promise<void> {
    this.#ending.close()
    await this.#starter?.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #newToken(): { readonly token: string; readonly record: TokenRecord } {
    const token = createToken(this.#prefix)
    return { token, record: { digest: digestOf(token), hint: hintOf(token) } }
  }

  #shown(trigger: TriggerRecord, token: string): TokenShown {
    const url = this.#publicUrl === undefined ? undefined : urlOf(this.#publicUrl, trigger, token)
    return { trigger: shownTrigger(trigger), token, ...(url === undefined ? undefined : { url }) }
  }
}

/** A request that cannot be read is answered, too. */
async function answerTo(answer: () => Promise<Answer>): Promise<Answer> {
  try {
    return await answer()
  } catch (error) {
    const refusal = error instanceof TriggerRefusal ? error : new TriggerRefusal('request_malformed')
    return { ...problem(refusal), closes: true }
  }
}
