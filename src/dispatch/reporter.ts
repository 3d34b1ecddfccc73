import { cut } from '../cut.ts'
import { textOfError } from '../shown-text.ts'
import { messageOfCode } from '../http/failure-words.ts'
import type { Logger } from '../logger.ts'
import type { Attempt, Delivery } from '../delivery.ts'
import type { BreakerReading } from './worker/breaker.ts'
import type { DeadEvent, Events } from './events.ts'
import type { DisabledReason, Failing } from './worker/health.ts'
import { infoOf } from '../hooks/hook-info.ts'
import type { Hook } from '../hooks/hook.ts'
import { isRedirect } from './worker/redirect.ts'
import { withSummaryCut } from './summary-cut.ts'

/** Lines about one fault, in so many milliseconds: what keeps a store away may do so for hours, and every part of a worker asks it. */
const mostLines = 3
const linesInMs = 60_000
/** Of an answer's first line. */
const longestSaid = 200

/** Tells what became of deliveries: events for programs, and log lines for what an operator should see. */
export class Reporter {
  readonly #events: Events
  readonly #logger: Logger
  readonly #now: () => number
  /** By hook: when it was last told that its receiver is down, and whether that is so still. */
  readonly #down = new Map<string, { readonly toldAt: number; readonly isTold: boolean }>()
  /** By what is told: since when lines are counted, and how many were, and were not, logged. */
  readonly #faults = new Map<string, { readonly since: number; lines: number; withheld: number }>()

  constructor(events: Events, logger: Logger, now: () => number) {
    this.#events = events
    this.#logger = logger
    this.#now = now
  }

  attempted(hook: Hook, delivery: Delivery, attempt: Attempt): void {
    if (
      attempt.outcome.kind === 'delivered' &&
      !this.#events.isHeard('attempt') &&
      !this.#events.isHeard('delivered')
    )
      return
    const about = { hook: infoOf(hook), delivery: withSummaryCut(hook, delivery) }
    const { outcome } = attempt
    if (outcome.reason === 'proxy') this.#proxyFailed(hook, attempt)
    else if (attempt.code !== undefined) this.#notUnderstood(hook, attempt.code)
    this.#events.emit('attempt', { ...about, attempt })
    switch (outcome.kind) {
      case 'retry':
        this.#events.emit('retrying', { ...about, attempt: { ...attempt, outcome } })
        break
      case 'accepted':
        this.#events.emit('accepted', { ...about, attempt: { ...attempt, outcome } })
        break
      case 'delivered':
        this.#events.emit('delivered', { ...about, attempt: { ...attempt, outcome } })
        break
      case 'dead':
        this.#dead(hook, { ...about, outcome, attempt })
        break
    }
  }

