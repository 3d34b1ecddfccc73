import { parseProxy } from './http/egress-proxy.ts'
import type { EgressOptions } from './http/egress-options.ts'
import { parseDirectEntry } from './http/no-proxy.ts'
import type { Environment } from './environment.ts'
import type { Logger } from './logger.ts'

/** All that is read here. */
export const proxyVariables: readonly string[] = [
  'DEPLOY_HOOK_PROXY',
  'https_proxy',
  'HTTPS_PROXY',
  'http_proxy',
  'HTTP_PROXY',
  'no_proxy',
  'NO_PROXY',
  'REQUEST_METHOD',
]

/**
 * The proxies that the environment names: `DEPLOY_HOOK_PROXY` for all hooks, or else `HTTPS_PROXY` and `HTTP_PROXY` by the scheme of the
 * hook, and `NO_PROXY`. The last three also in lower case, which goes first, as with curl. Where `REQUEST_METHOD` is set, as for a CGI
 * program, `HTTP_PROXY` is the `Proxy` header of a stranger (CVE-2016-5385), and is not read.
 *
 * @throws {@link ConfigurationError} `option_invalid`, with the name of the variable
 */
export function proxyFromEnv(env: Environment, logger: Logger): Pick<EgressOptions, 'proxy' | 'noProxy'> {
  const own = proxyIn(env, 'DEPLOY_HOOK_PROXY')
  const https = own ?? proxyIn(env, 'https_proxy', 'HTTPS_PROXY')
  const http = own ?? proxyIn(env, 'http_proxy', ...(isCgi(env) ? [] : ['HTTP_PROXY']))
  if (https === undefined && http === undefined) return {}
  const noProxy = directIn(env, logger)
  return {
    proxy: https === http ? https : { http, https },
    ...(noProxy.length === 0 ? {} : { noProxy }),
  }
}

function isCgi(env: Environment): boolean {
  return (env['REQUEST_METHOD'] ?? '') !== ''
}

/** The first that is set to something. `proxy.internal:3128` is also an http proxy. */
function proxyIn(env: Environment, ...variables: readonly string[]): string | undefined {
  for (const variable of variables) {
    const text = env[variable]?.trim() ?? ''
    if (text === '') continue
    const proxy = text.includes('://') ? text : `http://${text}`
    parseProxy(proxy, variable)
    return proxy
  }
  return undefined
}

/** Other programs may know more forms: an entry that is none of ours is dropped with a warning. */
function directIn(env: Environment, logger: Logger): readonly string[] {
  const [variable, list] = (['no_proxy', 'NO_PROXY'] as const)
    .map((name) => [name, env[name]?.trim() ?? ''] as const)
    .find(([, text]) => text !== '') ?? ['NO_PROXY', '']
  const entries = list.split(/[\s,]+/u).filter((entry) => entry !== '')
  return entries.filter((entry, index) => {
    const isRead = parseDirectEntry(entry) !== undefined
    if (!isRead) logger.warn(`${variable}: dropped entry ${index + 1}, which is no host, address or range`)
    return isRead
  })
}
