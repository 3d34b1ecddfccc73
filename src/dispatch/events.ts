import { channel } from 'node:diagnostics_channel'
import { Emitter } from '../emitter.ts'
import type { Logger } from '../logger.ts'
import type { BreakerReading } from './worker/breaker.ts'
import type { DisabledReason } from './worker/health.ts'
import type { Attempt, Delivery, Outcome } from '../delivery.ts'
import type { HookInfo } from '../hooks/hook-info.ts'

export interface AttemptEvent<Kind extends Outcome['kind'] = Outcome['kind']> {
  readonly hook: HookInfo
  /** As it stands after the attempt. */
  readonly delivery: Delivery
  readonly attempt: Attempt & { readonly outcome: Extract<Outcome, { readonly kind: Kind }> }
}

export interface DeadEvent {
  readonly hook: HookInfo
  readonly delivery: Delivery
  readonly outcome: Extract<Outcome, { readonly kind: 'dead' }>
  /** Absent when the delivery ended without one: verdicts such as `hook-disabled`, `superseded` and `unrenderable`, and `ambiguous` after a kill. */
  readonly attempt?: Attempt
}

export interface HookDisabledEvent {
  readonly hook: HookInfo
  /**
   * - `gone`: 410; `unwanted`: the answer carried `webhook-delivery: disable`
   * - `failing`: it has only failed for `disableAfterMs`
   * - `operator`: `dispatcher.disable(hookId)`
   */
  readonly reason: DisabledReason
}

export interface HookEnabledEvent {
  readonly hook: HookInfo
}

/** At half, and at nine tenths, of the time after which a hook that only fails is disabled. Times are epoch milliseconds. */
export interface HookFailingEvent {
  readonly hook: HookInfo
  readonly since: number
  readonly disablesAt: number
  /** 0.5 or 0.9. */
  readonly share: number
}

/** The breaker of a hook has opened, half-opened or closed. */
export interface BreakerEvent extends BreakerReading {
  readonly hook: HookInfo
}

/** The dispatcher's events, also published as diagnostics channels `deploy-hooks:<event>`. */
export interface DispatcherEvents {
  readonly attempt: AttemptEvent
  readonly delivered: AttemptEvent<'delivered'>
  /** The receiver took it, and the next request or the end of what it started is waited for. */
  readonly accepted: AttemptEvent<'accepted'>
  readonly retrying: AttemptEvent<'retry'>
  readonly dead: DeadEvent
  readonly breaker: BreakerEvent
  readonly 'hook-failing': HookFailingEvent
  readonly 'hook-disabled': HookDisabledEvent
  readonly 'hook-enabled': HookEnabledEvent
}

/** What it returns is not waited for; it may be async, and then its rejection is logged, as what it throws is. */
export type Listener<Name extends keyof DispatcherEvents> = (event: DispatcherEvents[Name]) => void

const channels = {
  attempt: channel('deploy-hooks:attempt'),
  delivered: channel('deploy-hooks:delivered'),
  accepted: channel('deploy-hooks:accepted'),
  retrying: channel('deploy-hooks:retrying'),
  dead: channel('deploy-hooks:dead'),
  breaker: channel('deploy-hooks:breaker'),
  'hook-failing': channel('deploy-hooks:hook-failing'),
  'hook-disabled': channel('deploy-hooks:hook-disabled'),
  'hook-enabled': channel('deploy-hooks:hook-enabled'),
}

/** Tells the listeners of a dispatcher. */
export class Events extends Emitter<DispatcherEvents> {
  constructor(logger: Logger) {
    super(channels, logger)
  }
}
