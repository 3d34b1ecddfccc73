import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Stage } from '../../release.ts'
import type { RolloutMemory, ScopeMemory, TellingEvent } from '../ledger/judge.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { keyOf } from '../ledger/telling.ts'

/** How often, in tellings, and how many rows of each table are looked at then, whether they are forgotten: each table stays bounded. */
const forgetEvery = 64
const forgetAtOnce = 128

/** Tables that forget, with their keys. */
const keys = { told_scopes: 'scope', told_rollouts: 'rollout', told_keys: 'key' } as const
type Table = keyof typeof keys

/** Between two keys, the last one included. */
const isForgotten = (key: string): string => `${key} > ?1 AND ${key} <= ?2 AND forget_at <= ?3`

interface Sweep {
  /** Of the next rows: how many, the last key, and when the first of them is forgotten. */
  readonly next: StatementSync
  readonly drops: readonly StatementSync[]
  after: string
}

/** What was told, in tables of their own. Moments are there for as long as their rollout. */
export class SqliteLedger implements Ledger {
  readonly #scope: StatementSync
  readonly #setScope: StatementSync
  readonly #rollout: StatementSync
  readonly #setRollout: StatementSync
  readonly #dropRollout: StatementSync
  readonly #key: StatementSync
  readonly #setKey: StatementSync
  readonly #moment: StatementSync
  readonly #setMoment: StatementSync
  readonly #dropMoments: StatementSync
  readonly #widen: Readonly<Record<'released' | 'resulted' | 'moment' | 'key', StatementSync>>
  readonly #sweeps: readonly Sweep[]
  #tellings = 0

