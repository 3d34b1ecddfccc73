import type { Row } from '../rows.ts'
import type {
  CallFacts,
  CallRecord,
  DeploymentRecord,
  DeploymentStatus,
  Overlap,
  TokenRecord,
  TriggerDialect,
  TriggerRecord,
  TriggerSettings,
} from './records.ts'
import type { OpenDeployment } from './decide.ts'

/** Between rows and records. JSON is text, and absent is null. */

export function tokenOf(row: Row): TokenRecord {
  return {
    digest: String(row['digest']),
    hint: String(row['hint']),
    ...optional('expiresAt', row['expires_at']),
  }
}

export function triggerOf(row: Row, tokens: readonly Row[]): TriggerRecord {
  return {
    id: String(row['id']),
    ...optionalText('tenant', row['tenant']),
    app: String(row['app']),
    ...optionalText('environment', row['environment']),
    dialect: row['dialect'] as TriggerDialect,
    settings: JSON.parse(String(row['settings'])) as TriggerSettings,
    createdAt: Number(row['created_at']),
    ...optional('expiresAt', row['expires_at']),
    ...optional('revokedAt', row['revoked_at']),
    ...optional('lastUsedAt', row['last_used_at']),
    ...optionalText('lastUsedFrom', row['last_used_from']),
    tokens: tokens.map(tokenOf),
  }
}

/** Joined with its trigger. */
export const deploymentColumns =
  'd.*, t.tenant, t.app, t.environment FROM {trigger_deployments} d JOIN {triggers} t ON t.id = d.trigger_id'

export function deploymentOf(row: Row): DeploymentRecord {
  return {
    id: String(row['id']),
    triggerId: String(row['trigger_id']),
    ...optionalText('tenant', row['tenant']),
    app: String(row['app']),
    ...optionalText('environment', row['environment']),
    callId: String(row['call_id']),
    status: row['status'] as DeploymentStatus,
    facts: JSON.parse(String(row['facts'])) as CallFacts,
    createdAt: Number(row['created_at']),
    dueAt: Number(row['due_at']),
    ...optional('startedAt', row['started_at']),
    ...optional('finishedAt', row['finished_at']),
    ...optionalText('externalId', row['external_id']),
    ...optionalText('url', row['url']),
    ...optionalText('error', row['error']),
    attempt: Number(row['attempt']),
    failures: Number(row['failures']),
    depth: Number(row['depth']),
  }
}

/** A row of a lane, with what is decided by. */
export interface Open extends OpenDeployment {
  readonly row: Row
  readonly overlap: Overlap
  readonly leasedUntil: number
  readonly startedAt: number
}

export function openOf(row: Row): Open {
  return {
    row,
    id: String(row['id']),
    status: row['status'] as DeploymentStatus,
    overlap: row['overlap'] as Overlap,
    firstAt: Number(row['created_at']),
    dueAt: Number(row['due_at']),
    leasedUntil: Number(row['leased_until']),
    startedAt: Number(row['started_at'] ?? 0),
  }
}

export function callOf(row: Row): CallRecord {
  return {
    id: String(row['id']),
    triggerId: String(row['trigger_id']),
    at: Number(row['at']),
    outcome: String(row['outcome']),
    ...optionalText('deploymentId', row['deployment_id']),
    ...optionalText('address', row['address']),
    ...optionalText('userAgent', row['user_agent']),
    ...(typeof row['facts'] === 'string' ? { facts: JSON.parse(row['facts']) as CallFacts } : undefined),
  }
}

export function timesOf(json: unknown): readonly number[] {
  return JSON.parse(String(json)) as readonly number[]
}

function optional<Name extends string>(name: Name, value: unknown): { readonly [Each in Name]?: number } {
  return (value === null || value === undefined ? {} : { [name]: Number(value) }) as {
    [Each in Name]?: number
  }
}

function optionalText<Name extends string>(name: Name, value: unknown): { readonly [Each in Name]?: string } {
  return (value === null || value === undefined ? {} : { [name]: value }) as { [Each in Name]?: string }
}
