import { proxyFromEnv } from './env-proxy.ts'
import type { EgressOptions } from './http/egress.ts'
import { processWarnings, type Logger } from './logger.ts'
import type { SignatureAlgorithm } from './signing/hmac.ts'
import type { Dialect } from './signing/release-url.ts'
import { masked, showing } from './shown-value.ts'
import { checkedSecrets } from './signing/secret.ts'
import { checkedAlgorithm } from './signing/sign-url.ts'

/** What the environment says, ready for `createDispatcher({ ...hooksFromEnv() })`. */
export interface EnvironmentHooks {
  readonly hooks: readonly string[]
  readonly secret?: string
  readonly algorithm: SignatureAlgorithm
  readonly dialect: Dialect
  readonly egress?: Pick<EgressOptions, 'allow' | 'proxy' | 'noProxy'>
}

/** Environment variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

interface Family {
  readonly prefix: string
  readonly dialect: Dialect
  readonly algorithm: SignatureAlgorithm
}

/** The first family that names URLs is read. Deis Workflow and Drycc sign the URL as typed, with SHA-1. */
const families = [
  { prefix: 'DEPLOY_HOOK', dialect: 'native', algorithm: 'sha256' },
  { prefix: 'DRYCC_DEPLOY_HOOK', dialect: 'deis', algorithm: 'sha1' },
  { prefix: 'DEIS_DEPLOY_HOOK', dialect: 'deis', algorithm: 'sha1' },
] as const satisfies readonly Family[]

/**
 * Reads hooks from the environment.
 *
 * `DEPLOY_HOOK_URLS` (separated by commas; a comma inside a URL is written `%2C`), `DEPLOY_HOOK_SECRET_KEY` and
 * `DEPLOY_HOOK_ALGORITHM` (`sha256` by default); or, as a drop-in for their installations, `DRYCC_DEPLOY_HOOK_*` and
 * `DEIS_DEPLOY_HOOK_*` (`sha1`, dialect `deis`). Blanks around an entry, empty entries and repeated ones are dropped with
 * a warning, which names the entry by its number: entries hold tokens.
 *
 * Printed or serialised, it shows neither the URLs nor the secret, nor the proxy; what is spread of it is as any other options.
 *
 * `DEPLOY_HOOK_ALLOW` lists what may be sent to besides the public Internet, as `egress.allow` does: `10.0.0.0/8,ci.internal`.
 *
 * `DEPLOY_HOOK_PROXY` is the proxy of all hooks; without it, `HTTPS_PROXY` and `HTTP_PROXY` are those of https and of http hooks. `NO_PROXY` lists
 * where none is used, as `egress.noProxy` does.
 *
 * @throws {@link ConfigurationError} `secret_invalid` for a secret that is set but empty, `option_invalid` for an unknown algorithm and
 * for a proxy that is no URL of one
 */
export function hooksFromEnv(
  env: Environment = process.env,
  { logger = processWarnings }: { readonly logger?: Logger | undefined } = {},
): EnvironmentHooks {
  const found = families.filter(({ prefix }) => (env[`${prefix}_URLS`] ?? '').trim() !== '')
  const [family, ...ignored] = found
  for (const { prefix } of ignored)
    logger.warn(`${prefix}_URLS is ignored: ${family?.prefix}_URLS is set too`)
  const { prefix, dialect, algorithm } = family ?? families[0]
  const hooks = entriesOf(env[`${prefix}_URLS`] ?? '', `${prefix}_URLS`, logger)
  const allow = entriesOf(env['DEPLOY_HOOK_ALLOW'] ?? '', 'DEPLOY_HOOK_ALLOW', logger)
  const proxy = hooks.length === 0 ? {} : proxyFromEnv(env, logger)
  const egress = { ...(allow.length === 0 ? {} : { allow }), ...proxy }
  const secret = hooks.length === 0 ? undefined : secretOf(env, `${prefix}_SECRET_KEY`)
  const read: EnvironmentHooks = {
    hooks,
    ...(secret === undefined ? {} : { secret }),
    algorithm: dialect === 'native' ? algorithmOf(env[`${prefix}_ALGORITHM`], algorithm) : algorithm,
    dialect,
    ...(Object.keys(egress).length === 0 ? {} : { egress }),
  }
  return showing(read, () => ({
    ...read,
    hooks: hooks.map(() => masked),
    ...(secret === undefined ? {} : { secret: masked }),
    ...(egress.proxy === undefined ? {} : { egress: { ...egress, proxy: masked } }),
  }))
}

function entriesOf(list: string, variable: string, logger: Logger): readonly string[] {
  if (list.trim() === '') return []
  const entries = new Set<string>()
  for (const [index, raw] of list.split(',').entries()) {
    const entry = raw.trim()
    const warn = (deed: string): void => logger.warn(`${variable}: ${deed} entry ${index + 1}`)
    if (entry === '') warn('dropped the empty')
    else if (entries.has(entry)) warn('dropped the repeated')
    else if (entry !== raw) warn('trimmed blanks around')
    if (entry !== '') entries.add(entry)
  }
  return [...entries]
}

function secretOf(env: Environment, variable: string): string | undefined {
  const secret = env[variable]
  if (secret !== undefined) checkedSecrets(secret, variable)
  return secret
}

function algorithmOf(value: string | undefined, fallback: SignatureAlgorithm): SignatureAlgorithm {
  if (value === undefined || value.trim() === '') return fallback
  return checkedAlgorithm(value.trim().toLowerCase() as SignatureAlgorithm)
}
