import type { Stage } from '../../release.ts'
import type { RolloutMemory, ScopeMemory, TellingEvent } from './judge.ts'
import type { Ledger } from './ledger.ts'

interface Remembered<Value> {
  readonly value: Value
  readonly forgetAt: number
}

/** A map that forgets: one look at two entries for each telling, round and round, so that it is never longer than it has to be by much. */
class Memories<Value> {
  readonly #entries = new Map<string, Remembered<Value>>()
  #next = this.#entries.entries()

  get size(): number {
    return this.#entries.size
  }

  get(key: string, now: number): Value | undefined {
    const entry = this.#entries.get(key)
    return entry !== undefined && entry.forgetAt > now ? entry.value : undefined
  }

  set(key: string, value: Value, forgetAt: number): void {
    this.#entries.set(key, { value, forgetAt })
  }

  forgetSome(now: number): void {
    for (let count = 0; count < 2 && this.#entries.size > 0; count += 1) {
      const { value: entry, done } = this.#next.next()
      if (done === true) this.#next = this.#entries.entries()
      else if (entry[1].forgetAt <= now) this.#entries.delete(entry[0])
    }
  }
}

export class MemoryLedger implements Ledger {
  readonly #scopes = new Memories<ScopeMemory>()
  readonly #rollouts = new Memories<RolloutMemory>()
  readonly #keys = new Memories<TellingEvent>()
  readonly #moments = new Memories<TellingEvent>()

  /** Everything that it remembers, counted. */
  get size(): number {
    return this.#scopes.size + this.#rollouts.size + this.#keys.size + this.#moments.size
  }

  scope(scope: string, now: number): ScopeMemory | undefined {
    return this.#scopes.get(scope, now)
  }

  rollout(rollout: string, now: number): RolloutMemory | undefined {
    return this.#rollouts.get(rollout, now)
  }

  byKey(scope: string, stage: Stage, key: string, now: number): TellingEvent | undefined {
    return this.#keys.get(`${scope} ${stage} ${key}`, now)
  }

  byMoment(rollout: string, stage: Stage, at: number, now: number): TellingEvent | undefined {
    return this.#moments.get(`${rollout} ${stage} ${at}`, now)
  }

  rememberScope(scope: string, memory: ScopeMemory, forgetAt: number): void {
    this.#scopes.set(scope, memory, forgetAt)
  }

  rememberRollout(rollout: string, memory: RolloutMemory, forgetAt: number): void {
    this.#rollouts.set(rollout, memory, forgetAt)
  }

  rememberKey(scope: string, stage: Stage, key: string, event: TellingEvent, forgetAt: number): void {
    this.#keys.set(`${scope} ${stage} ${key}`, event, forgetAt)
  }

  rememberMoment(rollout: string, stage: Stage, at: number, event: TellingEvent, forgetAt: number): void {
    this.#moments.set(`${rollout} ${stage} ${at}`, event, forgetAt)
  }

  forgetSome(now: number): void {
    this.#scopes.forgetSome(now)
    this.#rollouts.forgetSome(now)
    this.#keys.forgetSome(now)
    this.#moments.forgetSome(now)
  }
}
