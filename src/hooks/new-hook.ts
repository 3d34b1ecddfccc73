import type { ConnectionPolicy, TlsOptions } from '../http/transport.ts'
import { maskable } from '../masking/excerpt.ts'
import type { Sensitive } from '../masking/sensitive.ts'
import type { Stage } from '../stages.ts'
import type { Dialect } from '../signing/dialect.ts'
import type { SignatureAlgorithm } from '../signing/hmac.ts'
import { parseUrl, type HookUrl } from '../signing/hook-url.ts'
import type { Target } from '../targets/shape.ts'
import { suggestedTarget } from '../targets/suggestion.ts'
import { basesOf } from '../targets/target.ts'
import { defaultBreaker, type BreakerOptions, type BreakerSettings } from './breaker-settings.ts'
import type { Common } from './common-options.ts'
import type { Hook } from './hook.ts'
import type { HookIds, Nameable } from './ids.ts'
import type { KeyedHook } from './keys-apart.ts'
import type { HookSettings } from './options.ts'
import type { HookTarget } from './prepared-target.ts'
import { urlMark } from './url-mark.ts'
import { secretsOfProxy, secretsOfUrl } from './url-secrets.ts'

/** A hook that gets its ids when all are read: one is made of its place among the others. */
export type UnnamedHook = Omit<Hook, keyof HookIds> & { -readonly [Each in keyof HookIds]: HookIds[Each] }

/** With what it signs by, and what its id is made of. */
export interface NewHook extends Omit<KeyedHook, 'hook'> {
  readonly hook: UnnamedHook
  readonly name: Nameable
}

/** Any of the options of a hook. */
export type HookParts = Partial<
  HookSettings & { url: string; target: Target; waitFor: 'accepted' | 'finished' }
>

/** What its options were read into. */
export interface ReadParts {
  readonly prepared: HookTarget
  readonly secrets: readonly string[]
  readonly targetSecrets: readonly string[]
  readonly connection: ConnectionPolicy
  readonly tls: TlsOptions | undefined
  readonly algorithm: SignatureAlgorithm
  readonly dialect: Dialect
}

const defaultDisableAfterMs = 5 * 24 * 3600 * 1000
const defaultPerHook = 4
const defaultDeadlineMs = 15_000

/** Makes a hook of options that are right. */
export function newHook(own: HookParts, common: Common, parts: ReadParts): Omit<NewHook, 'option'> {
  const { prepared, connection, tls, secrets, algorithm, dialect } = parts
  const { target, url } = prepared
  const secretPath = own.secretPath ?? target.secretPath ?? isOfChat(url)
  const shown = shownUrl(url.wire.base, secretPath)
  const hook = {
    id: '',
    formerId: undefined,
    ...prepared,
    shown,
    urlMark: urlMark(shown, `${url.wire.base}?${url.wire.query ?? ''}`),
    secretPath,
    dialect,
    sensitive: sensitiveIn(parts, secretPath),
    connection: tls === undefined ? connection : { ...connection, tls },
    onlyChanges: own.onlyChanges ?? false,
    supersede: own.supersede ?? false,
    ...wishesOf(own),
    ...limitsOf(own, common, target),
  }
  const name = { ownId: own.id, shown, target: target.name, url: own.url ?? target.url ?? '' }
  return { hook, secrets, algorithm, name }
}

/** Which releases it hears of. */
function wishesOf(own: HookParts): Pick<Hook, 'after' | 'apps' | 'environments'> {
  const { after = 'released', apps, environments } = own
  return { after: stagesOf(after), apps, environments }
}

const alone: Readonly<Record<Stage, ReadonlySet<Stage>>> = {
  released: new Set(['released']),
  succeeded: new Set(['succeeded']),
  failed: new Set(['failed']),
  'rolled-back': new Set(['rolled-back']),
}

/** Most hooks hear of one stage, and share a set. */
function stagesOf(after: Stage | readonly Stage[]): ReadonlySet<Stage> {
  return typeof after === 'string' ? alone[after] : new Set(after)
}

type Limits = Pick<Hook, 'concurrency' | 'pace' | 'breaker' | 'schedule' | 'disableAfterMs' | 'deadlineMs'>

function limitsOf(own: HookParts, { options: common, schedule }: Common, target: Target): Limits {
  return {
    concurrency: own.concurrency ?? common.concurrency?.perHook ?? defaultPerHook,
    pace: own.pace ?? target.pace,
    breaker: breakerOf(own.breaker ?? common.breaker),
    schedule,
    disableAfterMs: own.disableAfterMs ?? common.disableAfterMs ?? defaultDisableAfterMs,
    deadlineMs:
      own.timeout?.deadlineMs ?? target.deadlineMs ?? common.timeout?.deadlineMs ?? defaultDeadlineMs,
  }
}

function breakerOf(given: BreakerOptions | false | undefined): BreakerSettings | undefined {
  if (given === undefined) return defaultBreaker
  if (given === false) return undefined
  const set = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...defaultBreaker, ...(Object.fromEntries(set) as Partial<BreakerSettings>) }
}

function sensitiveIn(
  { prepared: { target, url }, secrets, targetSecrets, connection: { guard } }: ReadParts,
  secretPath: boolean,
): readonly Sensitive[] {
  return maskable(() => [
    ...secrets.flatMap((secret) => [secret, secret.replace(/^wh(?:sec|sk)_/u, '')]), // the prefix is no secret
    ...targetSecrets,
    ...[url.wire.base, ...basesOf(target)].flatMap((base) =>
      secretsOfProxy(guard.proxyFor(new URL(base))?.credentials()),
    ),
    ...secretsOfUrl(url, secretPath),
    // Their parameters may be secrets as well.
    ...basesOf(target).flatMap((base) => secretsOfUrl(parseUrl(base), false)),
  ])
}

export function shownUrl(base: string, hidesPath: boolean): string {
  return hidesPath ? `${new URL(base).origin}/\u2026` : base
}

function isOfChat(url: HookUrl): boolean {
  return suggestedTarget(new URL(url.wire.base)) !== undefined
}
