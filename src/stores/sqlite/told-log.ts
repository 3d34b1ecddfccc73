import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Row } from '../rows.ts'
import { prepared } from './prepared.ts'
import { sweptAtOnce, ToldSweeps } from './told-sweeps.ts'

/** Rows of the log at which it begins to go into the tables, and at which all of it goes at once: when processes end before they are done. */
const foldedAt = 1024
const foldedWholeAt = 4 * foldedAt
/** Rollouts that do so in one transaction, or twice as many as it tells of: no commit takes long. */
const foldedAtOnce = 16
/** Scopes that are kept here. */
const keptScopes = 4096

/** Values of the columns of `told_rollouts`, and of `told_scopes` but for the rollout. */
export type RolloutValues = readonly [
  rollout: string,
  stages: string,
  released: string | null,
  result: string | null,
  resulted: string | null,
  at: number | null,
  toldAt: number,
  forgetAt: number,
]
export type ScopeValues = readonly [scope: string, stage: string, result: string | null, forgetAt: number]

export interface ScopeRow {
  readonly rollout: string
  readonly stage: string
  readonly result: string | null
  readonly forgetAt: number
}

/** Rollouts that are still to go into the tables, in their order, before the log is dropped up to a row. */
interface Folding {
  readonly upTo: number
  readonly left: string[]
}

/**
 * What was told of scopes and rollouts: their tables, and a log that each telling appends to, which goes into the tables in their order:
 * docs/decisions/0042. Rollouts are all over their table, and each telling would write a page of it.
 *
 * Which rollouts the log has is kept here, and read again after other processes wrote. A process of the version before knows the tables
 * alone: for as long as one runs, each transaction writes to them.
 */
export class ToldLog {
  /** By rollout: the last row of the log that has it. */
  readonly #logged = new Map<string, number>()
  /** As they are: of those that were told of or asked for since others wrote. */
  readonly #scopes = new Map<string, ScopeRow>()
  /** Rows of the log. */
  #first = Infinity
  #last = 0
  /** Whether this transaction has looked for what others wrote. */
  #isRead = false
  /** What the database said of commits by others then. Undefined: all is to be read. */
  #version: number | undefined
  #hasOlder = false
  #folding: Folding | undefined
  #appended = 0
  /** Rows of the tables that are to be looked at, as rows came into them: twice as many, or they would grow. */
  #unswept = 0
  #now = -Infinity
  readonly #sweeps: ToldSweeps
  readonly #sql: Readonly<Record<StatementName, StatementSync>>

  constructor(db: DatabaseSync) {
    this.#sweeps = new ToldSweeps(db)
    this.#sql = prepared(db, texts)
  }

