import { createHmac, sign } from 'node:crypto'
import { shownValue } from '../shown-value.ts'
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
 * The signer throws a `TypeError` for an `id` or a `body`, and a `RangeError` for a `timestamp`, that no receiver could take.
 *
 * @param option names the option in errors
 * @throws {@link ConfigurationError} `secret_invalid`
 * @example
 * const sign = createStandardSigner('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
 * sign({ id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' })
 * // v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=
 */
export function createStandardSigner(secrets: Secrets, option = 'secret'): StandardSigner {
  const signatures = checkedSecrets(secrets, option).map((text, index) =>
    signatureOf(parseStandardSecret(text, typeof secrets === 'string' ? option : `${option}[${index}]`)),
  )
  return ({ id, timestamp, body }) => {
    if (!isStandardId(id)) {
      throw new TypeError(
        'Expected `id` to be 1 to 256 visible ASCII characters without a full stop: receivers could not tell it from the timestamp.',
      )
    }
    if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
      throw new RangeError(
        `Expected \`timestamp\` to be whole seconds since 1970, got ${shownValue(timestamp)}.`,
      )
    }
    if (typeof body !== 'string')
      throw new TypeError(`Expected \`body\` to be a text, got ${shownValue(body)}.`)
    const content = standardContent(id, String(timestamp), Buffer.from(body, 'utf8'))
    return signatures.map((signature) => signature(content)).join(' ')
  }
}

function signatureOf({ version, key }: StandardKey): (content: Buffer) => string {
  return version === 'v1'
    ? (content) => `v1,${createHmac('sha256', key).update(content).digest('base64')}`
    : (content) => `v1a,${sign(null, content, key).toString('base64')}`
}
