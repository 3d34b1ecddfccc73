import type { Release, Stage } from '../../release.ts'
import type { Memory, Remembered, RolloutMemory, ScopeMemory, TellingEvent } from '../ledger/judge.ts'
import type { Ledger } from '../ledger/ledger.ts'
import {
  keyOf,
  momentOf,
  rolloutForgottenAt,
  scopeForgottenAt,
  scopeOf,
  stageOf,
  type Telling,
} from '../ledger/telling.ts'
import { Rounds } from './rounds.ts'

/** One object for all of a rollout: there is one for each release, and it is kept for a day. */
interface Rollout extends RolloutMemory {
  readonly scope: Scope
  /** In its scope. */
  readonly name: string
  stages: readonly Stage[]
  released: TellingEvent | undefined
  result: Stage | undefined
  resulted: TellingEvent | undefined
  at: number | undefined
  toldAt: number
  /** By stage and `at`. Most have none. */
  moments: Map<string, TellingEvent> | undefined
  /** Epoch milliseconds. */
  forgetAt: number
}

interface Scope {
  readonly name: string
  readonly rollouts: Map<string, Rollout>
  memory: ScopeMemory | undefined
  /** Told of last. */
  last: Rollout | undefined
  /** Remembered last: what is told to the same hooks under the same ordinal shares it. */
  event: TellingEvent | undefined
  forgetAt: number
}

/** Under an idempotency key. */
interface Keyed {
  readonly name: string
  rollout: Rollout
  event: TellingEvent
  forgetAt: number
}

/** What concerns a telling, with where it is kept. */
interface Known extends Memory {
  readonly kept: Scope | undefined
  readonly rollout: Rollout | undefined
  readonly keyed: Keyed | undefined
}

const nothing: Known = { isLast: false, kept: undefined, rollout: undefined, keyed: undefined }

/** What was told, in objects that change in place and share what they can: what each telling leaves behind costs more than to judge it. */
export class MemoryLedger implements Ledger<Known> {
  readonly #scopes = new Map<string, Scope>()
  readonly #keys = new Map<string, Keyed>()
  readonly #rounds = {
    scopes: new Rounds<Scope>((scope) => this.#forget(scope)),
    rollouts: new Rounds<Rollout>(({ scope, name }) => scope.rollouts.delete(name)),
    keys: new Rounds<Keyed>(({ name }) => this.#keys.delete(name)),
  }

  recall(telling: Telling): Known {
    const { release, recordedAt: now, idempotencyKey: key } = telling
    const keyed = key === undefined ? undefined : alive(this.#keys.get(keyIn(release, key)), now)
    const kept = this.#scopes.get(scopeIn(release))
    if (kept === undefined) return keyed === undefined ? nothing : { ...nothing, keyed, byKey: keyed.event }
    const rollout = alive(kept.rollouts.get(rolloutIn(release)), now)
    const isKnown = kept.forgetAt > now
    return {
      kept,
      scope: isKnown ? kept.memory : undefined,
      isLast: isKnown && rollout !== undefined && kept.last === rollout,
      rollout,
      keyed,
      byKey: keyed?.event,
      byMoment: rollout?.moments?.get(momentIn(release, momentOf(release))),
    }
  }

  remember(telling: Telling, known: Known, told: Remembered): void {
    const { release, idempotencyKey: key } = telling
    const scope = known.kept ?? this.#newScope(release)
    const event = sharedIn(scope, told.event)
    const rollout = known.rollout ?? this.#newRollout(telling, scope)
    change(rollout, told, event)
    rollout.forgetAt = rolloutForgottenAt(telling)
    if (told.scope !== undefined) {
      scope.memory = told.scope
      scope.last = rollout
      scope.forgetAt = scopeForgottenAt(telling)
    }
    if (key !== undefined) this.#rememberKey(telling, key, rollout, event)
    if (event.at === undefined) return
    rollout.moments ??= new Map()
    rollout.moments.set(momentIn(release, event.at), event)
  }

  widen(telling: Telling, known: Known, event: TellingEvent, hooks: readonly string[]): void {
    const { release, idempotencyKey } = telling
    const stage = stageOf(release)
    const wider = { ...event, hooks: [...event.hooks, ...hooks] }
    const rollout = idempotencyKey === undefined ? known.rollout : known.keyed?.rollout
    if (rollout !== undefined) {
      if (stage === 'released' && rollout.released === event) rollout.released = wider
      if (stage === rollout.result && rollout.resulted === event) rollout.resulted = wider
      const moment = momentIn(release, event.at)
      if (rollout.moments?.get(moment) === event) rollout.moments.set(moment, wider)
    }
    const key = keyOf(event.ordinal)
    const keyed = key === undefined ? undefined : this.#keys.get(keyIn(release, key))
    if (keyed?.event === event) keyed.event = wider
    if (idempotencyKey === undefined && rollout !== undefined) rollout.forgetAt = rolloutForgottenAt(telling)
    if (known.keyed !== undefined) known.keyed.forgetAt = scopeForgottenAt(telling)
  }

  forgetSome(now: number): void {
    this.#rounds.rollouts.forgetSome(now)
    this.#rounds.scopes.forgetSome(now)
    this.#rounds.keys.forgetSome(now)
  }

  #newScope(release: Release): Scope {
    const name = scopeIn(release)
    const nothingYet = { memory: undefined, last: undefined, event: undefined }
    const scope: Scope = { name, rollouts: new Map(), ...nothingYet, forgetAt: -Infinity }
    this.#scopes.set(name, scope)
    this.#rounds.scopes.add(scope)
    return scope
  }

  /** One that is forgotten, and not freed yet, begins anew. */
  #newRollout(telling: Telling, scope: Scope): Rollout {
    const name = rolloutIn(telling.release)
    const forgotten = scope.rollouts.get(name)
    if (forgotten !== undefined) {
      forgotten.moments = undefined
      return forgotten
    }
    const rollout: Rollout = {
      scope,
      name,
      stages: [],
      released: undefined,
      result: undefined,
      resulted: undefined,
      at: undefined,
      toldAt: telling.recordedAt,
      moments: undefined,
      forgetAt: rolloutForgottenAt(telling),
    }
    scope.rollouts.set(name, rollout)
    this.#rounds.rollouts.add(rollout)
    return rollout
  }

