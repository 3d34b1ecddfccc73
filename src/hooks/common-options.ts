import { parseProxy } from '../http/egress-proxy.ts'
import { forEveryScheme, readEgressOptions, type EgressRules } from '../http/egress-options.ts'
import { guardBy } from '../http/egress.ts'
import type { ConnectionPolicy } from '../http/transport.ts'
import type { Problems } from '../option-problems.ts'
import { scheduleOf, type Schedule } from '../schedule.ts'
import { checkedSecrets } from '../signing/secret.ts'
import { sharedSigners, type SignerOf } from '../targets/signers.ts'
import { fewSecrets } from './few-secrets.ts'
import { dispatcherSchema } from './option-schemas.ts'
import type { DispatcherOptions } from './options.ts'
import { usableOf, wrongNames } from './usable-options.ts'

type CommonOptions = Omit<DispatcherOptions, 'hooks'>

/** What all hooks have in common. */
export interface Common {
  /** Without those that are wrong. */
  readonly options: CommonOptions
  /** `undefined` when they are wrong. */
  readonly secrets: readonly string[] | undefined
  readonly connectionOf: ConnectionOf
  readonly schedule: Schedule
  readonly signerOf: SignerOf
}

/** @param option of the proxy, for errors */
type ConnectionOf = (proxy: string | false | undefined, option: string) => ConnectionPolicy

/**
 * What all hooks have in common, and the hooks as they were given: without what is wrong, so that every hook is read nevertheless.
 *
 * @param problems that the shapes of the options have; those of their secret and of `egress` are added
 */
export function readCommon(
  given: unknown,
  problems: Problems,
): { readonly common: Common; readonly hooks: readonly unknown[] } {
  const isWrong = wrongNames(problems.all)
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given)
  const usable: Partial<DispatcherOptions> = isObject ? usableOf(given, dispatcherSchema, isWrong) : {}
  const { hooks = [], ...options } = usable
  const egress = problems.of(() => readEgressOptions(options.egress))
  const connectionOf = connectionsOf(egress ?? readEgressOptions())
  const { secret } = options
  // That of a variable that is not set, as `secret: process.env.KEY` gives it, would send unsigned requests.
  const secrets =
    'secret' in options ? problems.of(() => fewSecrets(checkedSecrets(secret as never), 'secret')) : []
  const schedule = scheduleOf(options.retry)
  return { common: { options, secrets, connectionOf, schedule, signerOf: sharedSigners(secrets) }, hooks }
}

/** One for all hooks with the same proxy, so that they share connections. */
function connectionsOf(rules: EgressRules): ConnectionOf {
  const common: ConnectionPolicy = { guard: guardBy(rules) }
  const made = new Map<string | false, ConnectionPolicy>()
  return (proxy, option) => {
    if (proxy === undefined) return common
    const known = made.get(proxy)
    if (known !== undefined) return known
    const proxies = proxy === false ? {} : forEveryScheme(parseProxy(proxy, option))
    const connection = { guard: guardBy({ ...rules, proxies, direct: [] }) }
    made.set(proxy, connection)
    return connection
  }
}
