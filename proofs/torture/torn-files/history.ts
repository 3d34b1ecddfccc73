import type { Attempt, Claim, Delivery, HookState, Release, Store } from 'deploy-hooks'
import { attemptOf, outcomeOf, releaseOf } from './samples.ts'
import type { Chance } from '../../../src/testing/store/chance.ts'
import { nothing, type Entry, type Moment } from './moment.ts'

const hooks = ['smoke-tests', 'chat', 'audit']
const secondsBetweenSteps = 7
const prunedAfterSteps = 150
/** Leases of this history never end by themselves. */
const never = 4e12

type Step = () => Promise<boolean>

/** Writes a varied history to a store, one commit a step, and keeps what the store acknowledged after each. */
export class History {
  /** Before the first step, and after each. */
  readonly moments: Moment[] = [nothing]
  readonly #store: Store
  readonly #chance: Chance
  readonly #entries = new Map<string, Entry>()
  readonly #hookStates = new Map<string, HookState>()
  readonly #claims: Claim[] = []
  #now = 1_767_225_600_000
  #recorded = 0

  constructor(store: Store, chance: Chance) {
    this.#store = store
    this.#chance = chance
  }

  async write(steps: number): Promise<void> {
    const choices: readonly Step[] = [
      ...Array.from({ length: 5 }, () => () => this.#settle()),
      ...Array.from({ length: 4 }, () => () => this.#record()),
      () => this.#claim(),
      () => this.#claim(),
      () => this.#end(),
      () => this.#release(),
      () => this.#mark(),
      () => this.#reschedule(),
      () => this.#setHookState(),
      () => this.#prune(),
    ]
    for (let step = 0; step < steps; step += 1) {
      this.#now += secondsBetweenSteps * 1000
      if (!(await this.#chance.pick(choices)())) await this.#record()
      this.moments.push(this.#moment())
    }
  }

  #moment(): Moment {
    const hookStates = [...this.#hookStates.values()].toSorted((a, b) => (a.hookId < b.hookId ? -1 : 1))
    return { entries: [...this.#entries.values()], hookStates }
  }

  async #record(): Promise<boolean> {
    const release: Release = releaseOf(this.#chance, this.#recorded)
    const later = this.#chance.below(3) === 0 ? { dueAt: this.#now + this.#chance.below(60_000) } : {}
    const [replayed] = this.#final()
    const replay =
      later.dueAt !== undefined && replayed !== undefined ? { replayOf: replayed.delivery.id } : {}
    const given = hooks.slice(this.#chance.below(hooks.length)).map((hookId) => {
      this.#recorded += 1
      return { id: `dlv_${this.#recorded}`, hookId, release, recordedAt: this.#now, ...later, ...replay }
    })
    for (const { delivery, token } of await this.#store.record(given, never)) {
      this.#keep(delivery)
      if (token !== undefined) this.#claims.push({ delivery, token })
    }
    return true
  }

  async #claim(): Promise<boolean> {
    const claims = await this.#store.claim({
      hooks: new Map(hooks.map((hook) => [hook, 3])),
      now: this.#now,
      until: never,
    })
    this.#claims.push(...claims)
    return claims.length > 0
  }

  async #settle(): Promise<boolean> {
    const claim = this.#taken()
    if (claim === undefined) return false
    const outcome = outcomeOf(this.#chance, this.#now)
    const attempt = attemptOf(this.#chance, claim.delivery, outcome, this.#now)
    this.#keep(await this.#store.settle(claim, attempt), attempt)
    return true
  }

  async #end(): Promise<boolean> {
    const claim = this.#taken()
    if (claim === undefined) return false
    const outcome = { kind: 'dead', reason: 'hook-disabled', verdict: 'hook-disabled' } as const
    this.#keep(await this.#store.end(claim, outcome, this.#now))
    return true
  }

  async #release(): Promise<boolean> {
    const claims = this.#claims.splice(0, 2)
    if (claims.length === 0) return false
    await this.#store.release(claims)
    return true
  }

  /** The claim goes on. */
  async #mark(): Promise<boolean> {
    const claim = this.#claims.at(-1)
    const delivery = this.#entries.get(claim?.delivery.id ?? '')?.delivery
    if (claim === undefined || delivery === undefined) return false
    const { step, attempt } = delivery.progress ?? { step: 0, attempt: 0 }
    const progress = { step, at: this.#now, attempt, sending: true } as const
    const isHeld = await this.#store.mark(claim, progress)
    this.#keep(isHeld ? { ...delivery, progress } : undefined)
    return true
  }

  async #reschedule(): Promise<boolean> {
    const held = new Set(this.#claims.map(({ delivery }) => delivery.id))
    const waiting = [...this.#entries.values()].find(
      ({ delivery }) => delivery.state === 'waiting' && !held.has(delivery.id),
    )
    if (waiting === undefined) return false
    const { id } = waiting.delivery
    const dueAt = this.#now + this.#chance.below(60_000)
    const [was] = await this.#store.reschedule([{ id, dueAt }])
    if (was !== true) throw new Error(`Expected ${id} to be rescheduled: it waits, and nobody has claimed it`)
    this.#keep({ ...waiting.delivery, dueAt })
    return true
  }

  async #setHookState(): Promise<boolean> {
    const hookId = this.#chance.pick(hooks)
    const enabled = this.#chance.below(2) === 0
    const state = { hookId, enabled, since: this.#now, reason: 'gone' }
    await this.#store.setHookStates([state])
    this.#hookStates.set(hookId, state)
    return true
  }

  async #prune(): Promise<boolean> {
    const olderThan = this.#now - prunedAfterSteps * secondsBetweenSteps * 1000
    const old = this.#final().filter(({ delivery }) => (delivery.settledAt ?? 0) < olderThan)
    if (old.length === 0) return false
    const pruned = await this.#store.prune(olderThan)
    if (pruned !== old.length) throw new Error(`Expected ${old.length} to be pruned, got ${pruned}`)
    for (const { delivery } of old) this.#entries.delete(delivery.id)
    return true
  }

  #taken(): Claim | undefined {
    return this.#claims.splice(this.#chance.below(this.#claims.length), 1)[0]
  }

  #final(): readonly Entry[] {
    return [...this.#entries.values()].filter(({ delivery }) => delivery.state !== 'waiting')
  }

  #keep(delivery: Delivery | undefined, attempt?: Attempt): void {
    if (delivery === undefined) throw new Error('Expected the claim to hold: nobody else has claimed it')
    const before = this.#entries.get(delivery.id)?.attempts ?? []
    this.#entries.set(delivery.id, {
      delivery,
      attempts: attempt === undefined ? before : [...before, attempt],
    })
  }
}
