import type { HookToTell, Telling } from '../stores/ledger/telling.ts'
import type { NewDelivery, Recorded, Store, ToldResult } from '../stores/store.ts'
import type { Chores } from './worker/chores.ts'
import type { ClaimedDeliveries } from './worker/claimed-deliveries.ts'
import type { Term } from './worker/execution.ts'
import type { Executor } from './worker/executor.ts'
import type { HealthSync } from './worker/health-sync.ts'
import type { Ownership } from './worker/ownership.ts'
import type { WakeTimer } from './worker/wake-timer.ts'

export interface RecorderOptions {
  readonly store: Pick<Store, 'record' | 'tell'>
  readonly ownership: Pick<Ownership, 'ids' | 'mayClaim' | 'term'>
  readonly claimed: ClaimedDeliveries
  readonly executor: Pick<Executor, 'add' | 'clear'>
  readonly healthSync: Pick<HealthSync, 'isOpen' | 'open'>
  readonly wakes: WakeTimer
  readonly chores: Chores
  /** How long a lease lasts, in milliseconds. */
  readonly leaseMs: number
  readonly now: () => number
}

/** What room is reserved for: it is claimed as it is recorded, unless it has a time of its own. */
type ToRecord = Pick<NewDelivery, 'hookId' | 'dueAt'>

/** What is given to the store, with the terms in which it would be claimed, and until when, in epoch milliseconds. */
interface Given<Each extends ToRecord> {
  readonly each: readonly Each[]
  /** Of those that room is reserved for. */
  readonly terms: readonly (Term | undefined)[]
  readonly until: number
}

/** Records deliveries, and hands those to the worker that are claimed as they are recorded: what is due now, and has room. */
export class Recorder {
  readonly #options: RecorderOptions

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  /** @throws what the store throws */
  async record(deliveries: readonly NewDelivery[]): Promise<readonly Recorded[]> {
    const { chores, healthSync, store } = this.#options
    let given: Given<NewDelivery> | undefined
    let recorded: readonly Recorded[] = []
    chores.begin()
    try {
      if (!healthSync.isOpen) await healthSync.open()
      given = this.#reserved(deliveries)
      recorded = await store.record(given.each, given.until)
      return recorded
    } finally {
      if (given !== undefined) this.#takeOver(given, recorded)
      chores.end()
    }
  }

  /** Tells, if it is news. Not by {@link record}: one promise more would cost more than the ledger. @throws what the store throws */
  async tell(telling: Telling): Promise<ToldResult> {
    const { chores, healthSync, store } = this.#options
    let given: Given<HookToTell> | undefined
    let recorded: readonly Recorded[] = []
    chores.begin()
    try {
      if (!healthSync.isOpen) await healthSync.open()
      given = this.#reserved(telling.hooks)
      const told = await store.tell({ ...telling, hooks: given.each }, given.until)
      recorded = told.recorded
      return told
    } finally {
      if (given !== undefined) this.#takeOver(given, inOrderOf(given.each, recorded))
      chores.end()
    }
  }

  /** With room reserved for those that are due; what there is no room for here is due for whoever has some. */
  #reserved<Each extends ToRecord>(wanted: readonly Each[]): Given<Each> {
    const { claimed, leaseMs, now, ownership } = this.#options
    const time = now()
    const each = wanted.map((one) =>
      one.dueAt !== undefined || (ownership.mayClaim(one.hookId) && claimed.reserve(one.hookId))
        ? one
        : { ...one, dueAt: time },
    )
    return { each, terms: each.map(({ hookId }) => ownership.term(hookId)), until: time + leaseMs }
  }

  /** Takes what was claimed as it was recorded, and gives back the room of what was not. */
  #takeOver({ each, terms, until }: Given<ToRecord>, recorded: readonly (Recorded | undefined)[]): void {
    const { claimed, executor, ownership, wakes } = this.#options
    let gone: Set<string> | undefined
    for (let index = 0; index < each.length; index += 1) {
      const { dueAt, hookId } = each[index] as ToRecord
      const { delivery, token, fresh = false } = recorded[index] ?? {}
      const term = terms[index] as Term
      if (delivery !== undefined && token !== undefined) {
        executor.add(claimed.put({ delivery, token }, term, until))
        if (!term.stays) (gone ??= new Set()).add(hookId)
      } else if (dueAt === undefined) claimed.cancel(hookId)
      else if (fresh && ownership.ids.has(hookId) && !claimed.expectsMore(hookId))
        wakes.wakeAt(delivery?.dueAt)
    }
    // Lost, or asked for, while the store was asked: they wait for no place here.
    for (const hookId of gone ?? []) executor.clear(hookId)
  }
}

/** What was recorded, for each hook; nearly always it is in their order. */
function inOrderOf(
  hooks: readonly HookToTell[],
  recorded: readonly Recorded[],
): readonly (Recorded | undefined)[] {
  const isInOrder =
    hooks.length === recorded.length &&
    recorded.every(({ delivery }, index) => delivery.hookId === hooks[index]?.hookId)
  if (isInOrder) return recorded
  const byHook = new Map(recorded.map((each) => [each.delivery.hookId, each]))
  return hooks.map(({ hookId }) => byHook.get(hookId))
}