  #rememberKey(telling: Telling, key: string, rollout: Rollout, event: TellingEvent): void {
    const name = keyIn(telling.release, key)
    const forgetAt = scopeForgottenAt(telling)
    const forgotten = this.#keys.get(name)
    if (forgotten === undefined) {
      const keyed: Keyed = { name, rollout, event, forgetAt }
      this.#keys.set(name, keyed)
      this.#rounds.keys.add(keyed)
      return
    }
    forgotten.rollout = rollout
    forgotten.event = event
    forgotten.forgetAt = forgetAt
  }

  /** @returns whether it could be: its rollouts are kept in it */
  #forget(scope: Scope): boolean {
    return scope.rollouts.size === 0 && this.#scopes.delete(scope.name)
  }
}

function change(rollout: Rollout, { rollout: next, event: told }: Remembered, event: TellingEvent): void {
  rollout.stages = next.stages
  rollout.released = next.released === told ? event : next.released
  rollout.result = next.result
  rollout.resulted = next.resulted === told ? event : next.resulted
  rollout.at = next.at
  rollout.toldAt = next.toldAt
}

function alive<Kept extends { readonly forgetAt: number }>(
  kept: Kept | undefined,
  now: number,
): Kept | undefined {
  return kept !== undefined && kept.forgetAt > now ? kept : undefined
}

/** No event is ever changed, so those that say the same may be one. */
function sharedIn(scope: Scope, event: TellingEvent): TellingEvent {
  const last = scope.event
  if (last !== undefined && isSame(last, event)) return last
  scope.event = event
  return event
}

function isSame(one: TellingEvent, other: TellingEvent): boolean {
  return (
    one.at === other.at &&
    one.ordinal === other.ordinal &&
    one.hooks.length === other.hooks.length &&
    one.hooks.every((hook, index) => hook === other.hooks[index])
  )
}

/** Names that no two have: no fact of a release has a NUL in it, and most have the name of an app, which is a text that is there. */
function scopeIn(release: Release): string {
  const { tenant, app, environment } = release
  return tenant === undefined && environment === undefined ? app : `\0${scopeOf(release)}`
}

function rolloutIn({ version, deployment, sha }: Release): string {
  if (deployment !== undefined) return `${version}\0\0${deployment}`
  return sha === undefined ? version : `${version}\0${sha}`
}

function keyIn(release: Release, key: string): string {
  return `${scopeOf(release)} ${stageOf(release)} ${key}`
}

function momentIn(release: Release, at: number | undefined): string {
  return `${stageOf(release)} ${at}`
}
