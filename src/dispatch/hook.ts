import { createSecureContext } from 'node:tls'
import { ConfigurationError } from '../errors.ts'
import { codeOf } from '../http/connection-error.ts'
import { parseProxy } from '../http/egress-proxy.ts'
import { createEgressGuard } from '../http/egress.ts'
import type { ConnectionPolicy, TlsOptions } from '../http/transport.ts'
import type { Logger } from '../logger.ts'
import type { Release, Stage } from '../release.ts'
import { showing } from '../shown-value.ts'
import { parseUrl, type HookUrl } from '../signing/hook-url.ts'
import type { Dialect } from '../signing/release-url.ts'
import { checkedSecrets } from '../signing/secret.ts'
import { deis } from '../targets/deis.ts'
import { suggestedTarget } from '../targets/suggestion.ts'
import { basesOf } from '../targets/target.ts'
import { matchesPattern } from './apps.ts'
import { defaultBreaker, type BreakerOptions, type BreakerSettings } from './breaker.ts'
import { idsOf, lookalikesIn, repeatedIn, type HookIds, type Nameable } from './hook-ids.ts'
import { hookTarget, isUnsigned, sendsRelease, type HookTarget } from './hook-target.ts'
import { withKeysApart, type KeyedHook } from './keys-apart.ts'
import type { DispatcherOptions, HookOptions } from './options.ts'
import type { PaceOptions } from './pace.ts'
import { maskable } from './redact.ts'
import { infoOf } from './reporter.ts'
import { scheduleOf, type Schedule } from './schedule.ts'
import type { Sensitive } from './masking/sensitive.ts'
import { urlMark } from './url-mark.ts'
import { secretsOfProxy, secretsOfUrl } from './url-secrets.ts'

/** A hook, checked and ready. */
export interface Hook extends HookTarget, HookIds {
  /** What may be shown of the URL: scheme, host and path, or `/…` for a path that is secret. */
  readonly shown: string
  /** Tells its URL from another one, and not what it is. */
  readonly urlMark: string
  /** Its path is one, and so is that of where its receiver redirects to. */
  readonly secretPath: boolean
  readonly dialect: Dialect
  /** The stages that it hears of. */
  readonly after: ReadonlySet<Stage>
  /** Texts that must not be kept when an answer echoes them: secrets, and those of the URL and of the proxy. */
  readonly sensitive: readonly Sensitive[]
  readonly concurrency: number
  readonly pace: PaceOptions | undefined
  /** Absent when it is switched off. */
  readonly breaker: BreakerSettings | undefined
  readonly schedule: Schedule
  /** In milliseconds. */
  readonly disableAfterMs: number
  readonly deadlineMs: number
  readonly connection: ConnectionPolicy
  readonly onlyChanges: boolean
  readonly supersede: boolean
  wants(release: Release): boolean
}

const defaultDisableAfterMs = 5 * 24 * 3600 * 1000
const defaultPerHook = 4
/** Each is looked for in answers, and receivers of Standard Webhooks look at no more signatures. */
const mostSecrets = 30
const defaultDeadlineMs = 15_000

/**
 * Makes hooks of the options. Says once what will work and may still surprise.
 *
 * @throws {@link ConfigurationError} `hook_url_*`, `secret_invalid`, `hook_duplicate`
 */
export function createHooks(options: DispatcherOptions, logger: Logger): readonly Hook[] {
  const connectionOf = connectionsOf(options.egress)
  const made = options.hooks.map((given, index) => {
    const option = `hooks[${index}]`
    const each =
      typeof given === 'string'
        ? createHook({ url: given }, { options, connectionOf }, option, option)
        : createHook(given, { options, connectionOf }, option, `${option}.url`)
    warnOfSurprises(each.hook, option, logger)
    return each
  })
  const names = made.map(({ name }) => name)
  const ids = idsOf(names)
  refuseRepeated(ids, repeatedIn(names))
  warnOfLookalikes(lookalikesIn(names), logger)
  const named = made.map((each, index) => ({ ...each, hook: { ...each.hook, ...(ids[index] as HookIds) } }))
  return withKeysApart(named).map((hook) => showing(hook, () => infoOf(hook)))
}

