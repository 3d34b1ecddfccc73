import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Row } from '../rows.ts'
import { procedures, type ProcedureName } from './procedures.ts'
import { forUpdate, runNow, type Steps } from './steps.ts'
import { tableNames } from './tables.ts'

/** Runs procedures over a SQLite database, within the transaction of the caller. */
export class SqliteProcedures {
  readonly #db: DatabaseSync
  readonly #prepared = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  run(name: ProcedureName, args: readonly unknown[]): unknown {
    const procedure = procedures[name] as (...given: readonly unknown[]) => Steps<unknown>
    return runNow(procedure(...args), ({ sql, values }) => this.#statement(sql).all(...values) as Row[])
  }

  #statement(sql: string): StatementSync {
    const known = this.#prepared.get(sql)
    if (known !== undefined) return known
    const statement = this.#db.prepare(sqliteText(sql))
    this.#prepared.set(sql, statement)
    return statement
  }
}

function sqliteText(sql: string): string {
  let text = sql.replaceAll(forUpdate, '').replaceAll('$', '?')
  for (const table of tableNames) text = text.replaceAll(`{${table}}`, table)
  return text
}
