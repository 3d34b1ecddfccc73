import type { Exchange } from './http/transport.ts'
import type { Reading } from './targets/answer.ts'

/** When a delivery is tried again: values, and pure functions over them. */

const second = 1000
const minute = 60 * second
const hour = 60 * minute

export interface Schedule {
  /**
   * Delays after the 1st, 2nd, … failed attempt, in milliseconds. After the last one the delivery is dead.
   * @default [5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 3 h, 6 h, 12 h]
   */
  readonly delaysMs: readonly number[]
  /** Share of a delay by which it varies either way, so that what failed together does not return together. @default 0.1 */
  readonly jitter: number
  /** Attempts that a receiver may refuse (3xx, 4xx) before the delivery is dead. @default 3 */
  readonly refusedAttempts: number
  /**
   * Longest `Retry-After` that is waited for, in milliseconds; a longer one is not undercut but ends the delivery. With 429 and 503 all
   * deliveries of the hook wait for so long, also over a restart with a durable store; `dispatcher.enable(hookId)` ends it.
   * @default 7 days
   */
  readonly maxRetryAfterMs: number
  /**
   * How a connection that never opened is repeated at once, within one attempt: p-retry's own options.
   * @default 10 times, after 100, 200, 400, 800 and then 1,500 ms each: 10.5 s in all
   */
  readonly connect: ConnectSchedule
}

export interface ConnectSchedule {
  /** How often it is repeated. @default 10 */
  readonly retries: number
  /** Milliseconds before the first repetition. @default 100 */
  readonly minTimeout: number
  /** The most milliseconds before any. @default 1500, or `minTimeout` if that is more */
  readonly maxTimeout: number
  /** By how much each wait is longer than the one before. @default 2 */
  readonly factor: number
}

export const defaultSchedule: Schedule = {
  delaysMs: [
    5 * second,
    30 * second,
    2 * minute,
    10 * minute,
    30 * minute,
    1 * hour,
    3 * hour,
    6 * hour,
    12 * hour,
  ],
  jitter: 0.1,
  refusedAttempts: 3,
  maxRetryAfterMs: 7 * 24 * hour,
  connect: { retries: 10, minTimeout: 100, maxTimeout: 1500, factor: 2 },
}

type PartsOf<Whole> = { readonly [Part in keyof Whole]?: Whole[Part] | undefined }

/** Parts of a schedule that differ from the default one, and parts of its `connect`; `undefined` is the default. */
export type ScheduleOptions = PartsOf<Omit<Schedule, 'connect'>> & {
  /** @example { retries: 3 } // the waits as they are */
  readonly connect?: PartsOf<ConnectSchedule> | undefined
}

/** The default schedule, with the given parts in it. */
export function scheduleOf(given: ScheduleOptions = {}): Schedule {
  return {
    delaysMs: given.delaysMs ?? defaultSchedule.delaysMs,
    jitter: given.jitter ?? defaultSchedule.jitter,
    refusedAttempts: given.refusedAttempts ?? defaultSchedule.refusedAttempts,
    maxRetryAfterMs: given.maxRetryAfterMs ?? defaultSchedule.maxRetryAfterMs,
    connect: connectOf(given.connect),
  }
}

function connectOf({
  retries,
  minTimeout,
  maxTimeout,
  factor,
}: PartsOf<ConnectSchedule> = {}): ConnectSchedule {
  const usual = defaultSchedule.connect
  const least = minTimeout ?? Math.min(usual.minTimeout, maxTimeout ?? Infinity)
  return {
    retries: retries ?? usual.retries,
    minTimeout: least,
    maxTimeout: maxTimeout ?? Math.max(usual.maxTimeout, least),
    factor: factor ?? usual.factor,
  }
}

/**
 * Delay before the next attempt in milliseconds, or `undefined` when the schedule is used up.
 *
 * @param attempt number of the attempt that failed, from 1
 * @param random a number in [0, 1): 0.5 means no jitter
 */
export function delayAfter(attempt: number, schedule: Schedule, random: number): number | undefined {
  const delay = schedule.delaysMs[attempt - 1]
  if (delay === undefined) return undefined
  return Math.round(delay * (1 + schedule.jitter * (2 * random - 1)))
}

/**
 * Reads `Retry-After` (RFC 9110, section 10.2.3): seconds, whole or decimal, or an HTTP date.
 *
 * @returns milliseconds from `now`, at least 0; `undefined` for anything else
 */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? ''
  if (/^\d{1,12}(?:\.\d{1,6})?$/u.test(text)) return Math.ceil(Number(text) * second)
  // Date.parse reads far more than HTTP dates ("1", "May 5"): those start with the name of a day.
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /u.test(text)) return undefined
  const date = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`) // asctime dates name no zone, and mean UTC
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** Statuses whose `Retry-After` is meant for every request, not for this one alone (RFC 6585, RFC 9110). */
const pausing = new Set([429, 503])
/**
 * Epoch milliseconds before which a receiver asks not to be sent to, by its header or, as its target reads it, its body. One that asks for more
 * than `maxRetryAfterMs` is not heard: that ends the delivery.
 */
export function pauseAskedFor(
  exchange: Exchange,
  schedule: Schedule,
  now: number,
  reading?: Pick<Reading, 'retryAfter'>,
): number | undefined {
  if (exchange.kind === 'failure' || !pausing.has(exchange.status)) return undefined
  const asked = [exchange.headers['retry-after'], reading?.retryAfter]
  const retryAfter = Math.max(...asked.map((text) => retryAfterMs(text, now) ?? -Infinity))
  return retryAfter >= 0 && retryAfter <= schedule.maxRetryAfterMs ? now + retryAfter : undefined
}
