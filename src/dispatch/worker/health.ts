import PQueue from 'p-queue'
import type { HookState, Store } from '../../stores/store.ts'
import type { Hook } from '../../hooks/hook.ts'

/** Why a hook is disabled: its receiver wants nothing more, it failed for too long, or an operator said so. */
export type DisabledReason = 'gone' | 'unwanted' | 'failing' | 'operator'

/** Since when a hook has only failed, in epoch milliseconds. */
export interface Failing {
  readonly since: number
  /** When it will be disabled, if it goes on so. */
  readonly disablesAt: number
  /** Share of that time that has passed: 0.5 or 0.9, when it is warned about. */
  readonly share: number
}

interface Health {
  disabled?: { readonly reason: string; readonly since: number } | undefined
  /** First and last of the failures that no success came between. */
  failing?: { readonly since: number; last: number; warned: number } | undefined
  /** What the process that sends to it next is to know of its lane. */
  memory?: object | undefined
  /** What the store knows of it. */
  stored?: HookState | undefined
  /** What there is to tell although it neither fails nor is disabled, and the store knows nothing of it, or of another URL alone. */
  begun?: HookState | undefined
}

/** At these shares of the time it is told that a hook will be disabled. */
const warnings = [0.9, 0.5]
/** A failure so long after the one before begins anew: nothing was tried meanwhile, since retries are 12 hours apart at most. */
const forgetsAfterMs = 24 * 3600 * 1000
/** Reason of a state that only remembers since when a hook fails, or that it does no more. */
const failing = 'failing'
const answering = 'answering'
const operator = 'operator'
/** Reasons of states of hooks that were never disabled, nor failed: that the URL is another one, and that there is a memory of the lane. */
const anotherUrl = 'another-url'
const remembered = 'remembered'

/** Ids of hooks. */
export interface Changed {
  readonly disabled: string[]
  readonly enabled: string[]
  /** With what was remembered of their lanes. */
  readonly memories: Map<string, object>
}

/** What is known of a hook by its configuration; undefined for one that is not configured here. */
type Configured = Pick<Hook, 'disableAfterMs' | 'urlMark'> | undefined

/**
 * Which hooks are disabled, since when the others only fail, and what is to be known of their lanes. The store remembers it over restarts and for
 * other processes; a success or failure is told to it at the next beat, not one by one. What was said of another URL of a hook holds no more.
 */
export class HookHealth {
  readonly #store: Store
  readonly #configured: (hookId: string) => Configured
  readonly #hooks = new Map<string, Health>()
  /** One look at the store, or word to it, at a time: an old state that came behind a new one would be taken for news. */
  readonly #turns = new PQueue({ concurrency: 1 })
  #isFirstLook = true
  /** Hooks with a memory that the store is to be told of. */
  readonly #toTell = new Set<string>()
  #telling: Promise<void> | undefined

  constructor(store: Store, configured: (hookId: string) => Configured) {
    this.#store = store
    this.#configured = configured
  }

  isDisabled(hookId: string): boolean {
    return this.#hooks.get(hookId)?.disabled !== undefined
  }

  read(hookId: string): { readonly disabled: Health['disabled']; readonly failingSince: number | undefined } {
    const { disabled, failing } = this.#hooks.get(hookId) ?? {}
    return { disabled, failingSince: failing?.since }
  }

  /**
   * An attempt was delivered.
   *
   * @returns for how long, in milliseconds, the hook had only failed; `undefined` when it had not
   */
  delivered(hookId: string, now: number): number | undefined {
    const health = this.#hooks.get(hookId)
    if (health?.failing === undefined) return undefined
    const { since } = health.failing
    health.failing = undefined
    return now - since
  }

  /**
   * An attempt failed.
   *
   * @returns how long the hook has failed, when that is to be told: at a share of 1 it is to be disabled
   */
  failed(hookId: string, now: number): Failing | undefined {
    const health = this.#hooks.get(hookId) ?? this.#add(hookId)
    if (health.failing === undefined || now - health.failing.last > forgetsAfterMs)
      health.failing = { since: now, last: now, warned: 0 }
    health.failing.last = now
    const { since, warned } = health.failing
    const time = this.#configured(hookId)?.disableAfterMs ?? Infinity
    const share = (now - since) / time
    const reached = share >= 1 ? 1 : warnings.find((warning) => share >= warning)
    if (reached === undefined || reached <= warned) return undefined
    health.failing.warned = reached
    return { since, disablesAt: since + time, share: reached }
  }

  /** At once in this process, and then in the store: if that fails, at a later beat. */
  async disable(hookId: string, reason: DisabledReason, now: number): Promise<void> {
    const health = this.#hooks.get(hookId) ?? this.#add(hookId)
    health.memory = undefined // what was wrong with its lane is forgotten
    const state = this.#whole({ hookId, enabled: false, since: now, reason }, health)
    apply(state, health)
    await this.#turns.add(() => this.#tell(state, health))
  }

  async enable(hookId: string, now: number): Promise<void> {
    const health = this.#hooks.get(hookId) ?? this.#add(hookId)
    health.memory = undefined
    const state = this.#whole({ hookId, enabled: true, since: now, reason: operator }, health)
    await this.#turns.add(() => this.#tell(state, health))
  }

