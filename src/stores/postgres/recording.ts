import type { Telling } from '../ledger/telling.ts'
import type { NewDelivery, Recorded, ToldResult, ToldWithin } from '../store.ts'
import type { Transaction } from '../transaction.ts'
import { Batch } from './batch.ts'
import type { Database } from './database.ts'
import { record } from './recorder.ts'
import type { Statements } from './statements.ts'
import { tellAll } from './teller.ts'
import { tellingRow, type TellingRow } from './tellings.ts'
import { tellWithin } from './tell-within.ts'
import type { Tokens } from './tokens.ts'
import { newRows, type NewRow } from './values.ts'

/** Tellings in one statement: others wait for the scopes that it locks. */
const mostTellings = 100

/** Records deliveries and tells of releases, what is asked at about the same time together. */
export class Recording {
  readonly #database: Database
  readonly #sql: Statements
  readonly #tokens: Tokens
  readonly #records: Batch<NewRow, Recorded>
  readonly #tellings: Batch<TellingRow, ToldResult>
  /** Until then, in epoch milliseconds, what a version that kept no ledger recorded counts as told. */
  #formerUntil = -Infinity

  constructor(database: Database, sql: Statements, tokens: Tokens) {
    this.#database = database
    this.#sql = sql
    this.#tokens = tokens
    this.#records = new Batch((rows) =>
      database.repeat((isRepeat) =>
        record((text, values) => database.query(text, values), sql, rows, isRepeat),
      ),
    )
    this.#tellings = new Batch((rows) => tellAll(database, sql, rows), { most: mostTellings })
  }

  /** To be done before anything is told. */
  async open(): Promise<void> {
    const [row] = await this.#database.repeat(() => this.#database.query(this.#sql.former))
    this.#formerUntil = Number(row?.['until'] ?? -Infinity)
  }

  async record(deliveries: readonly NewDelivery[], until: number): Promise<readonly Recorded[]> {
    const first = await this.#tokens.take(deliveries.length)
    const tokens = deliveries.map((_, index) => first + index)
    return this.#records.add(newRows(deliveries, tokens, until))
  }

  async tell(telling: Telling, until: number): Promise<ToldResult> {
    const [told] = await this.#tellings.add([await this.#rowOf(telling, until)])
    return told as ToldResult
  }

  async tellWithin(transaction: Transaction, telling: Telling): Promise<ToldWithin> {
    return tellWithin(transaction, await this.#rowOf(telling), this.#sql, this.#database)
  }

  async #rowOf(telling: Telling, until?: number): Promise<TellingRow> {
    const token = await this.#tokens.take(telling.hooks.length)
    return tellingRow(telling, { token, until, hasFormer: telling.recordedAt < this.#formerUntil })
  }
}
