import { hash } from 'node:crypto'
import type { Release, Stage } from '../../release.ts'

/** A stage of a rollout, to be told to the hooks that want it if it is news. */
export interface Telling {
  readonly release: Release
  /** Those that want the release. None: it is remembered all the same. */
  readonly hooks: readonly HookToTell[]
  /** Epoch milliseconds. */
  readonly recordedAt: number
  readonly idempotencyKey?: string | undefined
  /** Milliseconds after its last event at which a rollout without a `deployment` closes. */
  readonly closesAfterMs: number
  /** Of no other telling, ever: what is told again is told under it. */
  readonly nonce: string
}

export interface HookToTell {
  readonly hookId: string
  /** The id that the version before gave the hook; absent: the same. */
  readonly formerId?: string | undefined
  /** Epoch milliseconds of the first attempt, for whoever claims it then. Absent: it is due, and claimed by its recorder. */
  readonly dueAt?: number | undefined
  /** As in a new delivery. */
  readonly group?: string | undefined
  /** It wants changes alone. What died, of its last delivery of the group, it hears again. */
  readonly onlyChanges?: boolean | undefined
}

/** How long a rollout with a `deployment` stays open after its last event, and keys and scopes are remembered, in milliseconds. */
export const longMemoryMs: number = 30 * 24 * 3600 * 1000

/** When a rollout is forgotten that is told of now, in epoch milliseconds: it has closed by time then. */
export function rolloutForgottenAt({ release, recordedAt, closesAfterMs }: Telling): number {
  return recordedAt + (release.deployment === undefined ? closesAfterMs : longMemoryMs)
}

/** When a scope is forgotten that is told of now, and a key. */
export function scopeForgottenAt({ recordedAt }: Telling): number {
  return recordedAt + longMemoryMs
}

/**
 * Which telling of a rollout's stage it was: the first one that is known, one again under its nonce, or one by a key, which follows
 * `key:`. `former`: one that the version before recorded.
 */
export type Ordinal = string

export const first: Ordinal = ''
export const former: Ordinal = 'former'
const byKey = 'key:'

export function keyed(idempotencyKey: string): Ordinal {
  return byKey + idempotencyKey
}

/** The key of one that was told by a key. */
export function keyOf(ordinal: Ordinal): string | undefined {
  return ordinal.startsWith(byKey) ? ordinal.slice(byKey.length) : undefined
}

/** Told although something like it was told before, or may have been. */
export function isAgain(ordinal: Ordinal): boolean {
  return ordinal !== first && ordinal !== former
}

/** Whose it is, what of it, and where. Absent is a value of its own. */
export function scopeOf({ tenant, app, environment }: Release): string {
  return textOf(tenant) + textOf(app) + textOf(environment)
}

/** A rollout in its scope: the version, and the platform's own id of it, or else the commit. */
export function rolloutOf(release: Release, scope: string = scopeOf(release)): string {
  const { version, deployment, sha } = release
  const own = deployment === undefined ? `c${textOf(sha)}` : `d${textOf(deployment)}`
  return scope + textOf(version) + own
}

/** With its length in front, so that no two lists of values make the same text. Faster than JSON, as this is done for each release. */
function textOf(value: string | undefined): string {
  return value === undefined ? '-' : `${value.length}:${value}`
}

export function stageOf({ stage }: Release): Stage {
  return stage ?? 'released'
}

/** When it happened, in epoch milliseconds, if the platform tells. */
export function momentOf({ at }: Release): number | undefined {
  return at === undefined ? undefined : Date.parse(at)
}

/**
 * What delivery ids are made of, but for the hook: docs/decisions/0022. A first telling without tenant, environment and deployment has
 * the id that it has had since the first version.
 */
export function idParts(release: Release, ordinal: Ordinal): readonly (string | null)[] {
  const { tenant = null, app, version, environment = null, deployment = null, sha = null, stage } = release
  const staged = stage === undefined ? [] : [stage]
  const isPlain = tenant === null && environment === null && deployment === null
  if (ordinal === former || (ordinal === first && isPlain)) return ['release', app, version, ...staged]
  const scope = [tenant, app, environment]
  const key = keyOf(ordinal)
  if (key !== undefined) return ['key', ...scope, key, ...staged]
  const own = deployment === null ? [sha] : [null, deployment]
  return ['rollout', ...scope, version, ...own, stageOf(release), ordinal]
}

/** An id that is the same for the same parts in every process. */
export function deliveryIdOf(parts: readonly (string | null)[], hookId: string): string {
  return idOfText(JSON.stringify([...parts, hookId]))
}

/** The same of one telling for hooks: what they share is put into words once. */
export function deliveryIds(release: Release, ordinal: Ordinal): (hookId: string) => string {
  const shared = JSON.stringify(idParts(release, ordinal)).slice(0, -1)
  return (hookId) => idOfText(`${shared},${JSON.stringify(hookId)}]`)
}

function idOfText(text: string): string {
  return `dlv_${hash('sha256', text, 'hex').slice(0, 32)}`
}

/** The id that the version before gave the delivery. */
export function formerDeliveryId(
  { release, idempotencyKey }: Pick<Telling, 'release' | 'idempotencyKey'>,
  { hookId, formerId = hookId }: HookToTell,
): string {
  const staged = release.stage === undefined ? [] : [release.stage]
  const parts = idempotencyKey === undefined ? idParts(release, former) : ['key', idempotencyKey, ...staged]
  return deliveryIdOf(parts, formerId)
}
