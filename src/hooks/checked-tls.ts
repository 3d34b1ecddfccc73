import { createSecureContext } from 'node:tls'
import { ConfigurationError } from '../errors.ts'
import { codeOf } from '../http/connection-error.ts'
import type { TlsOptions } from '../http/transport.ts'

/**
 * Reads certificates and key once, so that what is wrong with them is not heard of at the first release.
 *
 * @throws {@link ConfigurationError} `option_invalid`
 */
export function checkedTls(tls: TlsOptions, option: string): TlsOptions {
  const { ca, ...own } = tls
  try {
    createSecureContext({ ...own, ...(ca === undefined ? undefined : { ca: [ca].flat() }) })
    return tls
  } catch (error) {
    const message = `Expected certificates and a key in PEM that belong together, got ${codeOf(error, 'an error of the TLS library')}: correct them.`
    throw new ConfigurationError('option_invalid', option, message)
  }
}
