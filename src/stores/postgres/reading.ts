import type { Attempt, Delivery } from '../../delivery.ts'
import { attemptOf, deliveryOf, type Row } from '../rows.ts'
import { dueHooksOf } from '../due-hooks.ts'
import type { Count, DeliveryFilter, DueHooks, DueOptions, Page, PageOptions } from '../store.ts'
import { Batch } from './batch.ts'
import type { Database } from './database.ts'
import { DeliveryPages } from './delivery-pages.ts'
import type { Statements } from './statements.ts'
import { kept, keptJson, keptKey } from './text.ts'
import { arrayOf } from './values.ts'

/** Reads deliveries and their attempts. */
export class Reading {
  readonly #database: Database
  readonly #sql: Statements
  readonly #pages: DeliveryPages
  readonly #deliveries: Batch<string, Delivery | undefined>

  constructor(database: Database, schema: string, sql: Statements) {
    this.#database = database
    this.#sql = sql
    this.#pages = new DeliveryPages(database, schema)
    this.#deliveries = new Batch((ids) => this.#get(ids))
  }

  get(ids: readonly string[]): Promise<readonly (Delivery | undefined)[]> {
    return this.#deliveries.add(ids)
  }

  /** Looks at some rows a statement, until there is something to give. */
  async list(filter: DeliveryFilter, page: PageOptions): Promise<Page> {
    let found = await this.#database.repeat(() => this.#pages.list(filter, page))
    while (found.deliveries.length === 0 && found.next !== undefined) {
      const { next: cursor } = found
      found = await this.#database.repeat(() => this.#pages.list(filter, { ...page, cursor }))
    }
    return found
  }

  async latest(hookId: string, group: string, limit: number): Promise<readonly Delivery[]> {
    return (await this.#ask(this.#sql.latest, [kept(hookId), keptKey(group), limit])).map(deliveryOf)
  }

  async attempts(deliveryId: string): Promise<readonly Attempt[]> {
    return (await this.#ask(this.#sql.attempts, [kept(deliveryId)])).map((row) => attemptOf(deliveryId, row))
  }

  async counts(): Promise<readonly Count[]> {
    return (await this.#ask(this.#sql.counts)).map(countOf)
  }

  async due(options: DueOptions): Promise<DueHooks> {
    const { among, except } = options
    const asked = among && [...among].filter((hookId) => !except.has(hookId))
    const rows =
      asked === undefined
        ? await this.#ask(this.#sql.firstsOfAll)
        : await this.#ask(this.#sql.firsts, [arrayOf(asked.map((hook) => keptJson({ hook_id: hook })))])
    const firsts = rows.map((row) => ({ hookId: String(row['hook_id']), at: Number(row['at']) }))
    return dueHooksOf(firsts, options)
  }

  async #get(ids: readonly string[]): Promise<readonly (Delivery | undefined)[]> {
    const asked = Array.from(new Set(ids), (id) => keptJson({ id }))
    const rows = await this.#ask(this.#sql.get, [arrayOf(asked)])
    const found = new Map(rows.map((row) => [String(row['id']), deliveryOf(row)]))
    return ids.map((id) => found.get(id))
  }

  #ask(text: string, values?: readonly unknown[]): Promise<readonly Row[]> {
    return this.#database.repeat(() => this.#database.query(text, values))
  }
}

function countOf(row: Row): Count {
  return {
    hookId: String(row['hook_id']),
    state: row['state'] as Delivery['state'],
    count: Number(row['count']),
  }
}
