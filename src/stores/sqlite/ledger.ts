import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Stage } from '../../release.ts'
import type { Memory, Remembered, RolloutMemory, TellingEvent } from '../ledger/judge.ts'
import type { Ledger } from '../ledger/ledger.ts'
import {
  keyOf,
  momentOf,
  rolloutForgottenAt,
  rolloutOf,
  scopeForgottenAt,
  scopeOf,
  stageOf,
  type Telling,
} from '../ledger/telling.ts'
import type { Row } from '../rows.ts'
import { ToldLog, type RolloutValues } from './told-log.ts'

/** What concerns a telling, with its names in the tables. */
interface Known extends Memory {
  readonly scopeName: string
  readonly rolloutName: string
  /** Of the rollout that was told of under the telling's key. */
  readonly keyedName: string | undefined
}

/** What was told: scopes and rollouts by way of a log, and tables of keys and moments. */
export class SqliteLedger implements Ledger<Known> {
  readonly #log: ToldLog
  readonly #key: StatementSync
  readonly #setKey: StatementSync
  readonly #widenKey: StatementSync
  readonly #keepKey: StatementSync
  readonly #moment: StatementSync
  readonly #setMoment: StatementSync
  readonly #widenMoment: StatementSync
  readonly #dropMoments: StatementSync

  constructor(db: DatabaseSync) {
    this.#log = new ToldLog(db)
    this.#key = db.prepare('SELECT rollout, event, forget_at FROM told_keys WHERE key = ?')
    this.#setKey = db.prepare('INSERT OR REPLACE INTO told_keys VALUES (?, ?, ?, ?)')
    this.#widenKey = db.prepare('UPDATE told_keys SET event = ? WHERE key = ? AND rollout = ? AND event = ?')
    this.#keepKey = db.prepare('UPDATE told_keys SET forget_at = ? WHERE key = ?')
    this.#moment = db.prepare('SELECT event FROM told_moments WHERE rollout = ? AND stage = ? AND at = ?')
    this.#setMoment = db.prepare('INSERT OR REPLACE INTO told_moments VALUES (?, ?, ?, ?)')
    this.#widenMoment = db.prepare(
      'UPDATE told_moments SET event = ? WHERE rollout = ? AND stage = ? AND at = ? AND event = ?',
    )
    this.#dropMoments = db.prepare('DELETE FROM told_moments WHERE rollout = ?')
  }

  recall(telling: Telling): Known {
    const { release, recordedAt: now, idempotencyKey: key } = telling
    const scopeName = scopeOf(release)
    const rolloutName = rolloutOf(release, scopeName)
    const row = this.#log.scope(scopeName)
    const scope = row !== undefined && row.forgetAt > now ? row : undefined
    const rollout = this.#rollout(rolloutName, now)
    const keyed = key === undefined ? undefined : alive(this.#key.get(keyIn(telling, scopeName, key)), now)
    const at = rollout === undefined ? undefined : momentOf(release)
    const moment = at === undefined ? undefined : this.#moment.get(rolloutName, stageOf(release), at)
    return {
      scopeName,
      rolloutName,
      keyedName: keyed === undefined ? undefined : String(keyed['rollout']),
      scope: scope && { stage: scope.stage as Stage, result: stageIn(scope.result) },
      isLast: scope?.rollout === rolloutName,
      rollout,
      byKey: eventIn(keyed?.['event']),
      byMoment: eventIn(moment?.['event']),
    }
  }

  remember(telling: Telling, known: Known, { event, scope, rollout }: Remembered): void {
    const { scopeName, rolloutName } = known
    const { idempotencyKey: key } = telling
    const { stages, released, result = null, resulted, at = null, toldAt } = rollout
    const told = [jsonOf(released), result, jsonOf(resulted), at, toldAt] as const
    this.#log.append(
      [rolloutName, stages.join(' '), ...told, rolloutForgottenAt(telling)],
      scope && [scopeName, scope.stage, scope.result ?? null, scopeForgottenAt(telling)],
    )
    if (key !== undefined) {
      const forgetAt = scopeForgottenAt(telling)
      this.#setKey.run(keyIn(telling, scopeName, key), rolloutName, textOf(event), forgetAt)
    }
    if (event.at !== undefined)
      this.#setMoment.run(rolloutName, stageOf(telling.release), event.at, textOf(event))
  }

  widen(telling: Telling, known: Known, event: TellingEvent, hooks: readonly string[]): void {
    const { scopeName, rolloutName, keyedName = rolloutName } = known
    const { release, idempotencyKey } = telling
    const was = textOf(event)
    const is = textOf({ ...event, hooks: [...event.hooks, ...hooks] })
    this.#widenRollout(telling, keyedName, was, is)
    if (event.at !== undefined) this.#widenMoment.run(is, keyedName, stageOf(release), event.at, was)
    const key = keyOf(event.ordinal)
    if (key !== undefined) this.#widenKey.run(is, keyIn(telling, scopeName, key), keyedName, was)
    if (idempotencyKey !== undefined)
      this.#keepKey.run(scopeForgottenAt(telling), keyIn(telling, scopeName, idempotencyKey))
  }

  forgetSome(now: number): void {
    this.#log.begin(now)
  }

  /** Of any transaction. */
  beforeCommit(): void {
    this.#log.beforeCommit()
  }

  rolledBack(): void {
    this.#log.rolledBack()
  }

  /** For longer, if the telling is known by it. */
  #widenRollout(telling: Telling, name: string, was: string, is: string): void {
    const row = this.#log.rollout(name)
    if (row === undefined) return
    const stage = stageOf(telling.release)
    const [, stages, released, result, resulted, at, toldAt, forgetAt] = Object.values(
      row,
    ) as unknown as RolloutValues
    const events = [
      stage === 'released' && released === was ? is : released,
      result,
      stage === result && resulted === was ? is : resulted,
    ] as const
    const until = telling.idempotencyKey === undefined ? rolloutForgottenAt(telling) : forgetAt
    this.#log.append([name, stages, ...events, at, toldAt, until], undefined)
  }

  #rollout(name: string, now: number): RolloutMemory | undefined {
    const row = this.#log.rollout(name)
    if (row === undefined) return undefined
    if (alive(row, now) === undefined) {
      this.#dropMoments.run(name)
      return undefined
    }
    return {
      stages: String(row['stages']).split(' ') as Stage[],
      released: eventIn(row['released']),
      result: stageIn(row['result']),
      resulted: eventIn(row['resulted']),
      at: row['at'] === null ? undefined : Number(row['at']),
      toldAt: Number(row['told_at']),
    }
  }
}

function alive(row: Row | undefined, now: number): Row | undefined {
  return row !== undefined && Number(row['forget_at']) > now ? row : undefined
}

function keyIn({ release }: Telling, scope: string, key: string): string {
  return `${scope} ${stageOf(release)} ${key}`
}

function stageIn(value: unknown): Stage | undefined {
  return value === null ? undefined : (value as Stage)
}

function eventIn(json: unknown): TellingEvent | undefined {
  return typeof json === 'string' ? (JSON.parse(json) as TellingEvent) : undefined
}

function jsonOf(event: TellingEvent | undefined): string | null {
  return event === undefined ? null : textOf(event)
}

function textOf({ ordinal, hooks, at }: TellingEvent): string {
  return JSON.stringify({ ordinal, hooks, at })
}
