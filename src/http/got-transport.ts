import http from 'node:http'
import https from 'node:https'
import type { Got, Request } from 'got'
import {
  keptBytes,
  maxAnswerBytes,
  type Exchange,
  type Failure,
  type FailureCause,
  type Timings,
  type Transport,
  type TransportRequest,
} from './transport.ts'

type Agents = { readonly http: http.Agent; readonly https: https.Agent }

/**
 * The default transport. got is loaded by the first request: importing it takes 86 ms.
 *
 * Connections are kept alive on agents of its own, the most recently used first, so that idle ones time out.
 */
export function gotTransport(): Transport {
  const settings = { keepAlive: true, scheduling: 'lifo' } as const
  const agents: Agents = { http: new http.Agent(settings), https: new https.Agent(settings) }
  let client: Promise<Got> | undefined
  return {
    async send(request) {
      client ??= loadClient(agents)
      const got = await client
      return exchange(got, request)
    },
    close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

// What this library decides by itself is switched off in got: repeating, following, throwing, decompressing.
async function loadClient(agent: Agents): Promise<Got> {
  const { default: got } = await import('got')
  return got.extend({
    agent,
    method: 'POST',
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
  })
}

/** The stream interface, because it lets go of an answer that is too long; it also costs less than the promise. */
function exchange(client: Got, { url, headers, deadlineMs, signal }: TransportRequest): Promise<Exchange> {
  const { promise, resolve } = Promise.withResolvers<Exchange>()
  const startedAt = performance.now()
  const stream = client.stream(url, { headers, timeout: { request: deadlineMs } })
  const chunks: Uint8Array[] = []
  let read = 0

  const finish = (result: Exchange): void => {
    signal.removeEventListener('abort', abort)
    resolve(result)
    stream.destroy()
  }
  const fail = (cause: FailureCause, code: string, opened: boolean): void => {
    finish({ kind: 'failure', cause, code, opened, timings: timingsOf(stream, startedAt) })
  }
  const abort = (): void => fail('aborted', 'ABORT_ERR', isOpen(stream))
  const answer = (): void => {
    const { statusCode, headers } = stream.response as NonNullable<Request['response']>
    const body = Buffer.concat(chunks).subarray(0, keptBytes)
    const timings = timingsOf(stream, startedAt)
    finish({ kind: 'answer', status: statusCode, headers, body, timings })
  }

  stream.on('data', (chunk: Uint8Array) => {
    if (read < keptBytes) chunks.push(chunk)
    read += chunk.byteLength
    if (read >= maxAnswerBytes) answer()
  })
  stream.once('end', answer)
  // Not `once`: an error after the end must find a listener too, or it would end the process.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    const failure = failureOf(error, stream)
    fail(failure.cause, failure.code, failure.opened)
  })
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  stream.end()
  return promise
}

function failureOf(
  error: NodeJS.ErrnoException,
  stream: Request,
): Pick<Failure, 'cause' | 'code' | 'opened'> {
  const code = error.code ?? error.name
  const opened = isOpen(stream)
  if (error.name === 'TimeoutError') return { cause: 'timeout', code, opened }
  if (opened) {
    // The receiver closed a kept-alive connection while the request was on its way (Node documents
    // `request.reusedSocket` for this): the request was not read, and a new connection will do.
    const stale = stream.reusedSocket === true && stream.response === undefined
    return { cause: code.startsWith('HPE_') ? 'protocol' : 'reset', code, opened: !stale }
  }
  if (isLookUpError(error.cause)) return { cause: 'dns', code, opened }
  return { cause: stream.timings?.connect === undefined ? 'unreachable' : 'tls', code, opened }
}

function isLookUpError(cause: unknown): boolean {
  return cause instanceof Error && (cause as NodeJS.ErrnoException).syscall === 'getaddrinfo'
}

/** True once request bytes may have left: after TCP's handshake, and TLS's where there is one. */
function isOpen({ timings, requestUrl }: Request): boolean {
  return (requestUrl?.protocol === 'https:' ? timings?.secureConnect : timings?.connect) !== undefined
}

function timingsOf({ timings, reusedSocket }: Request, startedAt: number): Timings {
  const { dns, tcp, tls, firstByte } = timings?.phases ?? {}
  return {
    // got repeats the first request's phases for a kept-alive connection; nothing was looked up or opened.
    ...(reusedSocket === true ? {} : given({ dnsMs: dns, connectMs: tcp, tlsMs: tls })),
    ...given({ firstByteMs: firstByte }),
    totalMs: Math.round((performance.now() - startedAt) * 1000) / 1000,
  }
}

function given<Phases extends Record<string, number | undefined>>(
  phases: Phases,
): { [Name in keyof Phases]?: number } {
  return Object.fromEntries(Object.entries(phases).filter(([, ms]) => ms !== undefined)) as {
    [Name in keyof Phases]?: number
  }
}
