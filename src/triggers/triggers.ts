import type { CallRecord, DeploymentRecord, ListedBy } from '../stores/triggers/records.ts'
import { checkedOptions } from './checked-options.ts'
import type { TriggerExplanation } from './explainer.ts'
import { fetchHandler, nodeHandler, type NodeHandler } from './http/handlers.ts'
import { ofFetch, ofNode, type NodeRequestLike } from './http/request.ts'
import { checkId, checkList, checkMethod, checkRequest, checkStatus } from './method-options.ts'
import type { CreateTrigger, FinishedStatus, TriggersOptions, UpdateTrigger } from './options.ts'
import { partsOf, type Parts } from './parts.ts'
import type { TokenShown } from './registry.ts'
import type { Trigger } from './trigger.ts'
import type { TriggersEvents } from './trigger-events.ts'

export interface Triggers extends AsyncDisposable {
  /** For node:http, Express, Fastify's raw request. */
  readonly node: NodeHandler
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
  /** Changes what is given, and nothing else: `undefined` leaves a setting as it is, `null` takes it away. @returns undefined when there is none, or it was revoked */
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

const overlapMsDefault = 24 * 3600 * 1000

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
  return new StoredTriggers(partsOf(checkedOptions(options)))
}

class StoredTriggers implements Triggers {
  readonly node: Triggers['node']
  readonly fetch: Triggers['fetch']
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
    const { endpoint, prefix, starter } = parts
    this.node = nodeHandler((request) => endpoint.answer(request), prefix)
    const ofPeer = fetchHandler((request) => endpoint.answer(request), prefix)
    this.fetch = async (request, peer = {}) => {
      checkMethod('fetch', peer)
      return ofPeer(request, peer.address)
    }
    starter?.look()
  }

  async explain(request: NodeRequestLike | Request): Promise<TriggerExplanation> {
    checkRequest(request)
    const read = request instanceof Request ? ofFetch(request, undefined) : ofNode(request)
    return this.#parts.explainer.explain(read)
  }

  on<Name extends keyof TriggersEvents>(
    event: Name,
    listener: (event: TriggersEvents[Name]) => void,
  ): () => void {
    return this.#parts.events.on(event, listener)
  }

  create(options: CreateTrigger): Promise<TokenShown> {
    return this.#parts.registry.create(options)
  }

  async get(id: string): Promise<Trigger | undefined> {
    checkId(id)
    return this.#parts.registry.get(id)
  }

  async list(
    by: ListedBy = {},
    page: { after?: string | undefined; limit?: number | undefined } = {},
  ): Promise<readonly Trigger[]> {
    checkList(by, page)
    return this.#parts.registry.list(by, page)
  }

  async update(id: string, changes: UpdateTrigger): Promise<Trigger | undefined> {
    checkId(id)
    return this.#parts.registry.update(id, changes)
  }

  async rotate(
    id: string,
    options: { overlapMs?: number | undefined } = {},
  ): Promise<TokenShown | undefined> {
    checkId(id)
    checkMethod('rotate', options)
    return this.#parts.registry.rotate(id, options.overlapMs ?? overlapMsDefault)
  }

  async revoke(id: string, options: { dropWaiting?: boolean | undefined } = {}): Promise<boolean> {
    checkId(id)
    checkMethod('revoke', options)
    return this.#parts.registry.revoke(id, options.dropWaiting ?? false)
  }

  async calls(id: string, options: { limit?: number | undefined } = {}): Promise<readonly CallRecord[]> {
    checkId(id)
    checkMethod('calls', options)
    return this.#parts.records.calls(id, options.limit ?? 100)
  }

  async deployment(id: string): Promise<DeploymentRecord | undefined> {
    checkId(id)
    return this.#parts.records.deployment(id)
  }

  async finished(
    id: string,
    status: FinishedStatus,
    end: { url?: string | undefined; error?: string | undefined } = {},
  ): Promise<boolean> {
    checkId(id)
    checkStatus(status)
    checkMethod('finished', end)
    const isKnown = await this.#parts.ending.tell(id, status, end)
    this.#parts.starter?.look()
    return isKnown
  }

  async prune(options: { readonly olderThan: Date | number }): Promise<number> {
    checkMethod('prune', options)
    return this.#parts.records.prune(Number(options.olderThan))
  }

  async close(): Promise<void> {
    this.#parts.ending.close()
    await this.#parts.starter?.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