  /** No fault of the receiver's, and one for who runs this: it is said at once, and not only when deliveries die of it. */
  #proxyFailed(hook: Hook, { code = '', number, outcome }: Attempt): void {
    const what = messageOfCode(code) ?? 'The proxy could not be reached.'
    const fields = { ...fieldsOf(hook), code, attempt: number, outcome: outcome.kind }
    this.#sometimes(what, (withheld) => this.#logger.error(what, { ...fields, ...withheld }))
  }

  /** What no repeat will mend, said of each hook. */
  #notUnderstood(hook: Hook, code: string): void {
    const what = messageOfCode(code)
    if (what === undefined) return
    this.#sometimes(`${hook.id} ${what}`, (withheld) =>
      this.#logger.warn(what, { ...fieldsOf(hook), code, ...withheld }),
    )
  }

  /** Without an attempt. */
  ended(hook: Hook, delivery: Delivery, outcome: DeadEvent['outcome']): void {
    this.#dead(hook, { delivery: withSummaryCut(hook, delivery), outcome })
  }

  #dead(hook: Hook, { delivery, outcome, attempt }: Omit<DeadEvent, 'hook'>): void {
    const { reason, verdict } = outcome
    const error =
      delivery.remote?.error ?? (attempt?.code === undefined ? undefined : messageOfCode(attempt.code))
    this.#events.emit('dead', { hook: infoOf(hook), delivery, outcome, ...(attempt && { attempt }) })
    const { app, version, environment, stage } = delivery.release
    const { location } = delivery.remote ?? {}
    const redirected = verdict === 'refused' && isRedirect(attempt?.status)
    this.#logger.warn(`A delivery is dead${redirected ? `: ${inWordsTo(location)}` : ''}`, {
      app,
      version,
      ...(environment !== undefined && { environment }),
      stage: stage ?? 'released',
      ...fieldsOf(hook),
      deliveryId: delivery.id,
      attempts: delivery.attempts,
      reason,
      verdict,
      ...(attempt === undefined ? undefined : seenIn(attempt)),
      ...(location !== undefined && { location }),
      ...(error !== undefined && { error }),
    })
  }

  /** A receiver that answered before, or was not tried yet, gives no answer any more, or one that says "not now": told once, until it is well. */
  down(hook: Hook, attempt: Attempt): void {
    const now = this.#now()
    const { toldAt = -Infinity, isTold = false } = this.#down.get(hook.id) ?? {}
    if (isTold || Math.abs(now - toldAt) < linesInMs) return // one that comes and goes is told of once a minute
    this.#down.set(hook.id, { toldAt: now, isTold: true })
    const fields = { ...fieldsOf(hook), reason: attempt.outcome.reason, ...seenIn(attempt) }
    this.#logger.warn('A receiver is down: what it does not take is tried again', fields)
  }

  /** @param failedMs for how long it had only failed */
  well(hook: Hook, failedMs: number): void {
    const down = this.#down.get(hook.id)
    if (down?.isTold !== true) return
    this.#down.set(hook.id, { ...down, isTold: false })
    this.#logger.warn('A receiver that was down is well again', { ...fieldsOf(hook), failedMs })
  }

  disabled(hook: Hook, reason: DisabledReason): void {
    this.#events.emit('hook-disabled', { hook: infoOf(hook), reason })
    this.#logger.warn(`A hook is disabled: ${inWords[reason]}`, { ...fieldsOf(hook), reason })
  }

  enabled(hook: Hook): void {
    this.#events.emit('hook-enabled', { hook: infoOf(hook) })
  }

  /** It only fails, and half or nine tenths of the time after which it is disabled have passed. */
  failing(hook: Hook, { since, disablesAt, share }: Failing): void {
    this.#events.emit('hook-failing', { hook: infoOf(hook), since, disablesAt, share })
    const message = 'A hook has only failed for long, and will be disabled'
    const times = { since: new Date(since).toISOString(), disablesAt: new Date(disablesAt).toISOString() }
    this.#logger.warn(message, { ...fieldsOf(hook), ...times })
  }

  breaker(hook: Hook, reading: BreakerReading): void {
    this.#events.emit('breaker', { hook: infoOf(hook), ...reading })
    if (reading.state !== 'open') return
    const { attempts, failures, until = 0 } = reading
    const fields = { ...fieldsOf(hook), attempts, failures, until: new Date(until).toISOString() }
    this.#logger.warn('A hook is left alone for a while: most of what was sent to it failed', fields)
  }

  /** Another process has claimed the delivery: this one stood still for longer than a lease, or its store did. */
  takenOver(delivery: Delivery): void {
    const message = 'A delivery was sent after its lease had ended, and may have been sent twice'
    this.#logger.warn(message, { deliveryId: delivery.id })
  }

  fault(what: string, error: unknown, fields?: Readonly<Record<string, unknown>>): void {
    this.#logger.error(what, { ...fields, error: textOfError(error) })
  }

  /** One that comes again and again for as long as it lasts: logged three times a minute at most, with how often it was not. */
  lastingFault(what: string, error: unknown): void {
    this.#sometimes(what, (withheld) => this.fault(what, error, withheld))
  }

  #sometimes(what: string, log: (withheld: { readonly withheld: number } | undefined) => void): void {
    const now = this.#now()
    let fault = this.#faults.get(what)
    let withheld = 0
    if (fault === undefined || Math.abs(now - fault.since) >= linesInMs) {
      withheld = fault?.withheld ?? 0
      fault = { since: now, lines: 0, withheld: 0 }
      this.#faults.set(what, fault)
    }
    fault.lines += 1
    if (fault.lines > mostLines) fault.withheld += 1
    else log(withheld === 0 ? undefined : { withheld })
  }
}

const inWords: Readonly<Record<DisabledReason, string>> = {
  gone: 'its receiver answered 410 Gone',
  unwanted: 'its receiver answered `webhook-delivery: disable`',
  failing: 'it has only failed for too long',
  operator: 'an operator disabled it',
}

/** Of a redirect: where it leads, and what a person can do. */
function inWordsTo(location: string | undefined): string {
  if (location === undefined)
    return 'its receiver redirects without saying where to, and no redirect is followed. Ask who runs it for the URL that takes releases'
  return `its receiver redirects to ${location}, and no redirect is followed. Give the hook the URL itself that it leads to, unless that is a page to sign in`
}

/** Of log lines: what the dispatcher's methods and the store call it. */
function fieldsOf({
  id: hookId,
  shown: url,
  target: { name: target },
}: Hook): Readonly<Record<string, string>> {
  return { hookId, url, target }
}

/** What an operator asks first: the status, or why there is none, and what the receiver said. */
function seenIn({ status, code, excerpt }: Attempt): Readonly<Record<string, unknown>> {
  const [said = ''] = excerpt?.trimStart().split('\n', 1) ?? []
  return {
    ...(status !== undefined && { status }),
    ...(code !== undefined && { code }),
    ...(said !== '' && { said: cut(said.trimEnd(), longestSaid) }),
  }
}
