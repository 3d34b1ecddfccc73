import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../src/errors.ts'
import { createStandardVerifier } from '../../../src/verify/standard/verifier.ts'
import type { StandardVerifyResult } from '../../../src/verify/standard/result.ts'
import { symmetric } from '../../vectors/standard.ts'

/**
 * The cases of the reference package's own tests (standard-webhooks/standard-webhooks,
 * libraries/javascript/src/webhook.test.ts), each asked of both: what it refuses is refused here, with a code.
 */

const secret = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const body = '{"test": 2432232314}'
const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
const toleranceSeconds = 5 * 60

/** The headers of a genuine webhook, made by the reference package. */
function headersOf(signedBody = body, secondsAgo = 0): Record<string, string> {
  const seconds = Math.floor(Date.now() / 1000) - secondsAgo
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': new Webhook(secret).sign(id, new Date(seconds * 1000), signedBody),
  }
}

function without(name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(headersOf()).filter(([key]) => key !== name))
}

function signedAs(change: (signature: string) => string): Record<string, string> {
  const headers = headersOf()
  return { ...headers, 'webhook-signature': change(headers['webhook-signature'] ?? '') }
}

function ours(headers: Record<string, string>, received = body, key = secret): StandardVerifyResult {
  return createStandardVerifier({ secret: key }).safeVerify({ headers, body: received })
}

describe('the published cases', () => {
  it.each(['', undefined, null, 'whsec_'])('an empty key raises an error: %s', (key) => {
    expect(() => new Webhook(key as string)).toThrow(Error)
    expect(() => createStandardVerifier({ secret: key as string })).toThrow(ConfigurationError)
  })

  it.each([
    ['a missing id', 'webhook_id_missing', () => without('webhook-id')],
    ['a missing timestamp', 'webhook_timestamp_missing', () => without('webhook-timestamp')],
    ['a missing signature', 'webhook_signature_missing', () => without('webhook-signature')],
    [
      'an invalid timestamp',
      'webhook_timestamp_malformed',
      () => ({ ...headersOf(), 'webhook-timestamp': 'hello' }),
    ],
    ['an invalid signature', 'signature_mismatch', () => signedAs(() => 'v1,dawfeoifkpqwoekfpqoekf')],
    ['a partial signature', 'signature_mismatch', () => signedAs((signature) => signature.slice(0, 8))],
    ['an empty signature', 'signature_mismatch', () => signedAs(() => 'v1,')],
    ['an old timestamp', 'webhook_timestamp_too_old', () => headersOf(body, toleranceSeconds + 1)],
    ['a new timestamp', 'webhook_timestamp_too_new', () => headersOf(body, -toleranceSeconds - 2)],
  ])('%s is refused', (_what, code, headers) => {
    expect(() => new Webhook(secret).verify(body, headers())).toThrow(Error)
    expect(ours(headers())).toMatchObject({ ok: false, code })
  })

  it('a valid signature is valid and returns valid JSON', () => {
    const headers = headersOf()
    expect(new Webhook(secret).verify(body, headers)).toEqual({ test: 2432232314 })
    expect(ours(headers)).toMatchObject({ ok: true, webhook: { id, payload: { test: 2432232314 } } })
  })

  it('a webhook with several signatures is valid', () => {
    const other = 'Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc='
    const headers = signedAs((right) => `v1,${other} v2,${other} ${right} v1,${other}`)
    expect(new Webhook(secret).verify(body, headers)).toEqual({ test: 2432232314 })
    expect(ours(headers)).toMatchObject({ ok: true, webhook: { matched: { secret: 0, version: 'v1' } } })
  })

  it('verification works with and without the prefix of the secret', () => {
    expect(ours(headersOf()).ok).toBe(true)
    expect(ours(headersOf(), body, `whsec_${secret}`).ok).toBe(true)
  })

  it('an empty body is undefined', () => {
    const headers = headersOf('')
    expect(new Webhook(secret).verify('', headers)).toBeUndefined()
    expect(ours(headers, '')).toMatchObject({ ok: true, webhook: { payload: undefined } })
  })

  it.each(symmetric)(
    'the known signature verifies: $source',
    ({ secret, id, timestamp, body, signature }) => {
      const verifier = createStandardVerifier({ secret, now: () => timestamp * 1000 })
      const headers = {
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signature,
      }
      expect(verifier.safeVerify({ headers, body }).ok).toBe(true)
    },
  )
})
