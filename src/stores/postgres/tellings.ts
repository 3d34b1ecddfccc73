import {
  deliveryIdOf,
  first,
  formerDeliveryId,
  idParts,
  keyed,
  momentOf,
  rolloutOf,
  scopeOf,
  stageOf,
  type Telling,
} from '../ledger/telling.ts'
import { Patience } from './patience.ts'
import { keptJson, keptKey } from './text.ts'
import { arrayOf, numbered, releaseJson } from './values.ts'

/** A telling, with the JSON that the statement needs of it, but for its number. */
export interface TellingRow {
  readonly telling: Telling
  /** Of its first hook, and of the others one by one: they tell who recorded a delivery. */
  readonly token: number
  /** When the lease of those without a `dueAt` ends; absent: none is leased. */
  readonly until: number | undefined
  readonly hooks: readonly string[]
  readonly release: string
  readonly asked: string
  /** Since it was asked for. */
  readonly patience: Patience
}

export interface TellingRowOptions {
  readonly token: number
  readonly until?: number | undefined
  /** Whether a version that kept no ledger may have recorded it. */
  readonly hasFormer: boolean
}

export function tellingRow(telling: Telling, { token, until, hasFormer }: TellingRowOptions): TellingRow {
  const { release, hooks, recordedAt, idempotencyKey, nonce } = telling
  const firstParts = idParts(release, first)
  const againParts = idParts(release, idempotencyKey === undefined ? nonce : keyed(idempotencyKey))
  const firstIds = hooks.map(({ hookId }) => deliveryIdOf(firstParts, hookId))
  const rows = hooks.map(({ hookId, dueAt, group }, index) =>
    keptJson({
      position: token + index,
      first_id: firstIds[index],
      again_id: deliveryIdOf(againParts, hookId),
      hook_id: hookId,
      recorded_at: recordedAt,
      due_at: dueAt ?? recordedAt,
      leased_until: dueAt === undefined ? until : undefined,
      token: token + index,
      grouping: group === undefined ? undefined : keptKey(group),
    }),
  )
  const asked = {
    ...questionOf(telling),
    first_ids: firstIds,
    ...(hasFormer ? formerOf(telling) : undefined),
  }
  return {
    telling,
    token,
    until,
    hooks: rows,
    release: releaseJson(release),
    asked: keptJson(asked),
    patience: new Patience(),
  }
}

function questionOf(telling: Telling): object {
  const { release, hooks, recordedAt, idempotencyKey, closesAfterMs, nonce } = telling
  const [scope, rollout, stage, at] = [
    scopeOf(release),
    rolloutOf(release),
    stageOf(release),
    momentOf(release),
  ]
  return {
    scope: keptKey(scope),
    rollout: keptKey(rollout),
    stage,
    at,
    key: idempotencyKey === undefined ? undefined : keptKey(`${scope} ${stage} ${idempotencyKey}`),
    key_ordinal: idempotencyKey === undefined ? undefined : keyed(idempotencyKey),
    nonce,
    has_deployment: release.deployment !== undefined,
    now: recordedAt,
    closes_after: closesAfterMs,
    hook_ids: hooks.map(({ hookId }) => hookId),
    groups: hooks.some(({ onlyChanges }) => onlyChanges)
      ? hooks.map(({ onlyChanges, group = '' }) => (onlyChanges === true ? keptKey(group) : null))
      : undefined,
  }
}

/** What finds deliveries of a version that kept no ledger. */
function formerOf(telling: Telling): object {
  const { release, hooks } = telling
  const { app, version, sha, tenant, environment, deployment, at } = release
  return {
    former_ids: hooks.map((hook) => formerDeliveryId(telling, hook)),
    former_hook_ids: hooks.map(({ formerId }) => formerId ?? null),
    app,
    version,
    sha,
    tenant,
    environment,
    deployment,
    at_text: at,
  }
}

/** The values of the statement that tells: deliveries, releases, tellings. */
export function tellValues(rows: readonly TellingRow[]): readonly [string, string, string] {
  return [
    arrayOf(rows.flatMap(({ hooks }, index) => hooks.map((row) => numbered(row, index)))),
    arrayOf(rows.map(({ release }, index) => numbered(release, index))),
    arrayOf(rows.map(({ asked }, index) => `${asked.slice(0, -1)},"n":${index}}`)),
  ]
}
