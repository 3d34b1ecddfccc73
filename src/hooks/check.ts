import { isIP } from 'node:net'
import PQueue, { TimeoutError } from 'p-queue'
import { codeOf } from '../http/connection-error.ts'
import type { Refusal } from '../http/refusal.ts'
import { lookUpAll } from '../http/look-up.ts'
import { infoOf, type HookInfo } from './hook-info.ts'
import type { Hook } from './hook.ts'

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

type AddressesOf = (name: string, hook: Hook) => Promise<readonly string[]>

/** Names that are looked up at once. */
const namesAtOnce = 32

/** Asks the egress guard as the transport does. Resolves names, each once and so long as a delivery would wait, and sends nothing. */
export function checkHooks(hooks: readonly Hook[]): Promise<readonly HookCheck[]> {
  const queue = new PQueue({ concurrency: namesAtOnce })
  const lookUps = new Map<string, Promise<readonly string[]>>()
  const addressesOf: AddressesOf = (name, { connection: { guard }, deadlineMs }) => {
    const asked = `${deadlineMs} ${name}` // one look-up of the name is under way at a time all the same
    const lookUp =
      lookUps.get(asked) ??
      queue.add(async () => (await lookUpAll(guard.lookup, name, {})).map(({ address }) => address), {
        timeout: deadlineMs,
      })
    lookUps.set(asked, lookUp)
    return lookUp
  }
  return Promise.all(hooks.map((hook) => checkHook(hook, addressesOf)))
}

async function checkHook(hook: Hook, addressesOf: AddressesOf): Promise<HookCheck> {
  const info = infoOf(hook)
  const { guard } = hook.connection
  const url = new URL(hook.url.wire.base)
  const refused = guard.refusesUrl(url)
  if (refused !== undefined) return { hook: info, ok: false, refusal: refused }
  const host = url.hostname
  if (guard.proxyFor(url) !== undefined || isIP(host.replace(/^\[|\]$/gu, '')) !== 0)
    return { hook: info, ok: true }
  try {
    const addresses = await addressesOf(host, hook)
    if (addresses.length === 0) return { hook: info, ok: false, refusal: unresolved(host, 'ENOTFOUND') }
    const refusals = addresses.map((address) => guard.refusesAddress(address, host))
    const ok = refusals.includes(undefined)
    const [refusal] = refusals
    return { hook: info, ok, addresses, ...(ok || refusal === undefined ? undefined : { refusal }) }
  } catch (error) {
    const code = error instanceof TimeoutError ? 'ETIMEDOUT' : codeOf(error, 'ENOTFOUND')
    return { hook: info, ok: false, refusal: unresolved(host, code) }
  }
}

function unresolved(host: string, code: string): Refusal {
  return { code, message: `${host} could not be resolved (${code}).` }
}
