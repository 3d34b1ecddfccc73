import type { Exchange } from '../../http/transport.ts'
import { webUrl } from '../../targets/web-url.ts'
import type { Hook } from '../../hooks/hook.ts'
import type { Execution } from './execution.ts'

/** Those that lead elsewhere (RFC 9110, section 15.4): 304 and what is not used any more do not. */
const redirects: ReadonlySet<number> = new Set([300, 301, 302, 303, 307, 308])

export function isRedirect(status: number | undefined): boolean {
  return status !== undefined && redirects.has(status)
}

/** As browsers read it: `node:http` gives a character for each byte. */
function asUtf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8')
}

/** Where a redirect leads, as the URL of the hook is shown: never its query, nor a path where that is a secret. `undefined` for what is no place in the web. */
export function locationOf(hook: Hook, { request }: Execution, exchange: Exchange): string | undefined {
  if (exchange.kind === 'failure' || !isRedirect(exchange.status)) return undefined
  const { location } = exchange.headers
  const url = location === undefined ? null : URL.parse(asUtf8(location), request?.url)
  if (url === null) return undefined
  const { origin, pathname } = url
  if (webUrl(origin) === undefined) return undefined
  const isShown = !hook.secretPath && webUrl(origin + pathname) !== undefined
  return isShown ? origin + pathname : `${origin}/\u2026`
}
