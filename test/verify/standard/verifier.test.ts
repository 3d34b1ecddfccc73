import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { ConfigurationError, HookVerificationError } from '../../../src/errors.ts'
import type { StandardRequest } from '../../../src/verify/standard/request.ts'
import {
  createStandardVerifier,
  type StandardVerifierOptions,
} from '../../../src/verify/standard/verifier.ts'
import type { StandardVerifyResult } from '../../../src/verify/standard/result.ts'
import { asymmetric } from '../../vectors/standard.ts'
import {
  keyPair,
  now,
  otherSecret,
  payload,
  seconds,
  secret,
  webhook,
  type WebhookHeaders,
} from './webhook.ts'
import { runs } from '../../runs.ts'

const genuine = webhook()

function result(request: unknown, options: Partial<StandardVerifierOptions> = {}): StandardVerifyResult {
  return createStandardVerifier({ secret, now, ...options }).safeVerify(request as StandardRequest)
}

function codeOf(request: unknown, options?: Partial<StandardVerifierOptions>): string {
  const outcome = result(request, options)
  return outcome.ok ? 'ok' : outcome.code
}

function withHeaders(changes: Partial<Record<keyof WebhookHeaders, unknown>>): unknown {
  return { ...genuine, headers: { ...genuine.headers, ...changes } }
}

