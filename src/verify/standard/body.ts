import { HookVerificationError } from '../../errors.ts'
import { guarded } from '../request.ts'

/** No body of more bytes is verified: that many take some 20 ms to hash, for each secret. */
export const largestBody = 16_777_216

/**
 * The bytes of a body.
 *
 * @throws {@link HookVerificationError} `body_consumed` for one that is absent or parsed, `body_too_large`, `request_malformed`
 */
export function bytesOf(body: unknown, limit: number = largestBody): Buffer {
  // UTF-8 has as many bytes as UTF-16 has units, or more.
  if (typeof body === 'string' && body.length > limit) throw new HookVerificationError('body_too_large')
  const bytes = guarded(body, viewed)
  if (bytes === undefined) throw new HookVerificationError('body_consumed')
  if (bytes.length > limit) throw new HookVerificationError('body_too_large')
  return bytes
}

// Not `instanceof`: a Uint8Array of another realm, such as a test runner's, is one too; a proxy of one is none.
function viewed(body: unknown): Buffer | undefined {
  if (typeof body === 'string') return Buffer.from(body, 'utf8')
  if (ArrayBuffer.isView(body)) return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  return undefined
}

/**
 * The JSON of a verified body; `undefined` for an empty one, as the reference packages have it.
 *
 * @throws {@link HookVerificationError} `body_malformed`
 */
export function payloadOf(body: Uint8Array): unknown {
  if (body.length === 0) return undefined
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown
  } catch {
    throw new HookVerificationError('body_malformed') // without the cause, whose message quotes the body
  }
}
