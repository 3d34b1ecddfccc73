import { parseProxy } from '../http/egress-proxy.ts'
import { createEgressGuard, type EgressOptions } from '../http/egress.ts'
import type { ConnectionPolicy } from '../http/transport.ts'
import type { Problems } from '../option-problems.ts'
import { checkedSecrets } from '../signing/secret.ts'
import { few, usableOf, wrongNames, type Common, type ConnectionOf } from './hook.ts'
import { dispatcherSchema } from './option-schemas.ts'
import type { DispatcherOptions } from './options.ts'

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
  const guard = problems.of(() => createEgressGuard(options.egress))
  const connectionOf = connectionsOf(guard === undefined ? undefined : options.egress, guard)
  const { secret } = options
  // That of a variable that is not set, as `secret: process.env.KEY` gives it, would send unsigned requests.
  const secrets = 'secret' in options ? problems.of(() => few(checkedSecrets(secret as never), 'secret')) : []
  return { common: { options, secrets, connectionOf }, hooks }
}

/** One for all hooks with the same proxy, so that they share connections. */
function connectionsOf(egress: EgressOptions | undefined, guard = createEgressGuard(egress)): ConnectionOf {
  const common: ConnectionPolicy = { guard }
  const made = new Map<string | false, ConnectionPolicy>()
  return (proxy, option) => {
    if (proxy === undefined) return common
    const known = made.get(proxy)
    if (known !== undefined) return known
    if (proxy !== false) parseProxy(proxy, option)
    const own = { ...egress, proxy: proxy === false ? undefined : proxy, noProxy: undefined }
    const connection = { guard: createEgressGuard(own) }
    made.set(proxy, connection)
    return connection
  }
}