describe('a verifier of Standard Webhooks', () => {
  it('gives the id, the time, the payload and what matched', () => {
    expect(createStandardVerifier({ secret, now }).verify(genuine)).toEqual({
      id: 'msg_1',
      timestamp: new Date(seconds * 1000),
      payload,
      matched: { secret: 0, version: 'v1' },
    })
  })

  it.each(asymmetric)('verifies as published: $source', ({ publicKey, id, timestamp, body, signature }) => {
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signature,
    }
    const verifier = createStandardVerifier({ secret: publicKey, now: () => timestamp * 1000 })

    expect(verifier.verify({ headers, body })).toMatchObject({ id, matched: { secret: 0, version: 'v1a' } })
  })

  it('verifies what the reference package signs, whatever the message and the secret', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[!-\-/-~]{1,64}$/u),
        fc.json(),
        fc.uint8Array({ minLength: 24, maxLength: 64 }),
        (id, body, bytes) => {
          const key = `whsec_${Buffer.from(bytes).toString('base64')}`
          const headers = {
            'webhook-id': id,
            'webhook-timestamp': String(seconds),
            'webhook-signature': new Webhook(key).sign(id, new Date(seconds * 1000), body),
          }

          expect(result({ headers, body }, { secret: key })).toMatchObject({
            ok: true,
            webhook: { id, payload: JSON.parse(body) },
          })
        },
      ),
    )
  })

  it('takes several secrets of both kinds, and tells which one matched', () => {
    const secrets = [otherSecret, keyPair.publicKey, secret]

    expect(result(webhook(), { secret: secrets })).toMatchObject({
      webhook: { matched: { secret: 2, version: 'v1' } },
    })
    expect(result(webhook({ secret: keyPair.privateKey }), { secret: secrets })).toMatchObject({
      webhook: { matched: { secret: 1, version: 'v1a' } },
    })
    expect(
      result(webhook({ secret: [secret, keyPair.privateKey, otherSecret] }), { secret: secrets }),
    ).toMatchObject({ webhook: { matched: { secret: 0, version: 'v1' } } })
  })

  it.each([
    ['a plain object of any case', { 'Webhook-Id': 'msg_1', 'WEBHOOK-TIMESTAMP': `${seconds}` }],
    ["Fetch's Headers", new Headers(genuine.headers)],
  ])('reads %s', (_what, headers) => {
    const all =
      headers instanceof Headers
        ? headers
        : { ...headers, 'webhook-Signature': genuine.headers['webhook-signature'] }
    expect(codeOf({ headers: all, body: genuine.body })).toBe('ok')
  })

  it('reads headers as Node has them, with values as lists, and the raw ones before others', () => {
    const lists = Object.fromEntries(Object.entries(genuine.headers).map(([name, value]) => [name, [value]]))
    const rawHeaders = Object.entries(genuine.headers).flat()

    expect(codeOf({ headers: lists, body: genuine.body })).toBe('ok')
    expect(codeOf({ headers: {}, rawHeaders, body: genuine.body })).toBe('ok')
    expect(
      codeOf({ headers: genuine.headers, rawHeaders: [...rawHeaders, 'Webhook-ID', 'x'], body: '' }),
    ).toBe('webhook_id_malformed')
  })

  it('reads the body as text, as bytes, and as a part of a larger buffer', () => {
    const bytes = Buffer.from(`xx${genuine.body}xx`)
    for (const body of [
      genuine.body,
      Buffer.from(genuine.body),
      new TextEncoder().encode(genuine.body),
      new Uint8Array(bytes.buffer, bytes.byteOffset + 2, bytes.length - 4),
    ])
      expect(codeOf({ headers: genuine.headers, body })).toBe('ok')
  })

  it.each([
    ['webhook_id_missing', { 'webhook-id': undefined }],
    ['webhook_id_missing', { 'webhook-id': '' }],
    ['webhook_id_malformed', { 'webhook-id': ['msg_1', 'msg_1'] }],
    ['webhook_id_malformed', { 'webhook-id': 'msg_1, msg_1' }],
    ['webhook_id_malformed', { 'webhook-id': 'msg.1' }],
    ['webhook_id_malformed', { 'webhook-id': 'm'.repeat(257) }],
    ['webhook_timestamp_missing', { 'webhook-timestamp': undefined }],
    ['webhook_timestamp_malformed', { 'webhook-timestamp': `${seconds}000` }],
    ['webhook_timestamp_malformed', { 'webhook-timestamp': `${seconds}.0` }],
    ['webhook_timestamp_malformed', { 'webhook-timestamp': ` ${seconds}` }],
    ['webhook_timestamp_malformed', { 'webhook-timestamp': `0${seconds}` }],
    ['webhook_timestamp_malformed', { 'webhook-timestamp': `+${seconds}` }],
    ['webhook_timestamp_malformed', { 'webhook-timestamp': '-1' }],
    ['webhook_timestamp_malformed', { 'webhook-timestamp': '1e9' }],
    ['webhook_timestamp_too_old', { 'webhook-timestamp': '0' }],
    ['webhook_timestamp_too_new', { 'webhook-timestamp': '999999999999' }],
    ['webhook_signature_missing', { 'webhook-signature': undefined }],
    ['webhook_signature_malformed', { 'webhook-signature': 'v1,'.repeat(2000) }],
    ['signature_mismatch', { 'webhook-signature': genuine.headers['webhook-signature'].slice(3) }],
    ['signature_mismatch', { 'webhook-signature': genuine.headers['webhook-signature'].replace('v1', 'v2') }],
    ['signature_mismatch', { 'webhook-signature': genuine.headers['webhook-signature'].replace('v1', 'V1') }],
    [
      'signature_mismatch',
      { 'webhook-signature': genuine.headers['webhook-signature'].replace('v1', 'v1a') },
    ],
    ['signature_mismatch', { 'webhook-signature': `${genuine.headers['webhook-signature']},x` }],
    ['request_malformed', { 'webhook-id': 7 }],
  ])('answers %s to headers with %o', (code, changes) => {
    expect(codeOf(withHeaders(changes))).toBe(code)
  })

  it.each([
    ['body_consumed', undefined],
    ['body_consumed', null],
    ['body_consumed', payload],
    ['body_consumed', new ReadableStream()],
    ['body_too_large', Buffer.alloc(16 * 1024 * 1024 + 1)],
    ['signature_mismatch', ''],
    ['signature_mismatch', JSON.stringify(payload, undefined, 2)],
    ['signature_mismatch', `${genuine.body}\n`],
  ])('answers %s to another body', (code, body) => {
    expect(codeOf({ headers: genuine.headers, body })).toBe(code)
  })

  it.each([[''], ['{'], ['undefined'], ['{}{}'], ['['.repeat(100_000)]])(
    'takes a signed body only when it is JSON or empty: %.10s',
    (body) => {
      expect(codeOf(webhook({ body }))).toBe(body === '' ? 'ok' : 'body_malformed')
    },
  )

  it('refuses a signed body that is not UTF-8, and reads one with a byte order mark', () => {
    const marked = webhook({ body: '\uFEFF{"a":1}' })
    expect(result(marked)).toMatchObject({ ok: true, webhook: { payload: { a: 1 } } })
    expect(result({ headers: marked.headers, body: Buffer.from(marked.body) }).ok).toBe(true)

    const bytes = Buffer.from([0x22, 0xff, 0x22])
    const lossy = new Webhook(secret).sign('msg_1', new Date(seconds * 1000), bytes)
    expect(codeOf({ headers: { ...genuine.headers, 'webhook-signature': lossy }, body: bytes })).toBe(
      'signature_mismatch',
    )
  })

  it('looks at the first 30 signatures, and at none of unknown versions', () => {
    const right = genuine.headers['webhook-signature']
    const others = (count: number): string => 'v9,x '.repeat(count)

    expect(codeOf(withHeaders({ 'webhook-signature': others(29) + right }))).toBe('ok')
    expect(codeOf(withHeaders({ 'webhook-signature': others(30) + right }))).toBe('signature_mismatch')
  })

  it('allows 5 minutes either way, to the whole second, or what it is told', () => {
    const at = (ms: number, toleranceMs?: number): string =>
      codeOf(genuine, { now: () => seconds * 1000 + ms, toleranceMs })

    expect([at(300_999), at(301_000), at(-300_000), at(-300_001)]).toEqual([
      'ok',
      'webhook_timestamp_too_old',
      'ok',
      'webhook_timestamp_too_new',
    ])
    expect([at(10_000, 10_000), at(11_000, 10_000)]).toEqual(['ok', 'webhook_timestamp_too_old'])
    expect(at(Number.NaN)).toBe('webhook_timestamp_too_old')
  })

  it('tells a repeat by its id, when it is asked to, and only of what is genuine', () => {
    const verifier = createStandardVerifier({ secret, now })
    const ids: string[] = []
    const seen = (id: string): boolean => ids.push(id) > 0

    expect(verifier.safeVerify(genuine, { seen })).toEqual({ ok: false, code: 'delivery_seen', status: 200 })
    expect(verifier.safeVerify({ ...genuine, body: '{}' }, { seen })).toMatchObject({
      code: 'signature_mismatch',
    })
    expect(ids).toEqual(['msg_1'])
  })

  it('refuses a `seen` that is async: nobody waits for it, and repeats would pass', () => {
    const seen = (async () => Promise.reject(new Error('no disk'))) as unknown as () => boolean
    expect(() => createStandardVerifier({ secret, now }).verify(genuine, { seen })).toThrow(
      'Expected `seen` to return a value, got a promise',
    )
  })

  it('throws what `safeVerify` gives as a value, and passes on what `seen` throws', () => {
    const verifier = createStandardVerifier({ secret, now })
    const verify = (): unknown => verifier.verify({ ...genuine, body: '{}' })
    const failure = new Error('no disk')
    const seen = (): boolean => {
      throw failure
    }

    expect(verify).toThrow(HookVerificationError)
    expect(verify).toThrow(expect.objectContaining({ code: 'signature_mismatch', status: 401 }))
    expect(() => verifier.safeVerify(genuine, { seen })).toThrow(failure)
  })

  it.each([0, -1, 999, Number.NaN, Number.POSITIVE_INFINITY, '5m'])(
    'refuses a tolerance of %s',
    (toleranceMs) => {
      expect(() => createStandardVerifier({ secret, toleranceMs: toleranceMs as number })).toThrow(
        expect.objectContaining({ code: 'option_invalid', option: 'toleranceMs' }),
      )
    },
  )

  it('names the secret at fault', () => {
    const create = (): unknown => createStandardVerifier({ secret: [secret, keyPair.privateKey] })
    expect(create).toThrow(ConfigurationError)
    expect(create).toThrow(expect.objectContaining({ code: 'secret_invalid', option: 'secret[1]' }))
  })
})

