import { createHmac, sign } from 'node:crypto'
import { checkFields, required, type Fields } from '../option-fields.ts'
import { Problems } from '../option-problems.ts'
import { checkedSecrets, type Secrets } from './secret.ts'
import { isStandardId, standardContent } from './standard-message.ts'
import { parseStandardSecret, type StandardKey } from './standard-secret.ts'

/** What a signature of Standard Webhooks covers. */
export interface StandardMessage {
  /** `webhook-id`: the same for every attempt of a delivery. Visible ASCII without a full stop, at most 256 characters. */
  readonly id: string
  /** `webhook-timestamp`: of this attempt, in whole seconds since 1970. */
  readonly timestamp: number
  /** What is sent, to the byte. It is signed as UTF-8. */
  readonly body: string
}

/** Gives the value of `webhook-signature`. */
export type StandardSigner = (message: StandardMessage) => string

/**
 * Prepares the signatures of [Standard Webhooks](https://www.standardwebhooks.com): `v1,<base64>` (HMAC-SHA256) for each
 * `whsec_…`, `v1a,<base64>` (Ed25519) for each `whsk_…`, separated by blanks, in the order of the secrets. All of them
 * sign, so that receivers with the old one and with the new one both verify while keys rotate.
 *
 * The signer throws a {@link ConfigurationError} `option_invalid` for an `id`, a `timestamp` or a `body` that no receiver could take.
 *
 * @param option names the option in errors
 * @throws {@link ConfigurationError} `secret_invalid`
 * @example
 * const sign = createStandardSigner('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
 * sign({ id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' })
 * // v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=
 */
export function createStandardSigner(secrets: Secrets, option = 'secret'): StandardSigner {
  const problems = new Problems()
  const signatures = checkedSecrets(secrets, option).map((text, index) => {
    const at = typeof secrets === 'string' ? option : `${option}[${index}]`
    return problems.of(() => signatureOf(parseStandardSecret(text, at)))
  })
  problems.throwAny()
  const sign = signatures as readonly ((content: Buffer) => string)[]
  return (message) => {
    const { id, timestamp, body } = message ?? {}
    checkFields({ id, timestamp, body }, fields, { of: 'a signer' }) // a message may hold more
    const content = standardContent(id, String(timestamp), Buffer.from(body, 'utf8'))
    return sign.map((signature) => signature(content)).join(' ')
  }
}

const fields: Fields = {
  id: required({
    expected: '1 to 256 visible ASCII characters without a full stop',
    advice: 'take another id; receivers could not tell this one from the timestamp behind it',
    is: isStandardId,
  }),
  timestamp: required({
    expected: 'whole seconds since 1970',
    is: (timestamp) => Number.isSafeInteger(timestamp) && (timestamp as number) >= 0,
  }),
  body: required({
    expected: 'a string',
    advice: 'give what is sent, to the byte',
    is: (body) => typeof body === 'string',
  }),
}

function signatureOf({ version, key }: StandardKey): (content: Buffer) => string {
  return version === 'v1'
    ? (content) => `v1,${createHmac('sha256', key).update(content).digest('base64')}`
    : (content) => `v1a,${sign(null, content, key).toString('base64')}`
}
