import PQueue from 'p-queue'
import { deliveryOf } from '../rows.ts'
import type { Claim, ClaimOptions } from '../store.ts'
import type { Database } from './database.ts'
import type { Run } from './in-transaction.ts'
import type { Statements } from './statements.ts'
import { keptJson } from './text.ts'
import type { Tokens } from './tokens.ts'
import { arrayOf } from './values.ts'

interface Wanted {
  /** The hooks, as the statement takes them. */
  readonly asked: string
  /** Of one hook. */
  readonly largest: number
  readonly most: number
}

/** Claims what is due. One claim at a time: the tokens that one leaves over are the next one's. */
export class Claiming {
  readonly #database: Pick<Database, 'query' | 'repeat'>
  readonly #sql: Statements
  readonly #tokens: Tokens
  readonly #turns = new PQueue({ concurrency: 1 })

  constructor(database: Pick<Database, 'query' | 'repeat'>, sql: Statements, tokens: Tokens) {
    this.#database = database
    this.#sql = sql
    this.#tokens = tokens
  }

  async claim({ hooks, now, until }: ClaimOptions): Promise<readonly Claim[]> {
    const given = [...hooks].filter(([, most]) => most > 0)
    if (given.length === 0) return []
    const rows = given.map(([hook, most], position) => keptJson({ position, hook_id: hook, most }))
    const wanted: Wanted = {
      asked: arrayOf(rows),
      largest: Math.max(...given.map(([, each]) => each)),
      most: given.reduce((sum, [, each]) => sum + each, 0),
    }
    return this.#turns.add(() => this.#claim(wanted, now, until))
  }

  async #claim({ asked, largest, most }: Wanted, now: number, until: number): Promise<readonly Claim[]> {
    const run: Run = (text, values) => this.#database.query(text, values)
    const first = await this.#tokens.take(most)
    let isSure = true
    const claimed = await this.#database.repeat(async (isRepeat) => {
      isSure = !isRepeat
      const before = isRepeat ? await run(this.#sql.claimed, [asked, first, first + most]) : []
      return before.length > 0 ? before : run(this.#sql.claim, [asked, now, until, first, largest])
    })
    if (isSure) this.#tokens.giveBack(most - claimed.length) // otherwise some may be on deliveries that are not among these
    return claimed.map((row) => ({ delivery: deliveryOf(row), token: Number(row['token']) }))
  }
}
