import type { Stage } from '../../release.ts'
import type { RolloutMemory, ScopeMemory, TellingEvent } from './judge.ts'
import type { Ledger } from './ledger.ts'

interface Forgettable {
  readonly forgetAt: number
}

/**
 * Two generations: what was written since a lifetime began, and what was written in the one before. The older one is dropped as a whole when
 * a lifetime is over, so that forgetting costs nothing; nothing is kept for longer than two.
 */
class Memories<Value extends Forgettable> {
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()
  #since = -Infinity
  #lifetimeMs = 0

  get size(): number {
    return this.#young.size + this.#old.size
  }

  get(key: string, now: number): Value | undefined {
    const value = this.#young.get(key) ?? this.#old.get(key)
    return value !== undefined && value.forgetAt > now ? value : undefined
  }

  set(key: string, value: Value, now: number): void {
    this.#lifetimeMs = Math.max(this.#lifetimeMs, value.forgetAt - now)
    if (now - this.#since >= this.#lifetimeMs) {
      this.#old = this.#young
      this.#young = new Map()
      this.#since = now
    }
    this.#young.set(key, value)
  }
}

interface Remembered extends Forgettable {
  readonly event: TellingEvent
}

export class MemoryLedger implements Ledger {
  readonly #scopes = new Memories<ScopeMemory>()
  readonly #keys = new Memories<Remembered>()
  /** Those with a deployment are remembered for far longer. */
  readonly #rollouts = { short: new Memories<RolloutMemory>(), long: new Memories<RolloutMemory>() }
  readonly #moments = { short: new Memories<Remembered>(), long: new Memories<Remembered>() }
  /** Of this telling. */
  #now = 0

  /** Everything that it remembers, counted. */
  get size(): number {
    const { short, long } = this.#rollouts
    const all = [this.#scopes, this.#keys, short, long, this.#moments.short, this.#moments.long]
    return all.reduce((sum, { size }) => sum + size, 0)
  }

  scope(scope: string, now: number): ScopeMemory | undefined {
    return this.#scopes.get(scope, now)
  }

  rollout(scope: string, rollout: string, now: number): RolloutMemory | undefined {
    return this.#rollouts[spanOf(rollout)].get(scope + rollout, now)
  }

  byKey(scope: string, stage: Stage, key: string, now: number): TellingEvent | undefined {
    return this.#keys.get(`${scope} ${stage} ${key}`, now)?.event
  }

  byMoment(
    scope: string,
    rollout: string,
    stage: Stage,
    at: number,
    now: number,
  ): TellingEvent | undefined {
    return this.#moments[spanOf(rollout)].get(`${scope}${rollout} ${stage} ${at}`, now)?.event
  }

  rememberScope(scope: string, memory: ScopeMemory): void {
    this.#scopes.set(scope, memory, this.#now)
  }

  rememberRollout(scope: string, rollout: string, memory: RolloutMemory): void {
    this.#rollouts[spanOf(rollout)].set(scope + rollout, memory, this.#now)
  }

  rememberKey(scope: string, stage: Stage, key: string, event: TellingEvent, forgetAt: number): void {
    this.#keys.set(`${scope} ${stage} ${key}`, { event, forgetAt }, this.#now)
  }

  rememberMoment(
    scope: string,
    rollout: string,
    stage: Stage,
    at: number,
    event: TellingEvent,
    forgetAt: number,
  ): void {
    this.#moments[spanOf(rollout)].set(`${scope}${rollout} ${stage} ${at}`, { event, forgetAt }, this.#now)
  }

  forgetSome(now: number): void {
    this.#now = now
  }
}

function spanOf(rollout: string): 'short' | 'long' {
  return rollout.startsWith('d') ? 'long' : 'short'
}
