import { ConfigurationError } from '../errors.ts'
import type { ProxyServer } from './egress-guard.ts'

const expected = 'Expected an http URL without a path, like http://user:password@proxy.internal:3128'

/**
 * Reads the URL of a proxy. Its text holds a password, so that no error shows any of it, and it is apart from where the proxy is.
 *
 * @param option names it in errors: `egress.proxy`
 * @throws {@link ConfigurationError} `option_invalid`
 */
export function parseProxy(text: string, option: string): ProxyServer {
  const invalid = (message: string): ConfigurationError =>
    new ConfigurationError('option_invalid', option, message)
  if (/[\s\p{Cc}]/u.test(text)) throw invalid(`${expected}, got white space: remove it.`)
  if (/^https:\/\//iu.test(text)) {
    throw invalid(
      `${expected}, got https: TLS to the proxy itself is not supported. The tunnel to an https hook is encrypted all the way, whatever the proxy.`,
    )
  }
  if (!/^http:\/\//iu.test(text))
    throw invalid(`${expected}, got something that does not start with http://: correct it.`)
  // The raw text, since the URL parser drops what is empty and walks the dots of a path.
  if (!/^[^/?#\\]+\/?$/u.test(text.slice('http://'.length))) {
    throw invalid(`${expected}, got none, or one with a path, a query or a fragment: correct it.`)
  }
  const url = URL.parse(text)
  if (url === null) throw invalid(`${expected}, got one that cannot be parsed: correct it.`)
  if (!canDecode(url.username) || !canDecode(url.password)) {
    throw invalid(`${expected}, got credentials with a % that starts no valid escape: write %25.`)
  }
  const { username, password } = url
  url.username = ''
  url.password = ''
  return { url, credentials: () => ({ username, password }) }
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
