import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { HookVerificationError } from '../../src/errors.ts'
import { createReceiver } from '../../src/verify/receiver.ts'
import type { RequestLike } from '../../src/verify/request.ts'
import { createVerifier, type Verifier } from '../../src/verify/verifier.ts'
import { hookUrl, secret, signature } from './delivery.ts'
import { oddRequest, oddText, type Make } from './odd-requests.ts'
import { runs } from '../runs.ts'

const verifiers = [
  createVerifier({ url: hookUrl, secret }),
  createVerifier({
    url: [hookUrl, `${hookUrl}?token=abc`, 'http://Deis.ROCKS:80', `${hookUrl}?a={b}&c=~`],
    secret: [secret, 'old'],
    allowedHosts: ['hooks.example.com', 'deis.rocks'],
  }),
  createVerifier({ url: `${hookUrl}?token=abc`, secret, algorithm: 'sha1' }),
] as const

/** The request as nothing checks it. */
function requestOf(make: Make): RequestLike {
  return make() as RequestLike
}

/** What `verify` throws, or `undefined`. */
function thrown(verifier: Verifier, request: RequestLike): unknown {
  try {
    verifier.verify(request)
    return undefined
  } catch (error) {
    return error
  }
}

// Some seconds, but half a minute on a busy machine.
vi.setConfig({ testTimeout: 180_000 })

// Half of the time goes into stack traces, which nobody reads here.
const { stackTraceLimit } = Error
beforeAll(() => {
  Error.stackTraceLimit = 0
})
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit
})

describe('a verifier', () => {
  it('answers 100,000 odd requests with its own codes alone', () => {
    const codes = new Set<string>()
    fc.assert(
      fc.property(oddRequest, fc.constantFrom(...verifiers), (make, verifier) => {
        const error = thrown(verifier, requestOf(make))
        const result = verifier.safeVerify(requestOf(make))

        // Plain checks: 100,000 times expect() takes longer than everything else.
        if (error === undefined) return result.ok
        if (!(error instanceof HookVerificationError) || result.ok) return false
        codes.add(error.code)
        return result.code === error.code && result.status === error.status && error.status >= 400
      }),
      runs(20_000),
    )

    expect(codes).toEqual(
      new Set([
        'authorization_malformed',
        'authorization_missing',
        'authorization_repeated',
        'query_missing',
        'request_malformed',
        'request_too_long',
        'signature_mismatch',
      ]),
    )
  })

  it('answers odd releases with its own codes alone, when they are signed', () => {
    const codes = new Set<string>()
    fc.assert(
      fc.property(
        oddText,
        fc.constantFrom('app=a&release=v1&release_summary=&sha=&user=b', ''),
        (text, five) => {
          const query = text + five
          const authorization = signature(`${hookUrl}?${query}`)
          const result = verifiers[0].safeVerify({ url: `/x?${query}`, headers: { authorization } })

          codes.add(result.ok ? 'ok' : result.code)
          return true
        },
      ),
      runs(4000),
    )

    expect(codes).toEqual(
      new Set([
        'ok',
        'query_missing',
        'request_too_long',
        'signature_mismatch',
        'parameter_repeated',
        'release_incomplete',
        'release_malformed',
      ]),
    )
  })
})

describe('a receiver', () => {
  const onRelease = vi.fn<() => void>()
  const onError = vi.fn<(error: unknown) => void>()
  const receiver = createReceiver({
    verifier: verifiers[1],
    onRelease,
    onError,
  })

  it('answers 5,000 odd requests, and fails at none, in Node servers', async () => {
    const answered = new Set<number>()
    await fc.assert(
      fc.asyncProperty(oddRequest, fc.boolean(), async (make, framework) => {
        const response = {
          writeHead: vi.fn<(status: number, headers: Readonly<Record<string, string>>) => void>(),
          end: vi.fn<(body?: string) => void>(),
        }
        const next = vi.fn<(error: unknown) => void>()
        await receiver.node(requestOf(make), response, framework ? next : undefined)

        expect(response.writeHead).toHaveBeenCalledTimes(1)
        expect(response.end).toHaveBeenCalledTimes(1)
        expect(next).not.toHaveBeenCalled()
        answered.add(response.writeHead.mock.calls[0]?.[0] ?? 0)
      }),
      runs(1000),
    )

    expect(onError).not.toHaveBeenCalled()
    expect([...answered]).toEqual(expect.arrayContaining([204, 400, 401, 405]))
  })

  it('answers 5,000 odd requests, and fails at none, in Fetch servers', async () => {
    const answered = new Set<number>()
    await fc.assert(
      fc.asyncProperty(oddRequest, async (make) => {
        const response = await receiver.fetch(make() as Request)

        expect(response).toBeInstanceOf(Response)
        answered.add(response.status)
      }),
      runs(1000),
    )

    expect(onError).not.toHaveBeenCalled()
    expect([...answered]).toEqual(expect.arrayContaining([204, 400, 401, 405]))
  })
})