  constructor(db: DatabaseSync) {
    const one = (table: Table): StatementSync => db.prepare(`SELECT * FROM ${table} WHERE ${keys[table]} = ?`)
    const set = (table: Table | 'told_moments', columns: number): StatementSync =>
      db.prepare(`INSERT OR REPLACE INTO ${table} VALUES (?${', ?'.repeat(columns - 1)})`)
    this.#scope = one('told_scopes')
    this.#setScope = set('told_scopes', 5)
    this.#rollout = one('told_rollouts')
    this.#setRollout = set('told_rollouts', 8)
    this.#dropRollout = db.prepare('DELETE FROM told_rollouts WHERE rollout = ?')
    this.#key = one('told_keys')
    this.#setKey = set('told_keys', 4)
    this.#moment = db.prepare('SELECT event FROM told_moments WHERE rollout = ? AND stage = ? AND at = ?')
    this.#setMoment = set('told_moments', 4)
    this.#dropMoments = db.prepare('DELETE FROM told_moments WHERE rollout = ?')
    this.#widen = {
      released: db.prepare('UPDATE told_rollouts SET released = ?1 WHERE rollout = ?3 AND released = ?2'),
      resulted: db.prepare(
        'UPDATE told_rollouts SET resulted = ?1 WHERE rollout = ?3 AND resulted = ?2 AND result = ?4',
      ),
      moment: db.prepare(
        'UPDATE told_moments SET event = ?1 WHERE rollout = ?3 AND stage = ?4 AND at = ?5 AND event = ?2',
      ),
      key: db.prepare('UPDATE told_keys SET event = ?1 WHERE key = ?4 AND rollout = ?3 AND event = ?2'),
    }
    this.#sweeps = Object.entries(keys).map(([table, key]) => ({
      next: db.prepare(
        `SELECT count(*) AS rows, max(${key}) AS last, min(forget_at) AS forget_at
          FROM (SELECT ${key}, forget_at FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT ${forgetAtOnce})`,
      ),
      drops: [
        ...(table === 'told_rollouts'
          ? [`told_moments WHERE rollout IN (SELECT rollout FROM told_rollouts WHERE ${isForgotten(key)})`]
          : []),
        `${table} WHERE ${isForgotten(key)}`,
      ].map((rows) => db.prepare(`DELETE FROM ${rows}`)),
      after: '',
    }))
  }

  scope(scope: string, now: number): ScopeMemory | undefined {
    const row = this.#scope.get(scope)
    if (row === undefined || Number(row['forget_at']) <= now) return undefined
    return { rollout: String(row['rollout']), stage: row['stage'] as Stage, result: stageIn(row['result']) }
  }

  rollout(rollout: string, now: number): RolloutMemory | undefined {
    const row = this.#rollout.get(rollout)
    if (row === undefined) return undefined
    if (Number(row['forget_at']) <= now) {
      this.#dropRollout.run(rollout)
      this.#dropMoments.run(rollout)
      return undefined
    }
    return {
      stages: String(row['stages']).split(' ') as Stage[],
      released: eventIn(row['released'], rollout),
      result: stageIn(row['result']),
      resulted: eventIn(row['resulted'], rollout),
      at: row['at'] === null ? undefined : Number(row['at']),
      toldAt: Number(row['told_at']),
    }
  }

  byKey(scope: string, stage: Stage, idempotencyKey: string, now: number): TellingEvent | undefined {
    const row = this.#key.get(keyIn(scope, stage, idempotencyKey))
    if (row === undefined || Number(row['forget_at']) <= now) return undefined
    return eventIn(row['event'], String(row['rollout']))
  }

  byMoment(rollout: string, stage: Stage, at: number): TellingEvent | undefined {
    return eventIn(this.#moment.get(rollout, stage, at)?.['event'], rollout)
  }

  rememberScope(scope: string, { rollout, stage, result }: ScopeMemory, forgetAt: number): void {
    this.#setScope.run(scope, rollout, stage, result ?? null, forgetAt)
  }

  rememberRollout(rollout: string, memory: RolloutMemory, forgetAt: number): void {
    const { stages, released, result, resulted, at, toldAt } = memory
    const told = [stages.join(' '), jsonOf(released), result ?? null, jsonOf(resulted)]
    this.#setRollout.run(rollout, ...told, at ?? null, toldAt, forgetAt)
  }

  rememberKey(scope: string, stage: Stage, key: string, event: TellingEvent, forgetAt: number): void {
    this.#setKey.run(keyIn(scope, stage, key), event.rollout, jsonOf(event), forgetAt)
  }

  rememberMoment(rollout: string, stage: Stage, at: number, event: TellingEvent): void {
    this.#setMoment.run(rollout, stage, at, jsonOf(event))
  }

  widen(scope: string, stage: Stage, event: TellingEvent, hooks: readonly string[]): void {
    const { ordinal, rollout, at } = event
    const change = [jsonOf({ ...event, hooks: [...event.hooks, ...hooks] }), jsonOf(event), rollout]
    const key = keyOf(ordinal)
    if (stage === 'released') this.#widen.released.run(...change)
    else this.#widen.resulted.run(...change, stage)
    if (at !== undefined) this.#widen.moment.run(...change, stage, at)
    if (key !== undefined) this.#widen.key.run(...change, keyIn(scope, stage, key))
  }

  forgetSome(now: number): void {
    this.#tellings += 1
    if (this.#tellings % forgetEvery !== 0) return
    for (const sweep of this.#sweeps) {
      const { rows, last, forget_at: forgetAt } = sweep.next.get(sweep.after) ?? {}
      if (typeof last === 'string' && Number(forgetAt) <= now)
        for (const drop of sweep.drops) drop.run(sweep.after, last, now)
      sweep.after = rows === forgetAtOnce ? String(last) : ''
    }
  }
}

function keyIn(scope: string, stage: Stage, key: string): string {
  return `${scope} ${stage} ${key}`
}

function stageIn(value: unknown): Stage | undefined {
  return value === null ? undefined : (value as Stage)
}

/** The rollout is told by the row. */
function eventIn(json: unknown, rollout: string): TellingEvent | undefined {
  return typeof json === 'string' ? { ...(JSON.parse(json) as TellingEvent), rollout } : undefined
}

function jsonOf(event: TellingEvent | undefined): string | null {
  if (event === undefined) return null
  const { ordinal, hooks, at } = event
  return JSON.stringify({ ordinal, hooks, at })
}
