import { ConfigurationError } from '../errors.ts'
import { mismatch } from '../option-problems.ts'
import type { EgressGuard } from './egress-guard.ts'
import { readEgressOptions, type EgressOptions, type EgressRules } from './egress-options.ts'
import { refusalOfAddress, refusalOfUrl } from './egress-rules.ts'
import { lookUpName } from './names.ts'
import { isDirect } from './no-proxy.ts'

/**
 * Makes a guard. What `options` say is read once, here.
 *
 * Without options it refuses every address that is not global unicast, those that embed an IPv4 address (whichever), and the metadata
 * services of clouds. `allow` opens exactly what it names: a range no address that just embeds one of its addresses, and neither a range nor
 * `*.` a metadata service. `deny` forbids also what embeds a denied IPv4 address.
 *
 * @throws {@link ConfigurationError} `option_invalid`, with the option's path: `egress.allow[1]`
 *
 * @example
 * ```ts
 * const guard = createEgressGuard({ allow: ['10.20.0.0/16', 'ci.internal.example'], ports: [443] })
 * guard.refusesUrl(new URL('https://127.0.0.1/'))?.code // 'EGRESS_LOOPBACK'
 * ```
 */
export function createEgressGuard(options: EgressOptions = {}): EgressGuard {
  return guardBy(readEgressOptions(options))
}

export function guardBy(rules: EgressRules): EgressGuard {
  return {
    refusesUrl: (url) => {
      if (!(url instanceof URL)) throw refusedArgument('url', 'a URL object', url, 'give `new URL(text)`')
      return refusalOfUrl(url, rules)
    },
    refusesAddress: (address, host) => {
      for (const [name, text] of Object.entries({ address, host }))
        if (typeof text !== 'string') throw refusedArgument(name, 'a string', text, 'give one')
      return refusalOfAddress(address, host, rules)
    },
    proxyFor: (url) => {
      const proxy = rules.proxies[url.protocol]
      return proxy === undefined || isDirect(rules.direct, url) ? undefined : proxy
    },
    lookup: rules.lookup ?? lookUpName,
  }
}

function refusedArgument(name: string, expected: string, given: unknown, advice: string): ConfigurationError {
  return new ConfigurationError('option_invalid', name, mismatch(expected, given, advice))
}