describe('one changed bit', () => {
  const signers = [
    { version: 'v1', private: secret, public: secret },
    { version: 'v1a', private: keyPair.privateKey, public: keyPair.publicKey },
  ]

  function flipped(bytes: Buffer, bit: number): Buffer {
    const changed = Buffer.from(bytes)
    const at = Math.floor(bit / 8) % bytes.length
    changed[at] = (changed[at] ?? 0) ^ (1 << (bit % 8))
    return changed
  }

  it.each(signers)('of id, timestamp, body or signature does not verify under $version', (signer) => {
    const verifier = createStandardVerifier({ secret: signer.public, now, toleranceMs: 1e15 })
    const part = fc.constantFrom('webhook-id', 'webhook-timestamp', 'webhook-signature', 'body', 'decoded')
    fc.assert(
      fc.property(part, fc.nat(5000), fc.json(), (name, bit, body) => {
        const sent = webhook({ secret: signer.private, body })
        const text = (value: string): string => flipped(Buffer.from(value, 'latin1'), bit).toString('latin1')
        const signature = sent.headers['webhook-signature']
        const [version, base64 = ''] = signature.split(',')
        const changed =
          name === 'body'
            ? { ...sent, body: flipped(Buffer.from(body), bit) }
            : name === 'decoded'
              ? {
                  ...sent,
                  headers: {
                    ...sent.headers,
                    'webhook-signature': `${version},${flipped(Buffer.from(base64, 'base64'), bit).toString('base64')}`,
                  },
                }
              : { ...sent, headers: { ...sent.headers, [name]: text(sent.headers[name] ?? '') } }

        expect(verifier.safeVerify(sent).ok).toBe(true)
        expect(verifier.safeVerify(changed).ok).toBe(false)
      }),
      runs(400),
    )
  })

  it.each(signers)('of the secret does not verify under $version', (signer) => {
    const sent = webhook({ secret: signer.private })
    const [prefix = '', base64 = ''] = signer.public.split(/(?<=_)/u)
    const bytes = Buffer.from(base64, 'base64')
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      expect(codeOf(sent, { secret: prefix + flipped(bytes, bit).toString('base64') })).toBe(
        'signature_mismatch',
      )
    }
  })
})
