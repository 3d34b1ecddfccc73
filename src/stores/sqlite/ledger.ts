import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Stage } from '../../release.ts'
import type { RolloutMemory, ScopeMemory, TellingEvent } from '../ledger/judge.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** How often, in tellings, and how many rows of each table are looked at then, whether they are forgotten: each table stays bounded. */
const forgetEvery = 64
const forgetAtOnce = 128

/** Tables with their keys. */
const keys = {
  told_scopes: 'scope',
  told_rollouts: 'rollout',
  told_keys: 'key',
  told_moments: 'moment',
} as const
type Table = keyof typeof keys

interface Sweep {
  readonly table: Table
  /** The key behind so many rows; none on the last ones. */
  readonly end: StatementSync
  readonly drop: StatementSync
  after: string
}

/** What was told, in tables of their own. */
export class SqliteLedger implements Ledger {
  readonly #scope: StatementSync
  readonly #setScope: StatementSync
  readonly #rollout: StatementSync
  readonly #setRollout: StatementSync
  readonly #key: StatementSync
  readonly #setKey: StatementSync
  readonly #moment: StatementSync
  readonly #setMoment: StatementSync
  readonly #sweeps: readonly Sweep[]
  #tellings = 0

  constructor(db: DatabaseSync) {
    const one = (table: Table): StatementSync =>
      db.prepare(`SELECT * FROM ${table} WHERE ${keys[table]} = ? AND forget_at > ?`)
    const set = (table: Table, columns: number): StatementSync =>
      db.prepare(`INSERT OR REPLACE INTO ${table} VALUES (?${', ?'.repeat(columns - 1)})`)
    this.#scope = one('told_scopes')
    this.#setScope = set('told_scopes', 5)
    this.#rollout = one('told_rollouts')
    this.#setRollout = set('told_rollouts', 8)
    this.#key = one('told_keys')
    this.#setKey = set('told_keys', 3)
    this.#moment = one('told_moments')
    this.#setMoment = set('told_moments', 3)
    this.#sweeps = Object.entries(keys).map(([table, key]) => ({
      table: table as Table,
      end: db.prepare(
        `SELECT ${key} AS key FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT 1 OFFSET ${forgetAtOnce - 1}`,
      ),
      drop: db.prepare(
        `DELETE FROM ${table} WHERE ${key} > ?1 AND (?2 IS NULL OR ${key} <= ?2) AND forget_at <= ?3`,
      ),
      after: '',
    }))
  }

  scope(scope: string, now: number): ScopeMemory | undefined {
    const row = this.#scope.get(scope, now)
    if (row === undefined) return undefined
    return {
      rollout: String(row['rollout']),
      stage: row['stage'] as Stage,
      result: stageIn(row['result']),
      forgetAt: Number(row['forget_at']),
    }
  }

  rollout(scope: string, rollout: string, now: number): RolloutMemory | undefined {
    const row = this.#rollout.get(scope + rollout, now)
    if (row === undefined) return undefined
    return {
      stages: String(row['stages']).split(' ') as Stage[],
      released: eventIn(row['released']),
      result: stageIn(row['result']),
      resulted: eventIn(row['resulted']),
      at: row['at'] === null ? undefined : Number(row['at']),
      toldAt: Number(row['told_at']),
      forgetAt: Number(row['forget_at']),
    }
  }

  byKey(scope: string, stage: Stage, idempotencyKey: string, now: number): TellingEvent | undefined {
    return eventIn(this.#key.get(keyOf(scope, stage, idempotencyKey), now)?.['event'])
  }

  byMoment(
    scope: string,
    rollout: string,
    stage: Stage,
    at: number,
    now: number,
  ): TellingEvent | undefined {
    return eventIn(this.#moment.get(keyOf(scope + rollout, stage, at), now)?.['event'])
  }

  rememberScope(scope: string, { rollout, stage, result, forgetAt }: ScopeMemory): void {
    this.#setScope.run(scope, rollout, stage, result ?? null, forgetAt)
  }

  rememberRollout(scope: string, rollout: string, memory: RolloutMemory): void {
    const { stages, released, result, resulted, at, toldAt, forgetAt } = memory
    const told = [stages.join(' '), jsonOf(released), result ?? null, jsonOf(resulted)]
    this.#setRollout.run(scope + rollout, ...told, at ?? null, toldAt, forgetAt)
  }

  rememberKey(scope: string, stage: Stage, key: string, event: TellingEvent, forgetAt: number): void {
    this.#setKey.run(keyOf(scope, stage, key), jsonOf(event), forgetAt)
  }

  rememberMoment(
    scope: string,
    rollout: string,
    stage: Stage,
    at: number,
    event: TellingEvent,
    forgetAt: number,
  ): void {
    this.#setMoment.run(keyOf(scope + rollout, stage, at), jsonOf(event), forgetAt)
  }

  forgetSome(now: number): void {
    this.#tellings += 1
    if (this.#tellings % forgetEvery !== 0) return
    for (const sweep of this.#sweeps) {
      const end = sweep.end.get(sweep.after)?.['key'] ?? null
      sweep.drop.run(sweep.after, end, now)
      sweep.after = end === null ? '' : String(end)
    }
  }
}

function keyOf(of: string, stage: Stage, last: string | number): string {
  return `${of} ${stage} ${last}`
}

function stageIn(value: unknown): Stage | undefined {
  return value === null ? undefined : (value as Stage)
}

function eventIn(json: unknown): TellingEvent | undefined {
  return typeof json === 'string' ? (JSON.parse(json) as TellingEvent) : undefined
}

function jsonOf(event: TellingEvent | undefined): string | null {
  return event === undefined ? null : JSON.stringify(event)
}
