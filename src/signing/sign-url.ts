import { ConfigurationError } from '../errors.ts'
import { checkFields, oneOf, type Fields } from '../option-fields.ts'
import { mismatch } from '../option-problems.ts'
import { createSigner, signatureAlgorithms, type SignatureAlgorithm } from './hmac.ts'
import { checkedSecrets, secretField, type Secrets } from './secret.ts'

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
 * @throws {@link ConfigurationError} `secret_invalid`, `option_invalid`
 * @example
 * signUrl('http://deis.rocks/?app=foo&release=v1&release_summary=&sha=&user=bar', { secret: 'my_secret_key' })
 */
export function signUrl(url: string, options: SignUrlOptions): string {
  if (typeof url !== 'string')
    throw new ConfigurationError(
      'option_invalid',
      'url',
      mismatch('a string to sign', url, 'give the URL as it is sent'),
    )
  checkFields(options, fields, { of: 'signUrl()' })
  const [first] = checkedSecrets(options.secret) as readonly [string]
  return createSigner(first, options.algorithm ?? 'sha256')(url)
}

const fields: Fields = { secret: secretField, algorithm: oneOf(signatureAlgorithms) }
