import { timingSafeEqual } from 'node:crypto'
import type { Found, Rate, TriggerRecord, TriggerRecords } from '../stores/triggers/records.ts'
import type { CallReader, Read } from './call-reader.ts'
import { dialectOf } from './dialects/index.ts'
import type { Route } from './dialects/dialect.ts'
import { isNavigation, isPreview } from './http/previews.ts'
import type { TriggerRequest } from './http/request.ts'
import { isWithin, parseRanges, sourceOf, type Source, type Sources } from './http/source.ts'
import { TriggerRefusal } from './refusal.ts'
import { digestOf, isToken } from './token.ts'

export interface GateOptions {
  readonly records: Pick<TriggerRecords, 'find'>
  readonly reader: CallReader
  readonly prefix: string
  readonly trustedProxies: Sources
  readonly perMinute: number
  readonly now: () => number
}

interface Known {
  readonly found: Found
  readonly source: Source
  readonly perMinute: number
}

/** What has passed: whose it is, and what it asks for. */
export type Passed =
  | (Known & { readonly asks: 'page' })
  | (Known & { readonly asks: 'state' })
  | (Known & { readonly asks: 'call'; readonly read: Read })

/** StackBlaze's limit is its own. */
const stackblazePerMinute = 10

/**
 * What every call passes, in the order that costs least: the method, the form of the token, its look-up, the address, the rate, and the body
 * last. A stranger costs no more than a checksum, and nobody sends a body for nothing.
 */
export class Gate {
  readonly #options: GateOptions

  constructor(options: GateOptions) {
    this.#options = options
  }

  /**
   * @param onKnown told whose call it is, as soon as that is known
   * @throws {@link TriggerRefusal}
   */
  async pass(
    request: TriggerRequest,
    route: Route,
    onKnown: (trigger: TriggerRecord, source: Source) => void,
  ): Promise<Passed> {
    const source = sourceOf(request, this.#options.trustedProxies)
    if (!source.isPrivate) throw new TriggerRefusal('https_required')
    const asks = askedBy(request, route)
    const token = this.#tokenOf(request, route)
    const perMinute = route.dialect === 'stackblaze' ? stackblazePerMinute : this.#options.perMinute
    const found = await this.#find(token, route, perMinute)
    onKnown(found.trigger, source)
    checkSource(source, found.trigger)
    const passed = { found, source, perMinute }
    if (asks === 'page' || asks === 'state') return { ...passed, asks }
    if (found.rate.left === 0 && !mayBeMerged(found)) throw limited(found.rate, perMinute)
    return { ...passed, asks, read: await this.#options.reader.read(request, found.trigger, token) }
  }

  /** What stands where a token may stand: in the path, or in a header. */
  tokensIn(request: TriggerRequest, { dialect, token }: Route): ReadonlySet<string> {
    const { prefix } = this.#options
    const isOwn = dialect === 'native'
    return new Set([
      ...request.header('x-deploy-hook-token'),
      ...(isOwn ? [...bearerOf(request), ...request.header('x-gitlab-token')] : []),
      // The last part of a path may be the end of where the triggers are mounted.
      ...(token !== undefined && (!isOwn || isToken(token, prefix)) ? [token] : []),
    ])
  }

  #tokenOf(request: TriggerRequest, route: Route): string {
    const [first, ...others] = this.tokensIn(request, route)
    if (others.length > 0) throw new TriggerRefusal('token_repeated')
    const { prefix } = this.#options
    if (first === undefined || !isToken(first, prefix)) throw new TriggerRefusal('trigger_unknown')
    return first
  }

  async #find(token: string, route: Route, perMinute: number): Promise<Found> {
    const { records, now } = this.#options
    const digest = digestOf(token)
    const found = await records.find(digest, now(), perMinute)
    if (found === undefined || !timingSafeEqual(Buffer.from(found.token.digest), Buffer.from(digest)))
      throw new TriggerRefusal('trigger_unknown')
    const { trigger } = found
    const isItsOwn =
      trigger.dialect === route.dialect && dialectOf[route.dialect].fits?.(route, trigger) !== false
    if (!isItsOwn) throw new TriggerRefusal('trigger_unknown')
    return found
  }
}

/** What the method asks for, which the path's dialect tells. */
function askedBy(request: TriggerRequest, { dialect }: Route): Passed['asks'] {
  const { method } = request
  if (method === 'POST') return 'call' // also of the page with one button
  if (method === 'GET' && dialect === 'fortrabbit') return 'state'
  const calls = dialectOf[dialect].method
  const allow = dialect === 'fortrabbit' || calls === 'GET' ? 'GET, POST' : 'POST'
  if (method !== 'GET' || calls !== 'GET') throw new TriggerRefusal('method_not_allowed', { allow })
  if (isPreview(request)) throw new TriggerRefusal('preview_refused')
  return isNavigation(request) ? 'page' : 'call'
}

/** Calls that are merged do not count, but in StackBlaze's dialect. */
function mayBeMerged({ trigger, mayMerge }: Found): boolean {
  return mayMerge && !dialectOf[trigger.dialect].countsMerged
}

function checkSource({ address }: Source, { settings: { allowFrom } }: TriggerRecord): void {
  if (allowFrom !== undefined && !isWithin(address, parseRanges(allowFrom, 'allowFrom')))
    throw new TriggerRefusal('source_refused')
}

export function bearerOf(request: TriggerRequest): readonly string[] {
  return request
    .header('authorization')
    .flatMap((value) => (value.slice(0, 7).toLowerCase() === 'bearer ' ? [value.slice(7).trim()] : []))
}

/** @param isRecorded it was written to the audit with what refused it */
export function limited(rate: Rate, limit: number, isRecorded = false): TriggerRefusal {
  const retryAfterSeconds = Math.max(1, Math.ceil(rate.moreInMs / 1000))
  return new TriggerRefusal('rate_limited', { retryAfterSeconds, rate: { ...rate, limit }, isRecorded })
}
