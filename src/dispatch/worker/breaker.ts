/** When a hook is left alone for a while: a pure state machine over an injected clock. */

import type { BreakerSettings } from '../../hooks/breaker-settings.ts'

/** `closed`: sent to; `open`: left alone until a time; `half-open`: one delivery is tried. */
export type BreakerState = 'closed' | 'open' | 'half-open'

/** What a breaker shows: of the attempts in its window, and for an open one until when. */
export interface BreakerReading {
  readonly state: BreakerState
  readonly attempts: number
  readonly failures: number
  /** Epoch milliseconds at which one delivery is tried; absent unless it is open. */
  readonly until?: number
}

/** What is kept of an open breaker for the process that has the hook next. */
export interface BreakerMemory {
  readonly until: number
  readonly openMs: number
}

/** A window is forgotten in this many steps. */
const buckets = 10

/**
 * Opens when most of what was tried lately failed; then lets one delivery through at a time, until one succeeds. What counts as
 * failed is for the caller to say.
 */
export class Breaker {
  readonly #settings: BreakerSettings
  readonly #onChange: (reading: BreakerReading) => void
  #state: BreakerState = 'closed'
  #until = 0
  #openMs: number
  #buckets: { readonly start: number; attempts: number; failures: number }[] = []

  /** @param onChange is told each change of state, with the figures that it came of */
  constructor(settings: BreakerSettings, onChange: (reading: BreakerReading) => void) {
    this.#settings = settings
    this.#onChange = onChange
    this.#openMs = settings.openMs
  }

  get state(): BreakerState {
    return this.#state
  }

  /** Epoch milliseconds before which nothing is sent; 0 unless it is open. */
  get opensAt(): number {
    return this.#state === 'open' ? this.#until : 0
  }

  /** `undefined` while it is closed. */
  get memory(): BreakerMemory | undefined {
    return this.#state === 'closed' ? undefined : { until: this.#until, openMs: this.#openMs }
  }

  /** Is open as another process left it: when its time is over, one delivery is tried. */
  recall({ until, openMs }: BreakerMemory, now: number): void {
    this.#until = until
    this.#openMs = openMs
    this.#become('open', now)
  }

  /** Whether it is closed, and has no attempts in its window: as at first. */
  isAtRest(now: number): boolean {
    this.#forget(now)
    return this.#state === 'closed' && this.#buckets.length === 0
  }

  read(now: number): BreakerReading {
    this.#forget(now)
    const sum = (part: 'attempts' | 'failures'): number =>
      this.#buckets.reduce((total, bucket) => total + bucket[part], 0)
    return {
      state: this.#state,
      attempts: sum('attempts'),
      failures: sum('failures'),
      ...(this.#state === 'open' ? { until: this.#until } : undefined),
    }
  }

  /** Something is about to be sent. */
  begin(now: number): void {
    if (this.#state === 'open') this.probe(now)
  }

  /** Lets one delivery through, whatever was. */
  probe(now: number): void {
    if (this.#state !== 'half-open') this.#become('half-open', now)
  }

  /** An attempt has failed, or not. What was under way when it opened changes nothing. */
  record(failed: boolean, now: number): void {
    if (this.#state === 'open') return
    this.#count(failed, now)
    if (this.#state === 'half-open') {
      if (failed) this.#open(now, Math.min(this.#openMs * 2, this.#settings.maxOpenMs))
      else this.#close(now)
      return
    }
    if (!failed) return
    const { attempts, failures } = this.read(now)
    const { failureShare, minimum, openMs } = this.#settings
    if (attempts >= minimum && failures >= attempts * failureShare) this.#open(now, openMs)
  }

  /** As if nothing had been. */
  reset(now: number): void {
    if (this.#state !== 'closed') this.#close(now)
  }

  #open(now: number, openMs: number): void {
    this.#openMs = openMs
    this.#until = now + openMs
    this.#become('open', now)
  }

  #close(now: number): void {
    this.#buckets = []
    this.#openMs = this.#settings.openMs
    this.#become('closed', now)
  }

  #become(state: BreakerState, now: number): void {
    this.#state = state
    this.#onChange(this.read(now))
  }

  #count(failed: boolean, now: number): void {
    this.#forget(now)
    let last = this.#buckets.at(-1)
    if (last === undefined || now - last.start >= this.#settings.windowMs / buckets) {
      last = { start: now, attempts: 0, failures: 0 }
      this.#buckets.push(last)
    }
    last.attempts += 1
    if (failed) last.failures += 1
  }

  #forget(now: number): void {
    while ((this.#buckets[0]?.start ?? now) <= now - this.#settings.windowMs) this.#buckets.shift()
  }
}