function refuseRepeated(ids: readonly HookIds[], repeated: number): void {
  const seen = new Set<string>()
  for (const [index, { id }] of ids.entries()) {
    if (seen.has(id) || index === repeated) {
      const message = 'Expected every hook once, got one again: remove it, or give each an `id` of its own.'
      throw new ConfigurationError('hook_duplicate', `hooks[${index}]`, message)
    }
    seen.add(id)
  }
}

function warnOfLookalikes(groups: readonly (readonly number[])[], logger: Logger): void {
  for (const group of groups) {
    const which = group.map((index) => `hooks[${index}]`).join(', ')
    const message = `${which} differ in nothing that may be shown, so their place in the list tells them apart: give each an \`id\`, or what waits for one goes to another when one before it is added, removed or moved`
    logger.warn(message)
  }
}

/** One that has no id yet. */
interface NewHook extends Omit<KeyedHook, 'hook'> {
  readonly hook: Omit<Hook, keyof HookIds>
  readonly name: Nameable
}

interface Common {
  readonly options: DispatcherOptions
  readonly connectionOf: ConnectionOf
}

/** @param option of the proxy, for errors */
type ConnectionOf = (proxy: HookOptions['proxy'], option: string) => ConnectionPolicy

/** One for all hooks with the same proxy, so that they share connections. */
function connectionsOf(egress: DispatcherOptions['egress']): ConnectionOf {
  const common = { guard: createEgressGuard(egress) }
  const made = new Map<string | false, ConnectionPolicy>()
  return (proxy, option) => {
    if (proxy === undefined) return common
    if (proxy !== false) parseProxy(proxy, option)
    const connection = made.get(proxy) ?? {
      guard: createEgressGuard({ ...egress, proxy: proxy === false ? undefined : proxy, noProxy: undefined }),
    }
    made.set(proxy, connection)
    return connection
  }
}

function createHook(
  own: HookOptions,
  { options: common, connectionOf }: Common,
  option: string,
  urlOption: string,
): NewHook {
  const algorithm = own.algorithm ?? common.algorithm ?? 'sha256'
  const given = own.secret ?? common.secret
  const secretOption = own.secret === undefined ? 'secret' : `${option}.secret`
  const secrets = given === undefined ? [] : few(checkedSecrets(given, secretOption), secretOption)
  const { apps } = own
  const connection = connectionOf(own.proxy, `${option}.proxy`)
  const after: ReadonlySet<Stage> = new Set([own.after ?? 'released'].flat())
  const dialect = own.dialect ?? common.dialect ?? 'native'
  const prepared = hookTarget(own, { secrets, algorithm, dialect }, option, urlOption)
  const { target, url } = prepared
  const targetSecrets = few(Object.values(target.secrets ?? {}), `${option}.target.secrets`)
  const secretPath = own.secretPath ?? target.secretPath ?? isOfChat(url)
  const shown = secretPath ? `${new URL(url.wire.base).origin}/\u2026` : url.wire.base
  const hook = {
    ...prepared,
    shown,
    urlMark: urlMark(shown, `${url.wire.base}?${url.wire.query ?? ''}`),
    secretPath,
    dialect,
    after,
    sensitive: maskable(() => [
      ...secrets.flatMap((secret) => [secret, secret.replace(/^wh(?:sec|sk)_/u, '')]), // the prefix is no secret
      ...targetSecrets,
      ...[url.wire.base, ...basesOf(target)].flatMap((base) =>
        secretsOfProxy(connection.guard.proxyFor(new URL(base))?.credentials()),
      ),
      ...secretsOfUrl(url, secretPath),
      // Their parameters may be secrets as well.
      ...basesOf(target).flatMap((base) => secretsOfUrl(parseUrl(base), false)),
    ]),
    concurrency: own.concurrency ?? common.concurrency?.perHook ?? defaultPerHook,
    pace: own.pace ?? target.pace,
    breaker: breakerOf(own.breaker ?? common.breaker),
    schedule: scheduleOf(common.retry),
    disableAfterMs: own.disableAfterMs ?? common.disableAfterMs ?? defaultDisableAfterMs,
    deadlineMs:
      own.timeout?.deadlineMs ?? target.deadlineMs ?? common.timeout?.deadlineMs ?? defaultDeadlineMs,
    connection:
      own.tls === undefined ? connection : { ...connection, tls: checkedTls(own.tls, `${option}.tls`) },
    onlyChanges: own.onlyChanges ?? false,
    supersede: own.supersede ?? false,
    wants: ({ app, stage }: Release) =>
      after.has(stage ?? 'released') &&
      (apps === undefined || apps.some((pattern) => matchesPattern(app, pattern))),
  }
  const name = { ownId: own.id, shown, target: target.name, url: own.url ?? target.url ?? '' }
  return { hook, option, secrets, algorithm, name }
}

