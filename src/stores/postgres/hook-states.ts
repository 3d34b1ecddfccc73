import { hookStateOf } from '../rows.ts'
import type { HookState } from '../store.ts'
import type { Database } from './database.ts'
import type { Statements } from './statements.ts'
import { keptJson } from './text.ts'
import { arrayOf } from './values.ts'

/** What is remembered of hooks. */
export class HookStates {
  readonly #database: Pick<Database, 'query' | 'repeat'>
  readonly #sql: Statements

  constructor(database: Pick<Database, 'query' | 'repeat'>, sql: Statements) {
    this.#database = database
    this.#sql = sql
  }

  async set(states: readonly HookState[]): Promise<void> {
    const rows = states.map(({ hookId, enabled, since, reason, url, memory }): [id: string, json: string] => [
      hookId,
      keptJson({ id: hookId, enabled: enabled ? 1 : 0, since, reason, url, memory }),
    ])
    const last = [...new Map(rows).values()] // no statement changes a row twice
    if (last.length === 0) return
    await this.#database.repeat(() => this.#database.query(this.#sql.setHooks, [arrayOf(last)]))
  }

  async all(): Promise<readonly HookState[]> {
    const rows = await this.#database.repeat(() => this.#database.query(this.#sql.hooks))
    return rows.map(hookStateOf)
  }
}
