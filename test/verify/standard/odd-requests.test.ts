import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { HookVerificationError } from '../../../src/errors.ts'
import { createStandardReceiver } from '../../../src/verify/standard/receiver.ts'
import type { StandardRequest } from '../../../src/verify/standard/request.ts'
import { createStandardVerifier, type StandardVerifier } from '../../../src/verify/standard/verifier.ts'
import { oddRequest, oddText, oddValue, type Make } from '../odd-requests.ts'
import { keyPair, now, secret, webhook } from './webhook.ts'
import { runs } from '../../runs.ts'

const verifiers = [
  createStandardVerifier({ secret, now }),
  createStandardVerifier({ secret: [keyPair.publicKey, secret], now }),
] as const

const genuine = [webhook(), webhook({ secret: [keyPair.privateKey, secret] })] as const

function thrower(): never {
  throw new URIError('an odd request threw')
}

function made<Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Make> {
  return values.map((value) => () => value)
}

/** A genuine webhook with one or two parts replaced by something odd, or by a getter that throws. */
const nearlyGenuine: fc.Arbitrary<Make> = fc
  .tuple(
    fc.constantFrom(...genuine),
    fc.uniqueArray(
      fc.tuple(
        fc.constantFrom(
          'webhook-id',
          'webhook-timestamp',
          'webhook-signature',
          'body',
          'headers',
          'rawHeaders',
          'raw',
        ),
        fc.oneof(
          oddValue,
          made(oddText),
          made(
            fc
              .array(fc.constantFrom('v1,', 'v1a,', 'v2,x', ' ', 'v1,AAAA', ',', '='), { maxLength: 40 })
              .map((list) => list.join(' ')),
          ),
          made(fc.uint8Array({ maxLength: 40 })),
          made(fc.constant('v1, '.repeat(2000))),
        ),
        fc.boolean(),
      ),
      { maxLength: 2, selector: ([name]) => name },
    ),
  )
  .map(([sent, changes]) => () => {
    const headers: Record<string, unknown> = { ...sent.headers }
    const request: Record<string, unknown> = { method: 'POST', body: sent.body, headers }
    for (const [name, make, throws] of changes) {
      const target = name.startsWith('webhook-') ? headers : request
      Object.defineProperty(
        target,
        name,
        throws && make() === undefined
          ? { get: thrower, enumerable: true, configurable: true }
          : { value: make(), enumerable: true, configurable: true, writable: true },
      )
    }
    return request
  })

/** The odd requests of the URL's verifier too: they have no body, or an odd one. */
const odd: fc.Arbitrary<Make> = fc.oneof(
  { weight: 3, arbitrary: nearlyGenuine },
  { weight: 1, arbitrary: oddRequest },
)

function thrown(verifier: StandardVerifier, request: StandardRequest): unknown {
  try {
    verifier.verify(request)
    return undefined
  } catch (error) {
    return error
  }
}

vi.setConfig({ testTimeout: 180_000 })

// Half of the time goes into stack traces, which nobody reads here.
const { stackTraceLimit } = Error
beforeAll(() => {
  Error.stackTraceLimit = 0
})
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit
})

describe('a verifier of Standard Webhooks', () => {
  it('answers 20,000 odd requests with its own codes alone', () => {
    const codes = new Set<string>()
    fc.assert(
      fc.property(odd, fc.constantFrom(...verifiers), (make, verifier) => {
        const error = thrown(verifier, make() as StandardRequest)
        const result = verifier.safeVerify(make() as StandardRequest)

        if (error === undefined) return result.ok
        if (!(error instanceof HookVerificationError) || result.ok) return false
        codes.add(error.code)
        return result.code === error.code && result.status === error.status && error.status >= 400
      }),
      runs(4000),
    )

    expect(codes).toEqual(
      new Set([
        'body_consumed',
        'request_malformed',
        'signature_mismatch',
        'webhook_id_malformed',
        'webhook_id_missing',
        'webhook_signature_malformed',
        'webhook_signature_missing',
        'webhook_timestamp_malformed',
        'webhook_timestamp_missing',
      ]),
    )
  })

  it('explains 2,000 odd requests, and never throws', () => {
    fc.assert(
      fc.property(odd, fc.constantFrom(...verifiers), oddValue, (make, verifier, options) => {
        const { ok, message } = verifier.explain(make() as StandardRequest, { secrets: options() as string })
        return message !== '' && ok === verifier.safeVerify(make() as StandardRequest).ok
      }),
      runs(400),
    )
  })
})

describe('a receiver of Standard Webhooks', () => {
  it.each(['node', 'fetch'] as const)(
    'answers 5,000 odd requests in %s servers, and fails at its own codes alone',
    async (kind) => {
      const onError = vi.fn<(error: unknown) => void>()
      const receiver = createStandardReceiver({ verifier: verifiers[1], onDelivery: () => {}, onError })
      const answered = new Set<number>()
      await fc.assert(
        fc.asyncProperty(odd, async (make) => {
          if (kind === 'fetch') {
            answered.add((await receiver.fetch(make() as Request)).status)
            return
          }
          const response = {
            writeHead: vi.fn<(status: number) => void>(),
            end: vi.fn<() => void>(),
          }
          await receiver.node(make() as StandardRequest, response)
          expect(response.end).toHaveBeenCalledTimes(1)
          answered.add(response.writeHead.mock.calls[0]?.[0] ?? 0)
        }),
        runs(1000),
      )

      for (const [error] of onError.mock.calls) expect(error).toMatchObject({ code: 'body_consumed' })
      expect([...answered]).toEqual(
        expect.arrayContaining(kind === 'node' ? [204, 400, 401, 405, 500] : [400, 405, 500]),
      )
    },
  )
})
