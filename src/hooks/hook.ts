import { createSecureContext } from 'node:tls'
import type * as z from 'zod'
import { ConfigurationError, type ConfigurationProblem } from '../errors.ts'
import { codeOf } from '../http/connection-error.ts'
import type { ConnectionPolicy, TlsOptions } from '../http/transport.ts'
import { mismatch, optionAt, Problems } from '../option-problems.ts'
import { optionProblems } from '../option-shapes.ts'
import type { Release, Stage } from '../release.ts'
import type { SignatureAlgorithm } from '../signing/hmac.ts'
import { parseUrl, type HookUrl } from '../signing/hook-url.ts'
import type { Dialect } from '../signing/release-url.ts'
import { checkedSecrets } from '../signing/secret.ts'
import { deis } from '../targets/deis.ts'
import type { Target } from '../targets/shape.ts'
import { suggestedTarget } from '../targets/suggestion.ts'
import { basesOf } from '../targets/target.ts'
import { matchesPattern } from './apps.ts'
import { defaultBreaker, type BreakerOptions, type BreakerSettings } from './breaker-settings.ts'
import type { HookIds, Nameable } from './ids.ts'
import { hookTarget, isUnsigned, sendsRelease, type HookTarget } from './prepared-target.ts'
import type { KeyedHook } from './keys-apart.ts'
import { hookNamesElsewhere, hookSchema } from './option-schemas.ts'
import type { DispatcherOptions, HookSettings } from './options.ts'
import type { PaceOptions } from '../pace.ts'
import { maskable } from '../masking/excerpt.ts'
import { scheduleOf, type Schedule } from '../schedule.ts'
import type { Sensitive } from '../masking/sensitive.ts'
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

/** What all hooks have in common. */
export interface Common {
  /** Without those that are wrong. */
  readonly options: Omit<DispatcherOptions, 'hooks'>
  /** `undefined` when they are wrong. */
  readonly secrets: readonly string[] | undefined
  readonly connectionOf: ConnectionOf
}

/** One that has no id yet. */
export interface NewHook extends Omit<KeyedHook, 'hook'> {
  readonly hook: Omit<Hook, keyof HookIds>
  readonly name: Nameable
}

/** @param option of the proxy, for errors */
export type ConnectionOf = (proxy: string | false | undefined, option: string) => ConnectionPolicy

/** A hook as it was read. */
export interface ReadHook {
  /** Absent when it cannot be used. */
  readonly made: NewHook | undefined
  readonly problems: readonly ConfigurationProblem[]
  readonly name: Nameable
}

/**
 * Reads one hook: all that is wrong with it, or the hook.
 *
 * @param option where it is, for errors: `hooks[0]`; `undefined` for one alone
 */
export function readHook(given: unknown, common: Common, option?: string): ReadHook {
  const problems = new Problems()
  if (typeof given !== 'string' && !isRecord(given)) {
    const message = mismatch('a URL, or an object with the options of a hook', given, 'give one or the other')
    problems.refuse(option ?? 'hook', message)
    return { made: undefined, problems: problems.all, name: nameOfInvalid({}, option) }
  }
  const at = (name: string): string => optionAt([name], option)
  const own = typeof given === 'string' ? { url: given } : given
  problems.add(
    ...optionProblems(hookSchema, own, { of: 'a hook', within: option, elsewhere: hookNamesElsewhere }),
  )
  const isWrong = wrongNames(problems.all, option)
  const usable: HookParts = usableOf(own, hookSchema, isWrong)
  const urlOption = typeof given === 'string' && option !== undefined ? option : at('url')
  const { secret } = usable
  const secrets =
    secret === undefined
      ? common.secrets
      : problems.of(() => few(checkedSecrets(secret, at('secret')), at('secret')))
  const settings = settingsOf(usable, common)
  const prepared = problems.of(() =>
    hookTarget(
      usable,
      { secrets, algorithm: settings.algorithm, dialect: settings.dialect },
      { at, urlOption, isWrong: (name) => isWrong.has(name) },
    ),
  )
  const connection = problems.of(() => common.connectionOf(usable.proxy, at('proxy')))
  const tls = usable.tls && problems.of(() => checkedTls(usable.tls as TlsOptions, at('tls')))
  const targetSecrets = problems.of(() =>
    few(Object.values(prepared?.target.secrets ?? {}), `${at('target')}.secrets`),
  )
  const found = problems.all.map((problem) => ({ ...problem, ...labelOf(usable.id) }))
  if (
    found.length > 0 ||
    prepared === undefined ||
    secrets === undefined ||
    targetSecrets === undefined ||
    connection === undefined
  )
    return { made: undefined, problems: found, name: nameOfInvalid(usable, option) }
  const made = newHook(usable, common, { prepared, secrets, targetSecrets, connection, tls, settings })
  return { made: { ...made, option: option ?? '' }, problems: [], name: made.name }
}

