import type { LookupAddress } from 'node:dns'
import type { EgressGuard, Refusal } from '../http/egress.ts'
import { isIP } from 'node:net'
import type { HookInfo } from './events.ts'
import type { Hook } from './hook.ts'
import { infoOf } from './reporter.ts'

/** Whether a hook would be sent to, as far as can be told without sending. */
export interface HookCheck {
  readonly hook: HookInfo
  /** True when at least one address may be connected to. */
  readonly ok: boolean
  /** What the host's name stands for now; absent for an address, behind a proxy, and when it cannot be resolved. */
  readonly addresses?: readonly string[]
  /** Why it would not be sent to: a rule of the egress guard, or `ENOTFOUND` and the like for a name that has no address. */
  readonly refusal?: Refusal
}

/** Asks the egress guard as the transport does. Resolves names, and sends nothing. */
export async function checkHook(hook: Hook): Promise<HookCheck> {
  const info = infoOf(hook)
  const { guard } = hook.connection
  const url = new URL(hook.url.wire.base)
  const refused = guard.refusesUrl(url)
  if (refused !== undefined) return { hook: info, ok: false, refusal: refused }
  const host = url.hostname
  if (guard.proxy !== undefined || isIP(host.replace(/^\[|\]$/gu, '')) !== 0) return { hook: info, ok: true }
  try {
    const addresses = await resolve(guard, host)
    const refusals = addresses.map((address) => guard.refusesAddress(address, host))
    const ok = refusals.includes(undefined)
    const [refusal] = refusals
    return { hook: info, ok, addresses, ...(ok || refusal === undefined ? undefined : { refusal }) }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'ENOTFOUND'
    return { hook: info, ok: false, refusal: { code, message: `${host} could not be resolved (${code}).` } }
  }
}

function resolve({ lookup }: EgressGuard, host: string): Promise<readonly string[]> {
  const { promise, resolve: found, reject } = Promise.withResolvers<readonly string[]>()
  lookup(host, { all: true }, (error, addresses: string | LookupAddress[]) => {
    if (error !== null) reject(error)
    else found([addresses].flat().map((each) => (typeof each === 'string' ? each : each.address)))
  })
  return promise
}
