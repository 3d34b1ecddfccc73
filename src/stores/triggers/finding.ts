import { rateOf } from './decide.ts'
import type { Found, ListedBy, TokenRecord, TriggerRecord, TriggerSettings } from './records.ts'
import { timesOf, tokenOf, triggerOf } from './rows.ts'
import { scopeEnd, scopeStart } from './lane.ts'
import { ask, forUpdate, one, type Steps } from './steps.ts'

const tokensOf = 'SELECT * FROM {trigger_tokens} WHERE trigger_id = $1 ORDER BY made_at DESC, digest'

export function* create(trigger: TriggerRecord): Steps<void> {
  const {
    id,
    tenant = null,
    app,
    environment = null,
    dialect,
    settings,
    createdAt,
    expiresAt = null,
  } = trigger
  yield* ask(
    'INSERT INTO {triggers} (id, tenant, app, environment, dialect, settings, created_at, expires_at, recent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING',
    id,
    tenant,
    app,
    environment,
    dialect,
    JSON.stringify(settings),
    createdAt,
    expiresAt,
    '[]',
  )
  for (const token of trigger.tokens) yield* addToken(id, token, createdAt)
}

function* addToken(id: string, { digest, hint, expiresAt }: TokenRecord, madeAt: number): Steps<void> {
  yield* ask(
    'INSERT INTO {trigger_tokens} VALUES ($1, $2, $3, $4, $5) ON CONFLICT (digest) DO NOTHING',
    digest,
    id,
    hint,
    madeAt,
    expiresAt ?? null,
  )
}

export function* get(id: string): Steps<TriggerRecord | undefined> {
  const row = yield* one('SELECT * FROM {triggers} WHERE id = $1', id)
  return row === undefined ? undefined : triggerOf(row, yield* ask(tokensOf, id))
}

/** In the order of their ids. */
export function* list(
  { tenant, app, environment }: ListedBy,
  { after = '', limit }: { readonly after?: string | undefined; readonly limit: number },
): Steps<readonly TriggerRecord[]> {
  const by = Object.entries({ tenant, app, environment }).filter(([, value]) => value !== undefined)
  const conditions = by.map(([column], index) => ` AND ${column} = $${index + 3}`).join('')
  const rows = yield* ask(
    `SELECT * FROM {triggers} WHERE id > $1${conditions} ORDER BY id LIMIT $2`,
    after,
    limit,
    ...by.map(([, value]) => value as string),
  )
  const triggers: TriggerRecord[] = []
  for (const row of rows) triggers.push(triggerOf(row, yield* ask(tokensOf, String(row['id']))))
  return triggers
}

export function* update(id: string, settings: TriggerSettings, expiresAt: number | null): Steps<boolean> {
  const row = yield* one(
    'UPDATE {triggers} SET settings = $2, expires_at = $3 WHERE id = $1 AND revoked_at IS NULL RETURNING id',
    id,
    JSON.stringify(settings),
    expiresAt,
  )
  return row !== undefined
}

export function* rotate(id: string, token: TokenRecord, othersUntil: number, now: number): Steps<boolean> {
  const row = yield* one(`SELECT id FROM {triggers} WHERE id = $1 AND revoked_at IS NULL${forUpdate}`, id)
  if (row === undefined) return false
  yield* ask('DELETE FROM {trigger_tokens} WHERE trigger_id = $1 AND expires_at <= $2', id, now)
  yield* ask(
    'UPDATE {trigger_tokens} SET expires_at = $2 WHERE trigger_id = $1 AND digest <> $3 AND (expires_at IS NULL OR expires_at > $2)',
    id,
    othersUntil,
    token.digest,
  )
  yield* addToken(id, token, now)
  return true
}

/** By the digest of a token. What is revoked or has expired is not found, as what never was. */
export function* find(digest: string, now: number, perMinute: number): Steps<Found | undefined> {
  const token = yield* one('SELECT * FROM {trigger_tokens} WHERE digest = $1', digest)
  if (token === undefined || hasEnded(token['expires_at'], now)) return undefined
  const id = String(token['trigger_id'])
  const row = yield* one('SELECT * FROM {triggers} WHERE id = $1', id)
  if (row === undefined || row['revoked_at'] !== null || hasEnded(row['expires_at'], now)) return undefined
  const trigger = triggerOf(row, yield* ask(tokensOf, id))
  const waiting = yield* one(
    `SELECT 1 AS one FROM {trigger_deployments} WHERE lane >= $1 AND lane < $2 AND status = 'waiting' LIMIT 1`,
    scopeStart(trigger),
    scopeEnd(trigger),
  )
  return {
    trigger,
    token: tokenOf(token),
    rate: rateOf(timesOf(row['recent']), now, perMinute),
    mayMerge: waiting !== undefined,
  }
}

export function* identify(digest: string): Steps<Pick<Found, 'trigger' | 'token'> | undefined> {
  const token = yield* one('SELECT * FROM {trigger_tokens} WHERE digest = $1', digest)
  const trigger = token === undefined ? undefined : yield* get(String(token['trigger_id']))
  return token === undefined || trigger === undefined ? undefined : { trigger, token: tokenOf(token) }
}

export function hasEnded(expiresAt: unknown, now: number): boolean {
  return expiresAt !== null && Number(expiresAt) <= now
}
