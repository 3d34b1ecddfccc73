import PQueue from 'p-queue'
import type { Row } from '../rows.ts'
import type { Attempt, Delivery, Progress } from '../../delivery.ts'
import type { Claim, Store } from '../store.ts'
import { ended, settled } from '../transition.ts'
import { Batch } from './batch.ts'
import type { Database } from './database.ts'
import type { Statements } from './statements.ts'
import { keptJson } from './text.ts'
import { arrayOf, settledJson } from './values.ts'

/** Something to be done with a claimed delivery. */
interface Change {
  readonly key: string
  readonly json: string
}

interface Settlement extends Change {
  /** Of the same claim, with the number of the attempt. */
  readonly identity: string
}

/**
 * What is done with claims, in batches. One statement of them is at work at a time: two that change the same rows could each hold what
 * the other one waits for.
 */
export class HeldClaims {
  readonly #database: Pick<Database, 'query' | 'repeat'>
  readonly #renewals: Batch<Change, boolean>
  readonly #releases: Batch<Change, boolean>
  readonly #marks: Batch<Change, boolean>
  readonly #settlements: Batch<Settlement, boolean>
  readonly #moves: Batch<Change, boolean>
  /** By token, what was marked since the claim was given: its delivery does not show it. Gone with the claim. */
  readonly #marked = new Map<number, Progress>()

  constructor(database: Pick<Database, 'query' | 'repeat'>, sql: Statements) {
    this.#database = database
    const turns = new PQueue({ concurrency: 1 })
    const batch = (text: string): Batch<Change, boolean> =>
      new Batch((changes) => this.#change(text, changes), { turns })
    this.#renewals = batch(sql.renew)
    this.#releases = batch(sql.release)
    this.#marks = batch(sql.mark)
    this.#moves = batch(sql.reschedule)
    this.#settlements = new Batch((settlements) => this.#settleAll(sql, settlements), { turns })
  }

  async renew(claims: readonly Claim[], until: number): Promise<readonly boolean[]> {
    const held = await this.#renewals.add(claims.map((claim) => changeOf(claim, { until })))
    for (const [index, { token }] of claims.entries()) if (held[index] !== true) this.#marked.delete(token)
    return held
  }

  async release(claims: readonly Claim[], dueAt?: number): Promise<void> {
    await this.#releases.add(claims.map((claim) => changeOf(claim, { due_at: dueAt })))
    for (const { token } of claims) this.#marked.delete(token)
  }

  async mark(claim: Claim, progress: Progress): Promise<boolean> {
    const [isHeld = false] = await this.#marks.add([changeOf(claim, { progress })])
    if (isHeld) this.#marked.set(claim.token, progress)
    return isHeld
  }

  settle(claim: Claim, attempt: Attempt): Promise<Delivery | undefined> {
    return this.#settle(claim, settled(this.#deliveryOf(claim), attempt), attempt)
  }

  end(claim: Claim, outcome: Parameters<Store['end']>[1], now: number): Promise<Delivery | undefined> {
    return this.#settle(claim, ended(claim.delivery, outcome, now))
  }

  reschedule(due: Parameters<Store['reschedule']>[0]): Promise<readonly boolean[]> {
    return this.#moves.add(
      due.map(({ id, dueAt }) => ({ key: keyOf(null, id), json: keptJson({ id, due_at: dueAt }) })),
    )
  }

  /** With what was marked since it was claimed. */
  #deliveryOf({ delivery, token }: Claim): Delivery {
    const progress = this.#marked.get(token)
    return progress === undefined ? delivery : { ...delivery, progress }
  }

  async #settle(claim: Claim, next: Delivery, attempt?: Attempt): Promise<Delivery | undefined> {
    const { token, delivery } = claim
    const identity = keptJson({ id: delivery.id, token, number: attempt?.number })
    const [isHeld] = await this.#settlements.add([
      { key: keyOf(token, delivery.id), json: settledJson(claim, next, attempt), identity },
    ])
    this.#marked.delete(token)
    return isHeld === true ? next : undefined
  }

  /** The last of several changes of one delivery is made. */
  async #change(text: string, changes: readonly Change[]): Promise<readonly boolean[]> {
    const last = new Map(changes.map(({ key, json }) => [key, json]))
    const rows = await this.#database.repeat(() => this.#database.query(text, [arrayOf([...last.values()])]))
    const done = new Set(rows.map(keyOfRow))
    return changes.map(({ key }) => done.has(key))
  }

  /** The first of several settlements of one claim is made. */
  async #settleAll(sql: Statements, settlements: readonly Settlement[]): Promise<readonly boolean[]> {
    const first = new Map(settlements.toReversed().map((settlement) => [settlement.key, settlement]))
    const unique = [...first.values()]
    const done = new Set<string>()
    await this.#database.repeat(async (isRepeat) => {
      const asked = arrayOf(unique.map(({ json }) => json))
      for (const row of await this.#database.query(sql.settle, [asked])) done.add(keyOfRow(row))
      if (!isRepeat || done.size === unique.length) return
      const identities = arrayOf(unique.map(({ identity }) => identity))
      for (const row of await this.#database.query(sql.settledBefore, [identities])) done.add(keyOfRow(row))
    })
    return settlements.map(
      (settlement) => done.has(settlement.key) && first.get(settlement.key) === settlement,
    )
  }
}

function changeOf({ delivery: { id }, token }: Claim, change: object): Change {
  return { key: keyOf(token, id), json: keptJson({ id, token, ...change }) }
}

function keyOf(token: number | null, id: string): string {
  return `${token} ${id}`
}

function keyOfRow({ token = null, id }: Row): string {
  return keyOf(token === null ? null : Number(token), String(id))
}
