import type { Stage } from '../../release.ts'
import type { RolloutMemory, ScopeMemory, TellingEvent } from '../ledger/judge.ts'
import type { Ledger } from '../ledger/ledger.ts'

interface Remembered {
  /** Epoch milliseconds. */
  readonly forgetAt: number
}

/** A map that forgets: one look at two entries for each telling, round and round, so that it is never longer than it has to be by much. */
class Memories<Entry extends Remembered> {
  readonly #entries = new Map<string, Entry>()
  #next = this.#entries.entries()

  get all(): readonly Entry[] {
    return [...this.#entries.values()]
  }

  get(key: string, now: number): Entry | undefined {
    const entry = this.#entries.get(key)
    return entry !== undefined && entry.forgetAt > now ? entry : undefined
  }

  set(key: string, entry: Entry): void {
    this.#entries.set(key, entry)
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

interface Scope extends Remembered {
  readonly memory: ScopeMemory
}

/** One object for all of a rollout: there is one for each release, and it is kept for a day. */
interface Rollout extends Remembered, RolloutMemory {
  /** By stage and `at`. Most have none. */
  moments: Map<string, TellingEvent> | undefined
}

interface Keyed extends Remembered {
  readonly event: TellingEvent
}

export class MemoryLedger implements Ledger {
  readonly #scopes = new Memories<Scope>()
  readonly #rollouts = new Memories<Rollout>()
  readonly #keys = new Memories<Keyed>()

  /** Everything that it remembers, counted. */
  get size(): number {
    const rollouts = this.#rollouts.all
    const moments = rollouts.reduce((sum, { moments }) => sum + (moments?.size ?? 0), 0)
    return this.#scopes.all.length + rollouts.length + moments + this.#keys.all.length
  }

  scope(scope: string, now: number): ScopeMemory | undefined {
    return this.#scopes.get(scope, now)?.memory
  }

  rollout(rollout: string, now: number): RolloutMemory | undefined {
    const known = this.#rollouts.get(rollout, now)
    if (known === undefined) this.#rollouts.forget(rollout)
    return known
  }

  byKey(scope: string, stage: Stage, key: string, now: number): TellingEvent | undefined {
    return this.#keys.get(`${scope} ${stage} ${key}`, now)?.event
  }

  byMoment(rollout: string, stage: Stage, at: number): TellingEvent | undefined {
    return this.#known(rollout)?.moments?.get(`${stage} ${at}`)
  }

  rememberScope(scope: string, memory: ScopeMemory, forgetAt: number): void {
    this.#scopes.set(scope, { memory, forgetAt })
  }

  rememberRollout(rollout: string, memory: RolloutMemory, forgetAt: number): void {
    const { stages, released, result, resulted, at, toldAt } = memory
    const moments = this.#known(rollout)?.moments
    this.#rollouts.set(rollout, { stages, released, result, resulted, at, toldAt, moments, forgetAt })
  }

  rememberKey(scope: string, stage: Stage, key: string, event: TellingEvent, forgetAt: number): void {
    this.#keys.set(`${scope} ${stage} ${key}`, { event, forgetAt })
  }

  rememberMoment(rollout: string, stage: Stage, at: number, event: TellingEvent): void {
    const known = this.#known(rollout)
    if (known === undefined) return
    known.moments ??= new Map()
    known.moments.set(`${stage} ${at}`, event)
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

  /** Also one that is forgotten, and was not freed yet. */
  #known(rollout: string): Rollout | undefined {
    return this.#rollouts.get(rollout, -Infinity)
  }
}