/** Ids are public, and errors go into logs; what does not look like one may have been meant as another option. */
const idLike = /^[\w.:@-]{1,64}$/u

export function labelOf(id: string | undefined): { readonly hook?: string } {
  return id === undefined || !idLike.test(id) ? {} : { hook: id }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The options that there are, without those that are wrong: inherited ones too, as whoever reads them by name would have them. */
export function usableOf(given: object, schema: z.ZodObject, isWrong: ReadonlySet<string>): object {
  const names = Object.keys(schema.shape).filter((name) => name in given && !isWrong.has(name))
  return Object.fromEntries(names.map((name) => [name, (given as Record<string, unknown>)[name]]))
}

/** Names of the options that problems are about, each the first of its path. */
export function wrongNames(problems: readonly ConfigurationProblem[], within = ''): ReadonlySet<string> {
  return new Set(
    problems.map(({ option }) => option.slice(within.length).replace(/^\./u, '').split(/[.[]/u)[0] ?? ''),
  )
}

/** Of one that cannot be used, as near as can be told: it goes on being counted among those that look like it. */
function nameOfInvalid({ id, url, target, secretPath }: HookParts, option = ''): Nameable {
  const text = url ?? target?.url
  const parsed = typeof text === 'string' ? URL.parse(text) : null
  const hidesPath =
    secretPath ?? target?.secretPath ?? (parsed !== null && suggestedTarget(parsed) !== undefined)
  return {
    ownId: id,
    shown: parsed === null ? `none at ${option}` : shownUrl(`${parsed.origin}${parsed.pathname}`, hidesPath),
    target: typeof target?.name === 'string' ? target.name : deis().name,
    url: typeof text === 'string' ? text : `none at ${option}`,
  }
}

/** Any of the options of a hook. */
type HookParts = Partial<HookSettings & { url: string; target: Target; waitFor: 'accepted' | 'finished' }>

interface Settings {
  readonly algorithm: SignatureAlgorithm
  readonly dialect: Dialect
}

function settingsOf(own: HookParts, { options }: Common): Settings {
  return {
    algorithm: own.algorithm ?? options.algorithm ?? 'sha256',
    dialect: own.dialect ?? options.dialect ?? 'native',
  }
}

interface Parts {
  readonly prepared: HookTarget
  readonly secrets: readonly string[]
  readonly targetSecrets: readonly string[]
  readonly connection: ConnectionPolicy
  readonly tls: TlsOptions | undefined
  readonly settings: Settings
}

function newHook(
  own: HookParts,
  { options: common }: Common,
  { prepared, secrets, targetSecrets, connection, tls, settings: { algorithm, dialect } }: Parts,
): Omit<NewHook, 'option'> {
  const { apps } = own
  const after: ReadonlySet<Stage> = new Set([own.after ?? 'released'].flat())
  const { target, url } = prepared
  const secretPath = own.secretPath ?? target.secretPath ?? isOfChat(url)
  const shown = shownUrl(url.wire.base, secretPath)
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
    connection: tls === undefined ? connection : { ...connection, tls },
    onlyChanges: own.onlyChanges ?? false,
    supersede: own.supersede ?? false,
    wants: ({ app, stage }: Release) =>
      after.has(stage ?? 'released') &&
      (apps === undefined || apps.some((pattern) => matchesPattern(app, pattern))),
  }
  const name = { ownId: own.id, shown, target: target.name, url: own.url ?? target.url ?? '' }
  return { hook, secrets, algorithm, name }
}

/** @throws {@link ConfigurationError} `secret_invalid` */
export function few(secrets: readonly string[], option: string): readonly string[] {
  if (secrets.length <= mostSecrets) return secrets
  const message = `Expected at most ${mostSecrets} secrets, got ${secrets.length}: drop those that no receiver verifies by any more.`
  throw new ConfigurationError('secret_invalid', option, message)
}

function shownUrl(base: string, hidesPath: boolean): string {
  return hidesPath ? `${new URL(base).origin}/\u2026` : base
}

function isOfChat(url: HookUrl): boolean {
  return suggestedTarget(new URL(url.wire.base)) !== undefined
}

function breakerOf(given: BreakerOptions | false | undefined): BreakerSettings | undefined {
  if (given === false) return undefined
  const set = Object.entries(given ?? {}).filter(([, value]) => value !== undefined)
  return { ...defaultBreaker, ...(Object.fromEntries(set) as Partial<BreakerSettings>) }
}

/** What will work and may still surprise, in sentences that begin with its name: `hooks[0]`. */
export function surprisesOf(hook: NewHook['hook'], name: string): readonly Surprise[] {
  const surprises: Surprise[] = []
  const tell = (message: string, code?: string): void => void surprises.push({ message, code })
  if (isUnsigned(hook)) {
    tell(`${name} has no secret: its requests are unsigned, and its receiver cannot verify them`)
  }
  const suggested =
    hook.target.name === deis().name ? suggestedTarget(new URL(hook.url.wire.base)) : undefined
  if (suggested !== undefined) {
    tell(
      `${name} has a URL of ${suggested}, which takes no release in its query: give it \`target: ${suggested}()\` of deploy-hooks/targets`,
    )
  }
  const refusal = hook.connection.guard.refusesUrl(new URL(hook.url.wire.base))
  if (refusal !== undefined) {
    const message = `${name} will not be sent to: ${refusal.message} \`await dispatcher.check()\` tells it of names too`
    tell(message, refusal.code)
  }
  if (hook.dialect === 'deis' && hook.after.size > 1 && sendsRelease(hook.target)) {
    tell(
      `${name} hears of several stages (${[...hook.after].join(', ')}), which its receiver cannot tell apart: ` +
        "a URL in the dialect 'deis' names none. Use the dialect 'native', or a hook with a URL of its own for each stage",
    )
  }
  if (
    hook.dialect === 'deis' &&
    (hook.url.typed.base !== hook.url.wire.base || hook.url.typed.query !== hook.url.wire.query)
  ) {
    tell(
      `${name} is signed as typed (dialect 'deis'), but HTTP clients send its URL in another spelling: ` +
        'a receiver that rebuilds the URL from the request will not get the signed string',
    )
  }
  return surprises
}

export interface Surprise {
  readonly message: string
  /** Of the egress guard's rule. */
  readonly code: string | undefined
}

/** Reads certificates and key once, so that what is wrong with them is not heard of at the first release. */
function checkedTls(tls: TlsOptions, option: string): TlsOptions {
  const { ca, ...own } = tls
  try {
    createSecureContext({ ...own, ...(ca === undefined ? undefined : { ca: [ca].flat() }) })
    return tls
  } catch (error) {
    const message = `Expected certificates and a key in PEM that belong together, got ${codeOf(error, 'an error of the TLS library')}: correct them.`
    throw new ConfigurationError('option_invalid', option, message)
  }
}
