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

  get values(): readonly Value[] {
    return Array.from(this.#entries.values(), ({ value }) => value)
  }

  get(key: string, now: number): Value | undefined {
    const entry = this.#entries.get(key)
    return entry !== undefined && entry.forgetAt > now ? entry.value : undefined
  }

  set(key: string, value: Value, forgetAt: number): void {
    this.#entries.set(key, { value, forgetAt })
  }

  forget(key: string): void {
    this.#entries.delete(key)
  }

  forgetSome(now: number): void {
    for (let count = 0; count < 2 && this.#entries.size > 0; count += 1) {
      const { value: entry, done } = this.#next.next()
      if (done === true) this.#next = this.#entries.entries()
      else if (entry[1].forgetAt <= now) this.#entries.delete(entry[0])
    }
  }
}

interface Rollout {
  readonly memory: RolloutMemory
  /** By stage and `at`. */
  readonly moments: Map<string, TellingEvent>
}

export class MemoryLedger implements Ledger {
  readonly #scopes = new Memories<ScopeMemory>()
  readonly #rollouts = new Memories<Rollout>()
  readonly #keys = new Memories<TellingEvent>()

  /** Everything that it remembers, counted. */
  get size(): number {
    const rollouts = this.#rollouts.values
    const moments = rollouts.reduce((sum, { moments }) => sum + moments.size, 0)
    return this.#scopes.values.length + rollouts.length + moments + this.#keys.values.length
  }

  scope(scope: string, now: number): ScopeMemory | undefined {
    return this.#scopes.get(scope, now)
  }

  rollout(rollout: string, now: number): RolloutMemory | undefined {
    const known = this.#rollouts.get(rollout, now)
    if (known === undefined) this.#rollouts.forget(rollout)
    return known?.memory
  }

  byKey(scope: string, stage: Stage, key: string, now: number): TellingEvent | undefined {
    return this.#keys.get(`${scope} ${stage} ${key}`, now)
  }

  byMoment(rollout: string, stage: Stage, at: number): TellingEvent | undefined {
    return this.#momentsOf(rollout)?.get(`${stage} ${at}`)
  }

  rememberScope(scope: string, memory: ScopeMemory, forgetAt: number): void {
    this.#scopes.set(scope, memory, forgetAt)
  }

  rememberRollout(rollout: string, memory: RolloutMemory, forgetAt: number): void {
    this.#rollouts.set(rollout, { memory, moments: this.#momentsOf(rollout) ?? new Map() }, forgetAt)
  }

  rememberKey(scope: string, stage: Stage, key: string, event: TellingEvent, forgetAt: number): void {
    this.#keys.set(`${scope} ${stage} ${key}`, event, forgetAt)
  }

  rememberMoment(rollout: string, stage: Stage, at: number, event: TellingEvent): void {
    this.#momentsOf(rollout)?.set(`${stage} ${at}`, event)
  }

  /** Whatever remembers an event here has the same one. */
  widen(_scope: string, _stage: Stage, event: TellingEvent, hooks: readonly string[]): void {
    const own = event.hooks as string[]
    own.push(...hooks)
  }

  forgetSome(now: number): void {
    this.#scopes.forgetSome(now)
    this.#rollouts.forgetSome(now)
    this.#keys.forgetSome(now)
  }

  #momentsOf(rollout: string): Map<string, TellingEvent> | undefined {
    return this.#rollouts.get(rollout, -Infinity)?.moments
  }
}
