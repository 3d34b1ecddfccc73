import { HookVerificationError, type VerificationErrorCode } from '../../errors.ts'
import { isStandardId, standardHeaders } from '../../signing/standard-message.ts'
import { bytesOf } from './body.ts'
import { guarded, headerValues, type HeadersOf } from '../request.ts'

/**
 * A request with the body as it came. Its headers may be those of a Node `IncomingMessage` (Express's and Fastify's too), of
 * a Fetch `Request`, or a plain object, in any case.
 */
export interface StandardRequest extends HeadersOf {
  /** To the byte. A parsed one is refused: what it is written as again is not what was signed. */
  readonly body: string | Uint8Array
}

/** What verification takes from a request. */
export interface ReadStandardRequest {
  readonly id: string
  /** As it came: the signature is made of the text. */
  readonly timestamp: string
  readonly signature: string
  readonly body: Buffer
}

/** 30 signatures, of which a sender makes one or two. */
const maxSignatureLength = 4096

/**
 * Reads a request of any make.
 *
 * @throws {@link HookVerificationError} `webhook_*_missing`, `webhook_*_malformed`, `body_consumed`, `body_too_large`,
 * `request_malformed`; never anything else, whatever it is given
 */
export function readStandardRequest(request: StandardRequest): ReadStandardRequest {
  const id = onlyValue(request, 'id', isStandardId)
  const timestamp = onlyValue(request, 'timestamp', isSeconds)
  const signature = onlyValue(request, 'signature', ({ length }) => length <= maxSignatureLength)
  return { id, timestamp, signature, body: bytesOf(guarded(request, bodyOf)) }
}

/** Of a request that may be no object. */
export function bodyOf({ body }: StandardRequest): unknown {
  return body
}

function onlyValue(
  request: HeadersOf,
  name: keyof typeof standardHeaders,
  isWell: (value: string) => boolean,
): string {
  const [value = '', ...more] = headerValues(request, standardHeaders[name])
  const refuse = (what: 'missing' | 'malformed'): HookVerificationError =>
    new HookVerificationError(`webhook_${name}_${what}` satisfies VerificationErrorCode)
  if (value === '') throw refuse('missing')
  if (more.length > 0 || !isWell(value)) throw refuse('malformed')
  return value
}

// One spelling of each number, as the signature is made of the text. Twelve digits last for 29,000 years, and milliseconds
// have thirteen.
function isSeconds(value: string): boolean {
  return /^(?:0|[1-9]\d{0,11})$/u.test(value)
}