  /** Called before all else for each telling. @param now in epoch milliseconds */
  begin(now: number): void {
    this.#now = now
    if (!this.#isRead) this.#read()
    this.#isRead = true
  }

  scope(scope: string): ScopeRow | undefined {
    const known = this.#scopes.get(scope)
    if (known !== undefined) return known
    const row = this.#sql.scope.get(scope)
    return row === undefined ? undefined : this.#keepScope(scope, row)
  }

  rollout(rollout: string): Row | undefined {
    const seq = this.#logged.get(rollout)
    return seq === undefined ? this.#sql.rollout.get(rollout) : this.#sql.logged.get(seq)
  }

  /** @param scope absent: as it was */
  append(rollout: RolloutValues, scope: ScopeValues | undefined): void {
    const { lastInsertRowid } = this.#sql.append.run(...rollout, ...(scope ?? asItWas))
    this.#keepRollout(rollout[0], Number(lastInsertRowid))
    if (scope !== undefined) {
      const [name, stage, result, forgetAt] = scope
      this.#scopes.set(name, { rollout: rollout[0], stage, result, forgetAt })
    }
    this.#appended += 1
  }

  /** Of any transaction. */
  beforeCommit(): void {
    if (!this.#isRead) return // what others wrote may be unknown
    this.#isRead = false
    const rows = this.#last - this.#first + 1
    if (this.#hasOlder || rows >= foldedWholeAt) this.#foldAll()
    else if (rows >= foldedAt)
      this.#folding ??= { upTo: this.#last, left: [...this.#logged.keys()].toSorted() }
    if (this.#folding !== undefined) this.#foldSome(this.#folding)
    this.#sweep()
    this.#appended = 0
  }

  /** Nothing of the transaction has happened: what there is is read anew. */
  rolledBack(): void {
    this.#isRead = false
    this.#version = undefined
  }

  /** What others wrote since. */
  #read(): void {
    const version = Number(this.#sql.dataVersion.get()?.['data_version'])
    if (version === this.#version && !this.#hasOlder) return
    const isWhole = this.#version !== undefined && this.#sql.start.get()?.['seq'] === this.#first
    if (!isWhole) this.#drop() // another one has put it into the tables
    if (!isWhole || this.#hasOlder) this.#scopes.clear()
    this.#version = version
    for (const row of this.#sql.since.all(this.#last)) {
      this.#keepRollout(String(row['rollout']), Number(row['seq']))
      if (row['scope'] !== null) this.#keepScope(String(row['scope']), row)
    }
    this.#hasOlder = this.#sql.older.get() !== undefined
    if (this.#hasOlder) this.#foldAll()
  }

  #foldAll(): void {
    if (this.#first === Infinity) return
    this.#sql.foldRollouts.run()
    this.#end(this.#last)
  }

  /** With the last row that the log has of each, which may be a later one: another process may do the same. */
  #foldSome({ upTo, left }: Folding): void {
    for (const rollout of left.splice(0, Math.max(foldedAtOnce, 2 * this.#appended)))
      this.#sql.foldRollout.run(this.#logged.get(rollout) ?? null)
    if (left.length > 0) return
    this.#end(upTo)
  }

  /** All is in the tables that the log has up to this row. */
  #end(upTo: number): void {
    this.#sql.foldScopes.run()
    this.#unswept += 2 * Number(this.#sql.drop.run(upTo).changes)
    for (const [rollout, seq] of this.#logged) if (seq <= upTo) this.#logged.delete(rollout)
    this.#first = Number(this.#sql.start.get()?.['seq'] ?? Infinity)
    this.#folding = undefined
    if (this.#scopes.size > keptScopes) this.#scopes.clear()
  }

  /** Some of what there is to look at, so that no commit takes long, but more where more is told in one. */
  #sweep(): void {
    for (let rows = sweptAtOnce + 4 * this.#appended; rows >= sweptAtOnce; rows -= sweptAtOnce) {
      if (this.#unswept < sweptAtOnce) return
      this.#sweeps.sweep(this.#now)
      this.#unswept -= sweptAtOnce
    }
  }

  #drop(): void {
    this.#logged.clear()
    this.#first = Infinity
    this.#last = 0
    this.#folding = undefined
  }

  #keepRollout(rollout: string, seq: number): void {
    this.#logged.set(rollout, seq)
    this.#first = Math.min(this.#first, seq)
    this.#last = seq
  }

  #keepScope(scope: string, row: Row): ScopeRow {
    const kept = {
      rollout: String(row['rollout']),
      stage: String(row['stage']),
      result: row['result'] as string | null,
      forgetAt: Number(row['forget_at']),
    }
    this.#scopes.set(scope, kept)
    return kept
  }
}

const asItWas = [null, null, null, null] as const

/** Columns of `told_rollouts`, which the log has, too. */
const ofRollout = 'rollout, stages, released, result, resulted, at, told_at, forget_at'
/** Columns of the log for those of `told_scopes`; the first is null when the scope is as it was. */
const ofScope = 'scope, rollout, stage, last_result, scope_forget_at'

type StatementName =
  | 'dataVersion'
  | 'older'
  | 'start'
  | 'since'
  | 'append'
  | 'logged'
  | 'rollout'
  | 'scope'
  | 'foldRollout'
  | 'foldRollouts'
  | 'foldScopes'
  | 'drop'

const texts: Readonly<Record<StatementName, string>> = {
  dataVersion: 'PRAGMA data_version',
  older: 'SELECT 1 FROM owners WHERE reads_log IS NULL LIMIT 1',
  start: 'SELECT min(seq) AS seq FROM told_log',
  since: `SELECT seq, scope, rollout, stage, last_result AS result, scope_forget_at AS forget_at
    FROM told_log WHERE seq > ? ORDER BY seq`,
  append: `INSERT INTO told_log (${ofRollout}, scope, stage, last_result, scope_forget_at) VALUES (?${', ?'.repeat(11)})`,
  logged: `SELECT ${ofRollout} FROM told_log WHERE seq = ?`,
  rollout: `SELECT ${ofRollout} FROM told_rollouts WHERE rollout = ?`,
  scope: 'SELECT rollout, stage, result, forget_at FROM told_scopes WHERE scope = ?',
  foldRollout: `INSERT OR REPLACE INTO told_rollouts SELECT ${ofRollout} FROM told_log WHERE seq = ?`,
  // Each with its last row: a query with max() takes the other columns from where that is, https://www.sqlite.org/lang_select.html#bareagg
  foldRollouts: `INSERT OR REPLACE INTO told_rollouts
    SELECT ${ofRollout} FROM (SELECT ${ofRollout}, max(seq) FROM told_log GROUP BY rollout)`,
  foldScopes: `INSERT OR REPLACE INTO told_scopes
    SELECT ${ofScope} FROM (SELECT ${ofScope}, max(seq) FROM told_log WHERE scope IS NOT NULL GROUP BY scope)`,
  drop: 'DELETE FROM told_log WHERE seq <= ?',
}
