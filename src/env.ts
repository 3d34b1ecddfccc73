import { proxyFromEnv, proxyVariables } from './env-proxy.ts'
import type { Environment } from './environment.ts'
import type { EgressOptions } from './http/egress-options.ts'
import { ConfigurationError } from './errors.ts'
import { processWarnings, type Logger } from './logger.ts'
import { nearestName } from './nearest-name.ts'
import { checkFields, withMethods, type Fields } from './option-fields.ts'
import { mismatch } from './option-problems.ts'
import { signatureAlgorithms, type SignatureAlgorithm } from './signing/hmac.ts'
import type { Dialect } from './signing/dialect.ts'
import { masked, showing, shownName } from './shown-value.ts'
import { checkedSecrets } from './signing/secret.ts'

/** What the environment says, ready for `createDispatcher({ ...hooksFromEnv() })`. */
export interface EnvironmentHooks {
  readonly hooks: readonly string[]
  readonly secret?: string
  readonly algorithm: SignatureAlgorithm
  readonly dialect: Dialect
  readonly egress?: Pick<EgressOptions, 'allow' | 'proxy' | 'noProxy'>
}

interface Family {
  readonly prefix: string
  /** What is read, each behind the prefix. */
  readonly names: readonly string[]
  readonly dialect: Dialect
  readonly algorithm: SignatureAlgorithm
}

/** The first family that names URLs is read. Deis Workflow and Drycc sign the URL as typed, with SHA-1. */
const families = [
  {
    prefix: 'DEPLOY_HOOK',
    names: ['_URLS', '_SECRET_KEY', '_ALGORITHM', '_ALLOW', '_PROXY'],
    dialect: 'native',
    algorithm: 'sha256',
  },
  { prefix: 'DRYCC_DEPLOY_HOOK', names: ['_URLS', '_SECRET_KEY'], dialect: 'deis', algorithm: 'sha1' },
  { prefix: 'DEIS_DEPLOY_HOOK', names: ['_URLS', '_SECRET_KEY'], dialect: 'deis', algorithm: 'sha1' },
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
 * A variable that nothing reads and that is spelled nearly like one that is, such as `DEPLOY_HOOK_URL`, is warned about.
 *
 * @throws {@link ConfigurationError} `secret_invalid` for a secret that is set but empty, or ends in a line break; `option_invalid` for an
 * unknown algorithm, named by its variable, for a proxy that is no URL of one, and for other options
 */
export function hooksFromEnv(
  env: Environment = process.env,
  options: { readonly logger?: Logger | undefined } = {},
): EnvironmentHooks {
  checkEnvironment(env)
  checkFields(options, fields, { of: 'hooksFromEnv()' })
  const { logger = processWarnings } = options
  warnOfMisspelt(env, logger)
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
    algorithm: dialect === 'native' ? algorithmOf(env, `${prefix}_ALGORITHM`, algorithm) : algorithm,
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

function algorithmOf(env: Environment, variable: string, fallback: SignatureAlgorithm): SignatureAlgorithm {
  const value = env[variable]?.trim().toLowerCase() ?? ''
  if (value === '') return fallback
  const algorithm = signatureAlgorithms.find((each) => each === value)
  if (algorithm !== undefined) return algorithm
  const message = mismatch("'sha1' or 'sha256'", env[variable], `set one, or leave it out for ${fallback}`)
  throw new ConfigurationError('option_invalid', variable, message)
}

const fields: Fields = {
  logger: withMethods('a logger with the methods warn and error, such as `console`', 'warn', 'error'),
}

function checkEnvironment(env: unknown): void {
  const isEnvironment = typeof env === 'object' && env !== null && !Array.isArray(env)
  const wrong = isEnvironment
    ? Object.keys(env).find(
        (name) =>
          (isRead(name) || proxyVariables.includes(name)) &&
          !['string', 'undefined'].includes(typeof env[name as never]),
      )
    : 'env'
  if (wrong === undefined) return
  const message = isEnvironment
    ? mismatch('a string', env[wrong as never], 'give variables as `process.env` has them')
    : mismatch('environment variables by name', env, 'give `process.env`, or leave it out')
  throw new ConfigurationError('option_invalid', wrong, message)
}

const variables: readonly string[] = families.flatMap(({ prefix, names }) =>
  names.map((name) => prefix + name),
)

function isRead(name: string): boolean {
  return variables.includes(name)
}

/** `DEPLOY_HOOK_URL` may be somebody else's, such as that of a trigger, and is only warned about. */
function warnOfMisspelt(env: Environment, logger: Logger): void {
  for (const name of Object.keys(env)) {
    if (isRead(name) || !families.some(({ prefix }) => name.startsWith(prefix))) continue
    const meant = nearestName(name, variables)
    if (meant === undefined || (env[meant] ?? '') !== '') continue
    logger.warn(`${shownName(name)} is not read: did you mean ${meant}?`)
  }
}
