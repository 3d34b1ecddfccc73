import type { Database } from './database.ts'
import type { Statements } from './statements.ts'
import { keptJson } from './text.ts'
import { Tokens, tokensOfAClaimer } from './tokens.ts'
import { arrayOf } from './values.ts'

/** The numbers by which this process claims, that no other process has. */
export class Claimers {
  readonly #database: Pick<Database, 'query' | 'repeat'>
  readonly #sql: Statements
  /** Of records, and of claims: what a claim leaves over is used by the next one. */
  readonly records: Tokens = new Tokens(() => this.newNumber())
  readonly claims: Tokens = new Tokens(() => this.newNumber())

  constructor(database: Pick<Database, 'query' | 'repeat'>, sql: Statements) {
    this.#database = database
    this.#sql = sql
  }

  async newNumber(): Promise<number> {
    const [row] = await this.#database.repeat(() => this.#database.query(this.#sql.claimer))
    return Number(row?.['claimer'])
  }

  /** Whose tokens this process gives out. */
  get all(): readonly number[] {
    return [...this.records.claimers, ...this.claims.claimers]
  }

  /** Hands back whatever this process has claimed. */
  async handBack(): Promise<void> {
    const claimers = this.all.map((claimer) => keptJson({ claimer }))
    if (claimers.length > 0)
      await this.#database.query(this.#sql.handBack, [arrayOf(claimers), tokensOfAClaimer])
  }
}
