import { ConfigurationError } from '../errors.ts'
import { shownValue } from '../shown-value.ts'
import { createSigner, signatureAlgorithms, type SignatureAlgorithm } from './hmac.ts'
import { checkedSecrets, type Secrets } from './secret.ts'

export interface SignUrlOptions {
  /** One secret, or several of which the first signs. Its UTF-8 bytes are the key, never trimmed. */
  readonly secret: Secrets
  /** @default 'sha256' */
  readonly algorithm?: SignatureAlgorithm | undefined
}

/**
 * Signs a URL as it stands: HMAC over its UTF-8 bytes, as bare lower-case hexadecimal (40 digits for `sha1`, 64
 * for `sha256`), which is the whole value of the `Authorization` header.
 *
 * @throws {@link ConfigurationError} `secret_invalid`, `option_invalid`; `TypeError` for what is no text
 * @example
 * signUrl('http://deis.rocks/?app=foo&release=v1&release_summary=&sha=&user=bar', { secret: 'my_secret_key' })
 */
export function signUrl(url: string, { secret, algorithm = 'sha256' }: SignUrlOptions): string {
  if (typeof url !== 'string') throw new TypeError(`Expected \`url\` to be a text, got ${shownValue(url)}.`)
  const [first] = checkedSecrets(secret) as [string]
  return createSigner(first, checkedAlgorithm(algorithm))(url)
}

/** @throws {@link ConfigurationError} `option_invalid` for anything but `sha1` and `sha256`. */
export function checkedAlgorithm(algorithm: SignatureAlgorithm): SignatureAlgorithm {
  if (signatureAlgorithms.includes(algorithm)) return algorithm
  throw new ConfigurationError(
    'option_invalid',
    'algorithm',
    `Expected 'sha1' or 'sha256', got ${shownValue(algorithm)}.`,
  )
}
