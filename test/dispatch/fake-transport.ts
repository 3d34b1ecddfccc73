import type { Exchange, Transport, TransportRequest } from '../../src/index.ts'

type Reply = Exchange | Promise<Exchange>

/** A transport that answers from a function: for what is about order, time and outcome, and not about sockets. */
export interface FakeTransport extends Transport {
  readonly requests: TransportRequest[]
  /** Requests unanswered now, and the most there have been. */
  readonly pending: number
  readonly mostPending: number
}

export function fakeTransport(reply: (request: TransportRequest, index: number) => Reply): FakeTransport {
  const requests: TransportRequest[] = []
  let pending = 0
  let mostPending = 0
  return {
    requests,
    get pending() {
      return pending
    },
    get mostPending() {
      return mostPending
    },
    async send(request) {
      requests.push(request)
      pending += 1
      mostPending = Math.max(mostPending, pending)
      const replied = reply(request, requests.length - 1)
      const aborted = Promise.withResolvers<Exchange>()
      request.signal.addEventListener('abort', () => aborted.resolve(failure('aborted')), { once: true })
      try {
        return await Promise.race([replied, aborted.promise])
      } finally {
        pending -= 1
      }
    },
    close() {},
  }
}

export function answer(status: number, retryAfter?: string, body = 'ok'): Exchange {
  return {
    kind: 'answer',
    status,
    headers: { 'retry-after': retryAfter },
    body: Buffer.from(body),
    timings: { totalMs: 1 },
  }
}

type Cause = Extract<Exchange, { kind: 'failure' }>['cause']

export function failure(cause: Cause, opened = true): Exchange {
  return { kind: 'failure', cause, opened, code: 'ECODE', timings: { totalMs: 1 } }
}

/** A receiver that never answers. */
export const never: Promise<Exchange> = new Promise(() => {})
