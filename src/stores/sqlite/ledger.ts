import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Ledger } from '../ledger/ledger.ts'

/** How often, in tellings, and how many rows are looked at then, whether they are forgotten: so the table stays bounded. */
const forgetEvery = 64
const forgetAtOnce = 256

/**
 * What was told, in one table whose rows are in the order of their scopes: what a telling reads and writes is on one page or two of the file,
 * and a commit writes whole pages.
 */
export class SqliteLedger implements Ledger {
  readonly #read: StatementSync
  readonly #write: StatementSync
  /** The row behind so many; none on the last ones. */
  readonly #end: StatementSync
  readonly #forget: StatementSync
  readonly #forgetRest: StatementSync
  #tellings = 0
  #after: readonly [scope: string, what: string] = ['', '']

  constructor(db: DatabaseSync) {
    this.#read = db.prepare('SELECT memory FROM told WHERE scope = ? AND what = ? AND forget_at > ?')
    this.#write = db.prepare(`INSERT INTO told VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET memory = excluded.memory, forget_at = excluded.forget_at`)
    const behind = '(scope, what) > (?1, ?2)'
    this.#end = db.prepare(
      `SELECT scope, what FROM told WHERE ${behind} ORDER BY scope, what LIMIT 1 OFFSET ${forgetAtOnce - 1}`,
    )
    this.#forget = db.prepare(
      `DELETE FROM told WHERE ${behind} AND (scope, what) <= (?3, ?4) AND forget_at <= ?5`,
    )
    this.#forgetRest = db.prepare(`DELETE FROM told WHERE ${behind} AND forget_at <= ?3`)
  }

  read(scope: string, what: string, now: number): unknown {
    const memory = this.#read.get(scope, what, now)?.['memory']
    return typeof memory === 'string' ? JSON.parse(memory) : undefined
  }

  write(scope: string, what: string, memory: object, forgetAt: number): void {
    this.#write.run(scope, what, JSON.stringify(memory), forgetAt)
  }

  forgetSome(now: number): void {
    this.#tellings += 1
    if (this.#tellings % forgetEvery !== 0) return
    const end = this.#end.get(...this.#after)
    if (end === undefined) {
      this.#forgetRest.run(...this.#after, now)
      this.#after = ['', '']
    } else {
      const last = [String(end['scope']), String(end['what'])] as const
      this.#forget.run(...this.#after, ...last, now)
      this.#after = last
    }
  }
}