  /** What is to be known of a hook's lane is this from now on; the store is told by {@link tellMemories}, or {@link save}. */
  remember(hookId: string, memory: object, now: number): void {
    const health = this.#hooks.get(hookId) ?? this.#add(hookId)
    health.memory = memory
    health.begun ??= { hookId, enabled: true, since: now, reason: remembered }
    this.#toTell.add(hookId)
  }

  /** At its turn, all that came until then at once: thousands of breakers may open together. */
  tellMemories(): Promise<void> {
    this.#telling ??= this.#turns.add(async () => {
      await Promise.resolve() // a turn that nobody is before begins while it is added
      this.#telling = undefined
      const hooks = [...this.#toTell].map((hookId) => [hookId, this.#hooks.get(hookId) ?? {}] as const)
      this.#toTell.clear()
      await this.#save(hooks)
    })
    return this.#telling
  }

  /** Tells the store since when hooks fail, and that they do no more. All at once: thousands may begin to fail together. */
  async save(): Promise<void> {
    await this.#turns.add(() => this.#save(this.#hooks))
  }

  /**
   * Takes over what other processes, or an earlier one, have told the store.
   *
   * @returns ids of hooks that were disabled there, or that an operator has enabled, and memories that are others than before
   */
  load(now: number): Promise<Changed> {
    return this.#turns.add(() => this.#load(now))
  }

  async #load(now: number): Promise<Changed> {
    const changed: Changed = { disabled: [], enabled: [], memories: new Map() }
    for (const state of await this.#store.hookStates()) {
      const { hookId, url } = state
      const health = this.#hooks.get(hookId) ?? this.#add(hookId)
      const urlMark = this.#configured(hookId)?.urlMark
      if (url !== undefined && urlMark !== undefined && url !== urlMark) {
        // For who reads the table. Not later: a process that still has the other URL would say the same of this one.
        if (this.#isFirstLook) health.begun ??= { hookId, enabled: true, since: now, reason: anotherUrl }
        continue
      }
      const before = health.stored
      health.stored = state
      if (state.memory !== undefined && !isSameMemory(before, state)) {
        health.memory = state.memory
        changed.memories.set(hookId, state.memory)
      }
      if (before !== undefined && isSame(before, state)) continue
      if (!state.enabled && health.disabled === undefined) changed.disabled.push(hookId)
      if (state.enabled && state.reason === operator) changed.enabled.push(hookId)
      const fails = health.failing
      apply(state, health)
      if (state.enabled && state.reason === failing) {
        const since = Math.min(state.since, fails?.since ?? Infinity)
        health.failing = { since, last: now, warned: fails?.warned ?? 0 }
      }
    }
    this.#isFirstLook = false
    return changed
  }

  /** With the URL that it holds for, unless an operator said it, who means the hook, and with what is to be known of its lane. */
  #whole({ hookId, enabled, since, reason }: HookState, { memory }: Health): HookState {
    const url = reason === operator ? undefined : this.#configured(hookId)?.urlMark
    return {
      hookId,
      enabled,
      since,
      reason,
      ...(url === undefined ? undefined : { url }),
      ...(memory === undefined ? undefined : { memory }),
    }
  }

  #add(hookId: string): Health {
    const health: Health = {}
    this.#hooks.set(hookId, health)
    return health
  }

  /** It is so here too then, whatever an earlier look has found. */
  async #tell(state: HookState, health: Health): Promise<void> {
    await this.#store.setHookStates([state])
    health.stored = state
    apply(state, health)
  }

  async #save(hooks: Iterable<readonly [hookId: string, health: Health]>): Promise<void> {
    const news: { readonly health: Health; readonly state: HookState }[] = []
    for (const [hookId, health] of hooks) {
      const { stored } = health
      const said = saidOf(hookId, health)
      const state = said && this.#whole(said, health)
      const isKnown =
        state === undefined || (stored !== undefined && isSame(state, stored) && isSameMemory(state, stored))
      if (!isKnown) news.push({ health, state })
    }
    if (news.length === 0) return
    await this.#store.setHookStates(news.map(({ state }) => state))
    for (const { health, state } of news) health.stored = state
  }
}

/** What was said of a hook ends whatever was before. */
function apply({ enabled, reason, since }: HookState, health: Health): void {
  health.disabled = enabled ? undefined : { reason, since }
  health.failing = undefined
}

/** What the store is to know, without the URL and the lane; `undefined` when there is nothing to tell. */
function saidOf(hookId: string, health: Health): HookState | undefined {
  const { disabled, failing: fails, stored, begun } = health
  if (disabled !== undefined) return { hookId, enabled: false, ...disabled }
  if (fails !== undefined) return { hookId, enabled: true, since: fails.since, reason: failing }
  return stored?.reason === failing ? { ...stored, reason: answering } : (stored ?? begun)
}

function isSame(one: HookState, other: HookState): boolean {
  return (
    one.enabled === other.enabled &&
    one.since === other.since &&
    one.reason === other.reason &&
    one.url === other.url
  )
}

function isSameMemory(one: HookState | undefined, other: HookState): boolean {
  return JSON.stringify(one?.memory) === JSON.stringify(other.memory)
}