function few(secrets: readonly string[], option: string): readonly string[] {
  if (secrets.length <= mostSecrets) return secrets
  const message = `Expected at most ${mostSecrets} secrets, got ${secrets.length}: drop those that no receiver verifies by any more.`
  throw new ConfigurationError('secret_invalid', option, message)
}

function isOfChat(url: HookUrl): boolean {
  return suggestedTarget(new URL(url.wire.base)) !== undefined
}

function breakerOf(given: BreakerOptions | false | undefined): BreakerSettings | undefined {
  if (given === false) return undefined
  const set = Object.entries(given ?? {}).filter(([, value]) => value !== undefined)
  return { ...defaultBreaker, ...(Object.fromEntries(set) as Partial<BreakerSettings>) }
}

function warnOfSurprises(hook: NewHook['hook'], option: string, logger: Logger): void {
  if (isUnsigned(hook)) {
    logger.warn(`${option} has no secret: its requests are unsigned, and its receiver cannot verify them`)
  }
  const suggested =
    hook.target.name === deis().name ? suggestedTarget(new URL(hook.url.wire.base)) : undefined
  if (suggested !== undefined) {
    const message = `${option} has a URL of ${suggested}, which takes no release in its query: give it \`target: ${suggested}()\` of deploy-hooks/targets`
    logger.warn(message)
  }
  const refusal = hook.connection.guard.refusesUrl(new URL(hook.url.wire.base))
  if (refusal !== undefined) {
    const message = `${option} will not be sent to: ${refusal.message} \`await dispatcher.check()\` tells it of names too`
    logger.warn(message, { code: refusal.code })
  }
  if (hook.dialect === 'deis' && hook.after.size > 1 && sendsRelease(hook.target)) {
    logger.warn(
      `${option} hears of several stages (${[...hook.after].join(', ')}), which its receiver cannot tell apart: ` +
        "a URL in the dialect 'deis' names none. Use the dialect 'native', or a hook with a URL of its own for each stage",
    )
  }
  if (
    hook.dialect === 'deis' &&
    (hook.url.typed.base !== hook.url.wire.base || hook.url.typed.query !== hook.url.wire.query)
  ) {
    logger.warn(
      `${option} is signed as typed (dialect 'deis'), but HTTP clients send its URL in another spelling: ` +
        'a receiver that rebuilds the URL from the request will not get the signed string',
    )
  }
}

/** Reads certificates and key once, so that what is wrong with them is not heard of at the first release. */
function checkedTls(tls: TlsOptions, option: string): TlsOptions {
  const { ca, ...own } = tls
  try {
    createSecureContext({ ...own, ...(ca === undefined ? undefined : { ca: [ca].flat() }) })
    return tls
  } catch (error) {
    const message = `Expected certificates and a key in PEM that belong together, got ${codeOf(error, 'an error of the TLS library')}.`
    throw new ConfigurationError('option_invalid', option, message)
  }
}
