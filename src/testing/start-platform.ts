import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigurationError } from '../errors.ts'
import { checkFields, oneOf, required, wholeNumber, type Fields } from '../option-fields.ts'
import { mismatch } from '../option-problems.ts'
import { Deployments } from './platforms/deployments.ts'
import type {
  PlatformAnswer,
  PlatformDeployment,
  PlatformRequest,
  PlatformRules,
  PlatformState,
} from './platforms/platform.ts'
import { platformNames, platforms, type PlatformName } from './platforms/platforms.ts'

export interface PlatformOptions {
  /** How deployments end. @default 'succeeded' */
  readonly ends?: 'succeeded' | 'failed' | undefined
  /** Replaces what the platform would take: tokens, ids. */
  readonly credentials?: Readonly<Record<string, string>> | undefined
}

/** An emulated platform: a real HTTP server on 127.0.0.1, which a hook needs `egress: { allow: ['127.0.0.1'] }` for. */
export interface Platform extends AsyncDisposable {
  /** What a hook is configured with. */
  readonly url: string
  /** For targets that take the URL of an API. */
  readonly origin: string
  /** Tokens, ids and names that this server takes. */
  readonly credentials: Readonly<Record<string, string>>
  /** Every request, first to last. */
  readonly received: readonly PlatformRequest[]
  readonly deployments: readonly PlatformDeployment[]
  /** Gives this answer to the next request, in the place of the platform's own; `'hang'` for none, `'cut'` to break the connection. Several wait in line. */
  answerNext(answer: PlatformAnswer | 'hang' | 'cut'): void
  close(): Promise<void>
}

/**
 * Starts a platform that behaves as it documents: its statuses, error bodies and token rules, and a deployment that advances with each
 * question. For tests without the platform.
 *
 * @throws {@link ConfigurationError} `option_invalid`
 * @example
 * await using platform = await startPlatform('stackblaze')
 * const dispatcher = createDispatcher({
 *   hooks: [{ url: platform.url, target: stackblaze(), waitFor: 'finished' }],
 *   egress: { allow: ['127.0.0.1'] },
 * })
 */
export async function startPlatform(name: PlatformName, options: PlatformOptions = {}): Promise<Platform> {
  if (!Object.hasOwn(platforms, name)) {
    const message = mismatch('the name of a platform', name, `give one of ${platformNames.join(', ')}`)
    throw new ConfigurationError('option_invalid', 'name', message)
  }
  checkFields(options, fields, { of: 'startPlatform()' })
  const platform = new EmulatedPlatform(platforms[name], options)
  await platform.listen()
  return platform
}

const answerFields: Fields = {
  status: required(wholeNumber(200, 599)),
  headers: { expected: 'an object of headers', is: isRecord },
  body: {
    expected: 'a string, or an object for JSON',
    is: (value) => typeof value === 'string' || (typeof value === 'object' && value !== null),
  },
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const fields: Fields = {
  ends: oneOf(['succeeded', 'failed']),
  credentials: {
    expected: 'texts by the names that `platform.credentials` has',
    is: (value) => isRecord(value) && Object.values(value).every((each) => typeof each === 'string'),
  },
}

/** A body of more is cut off: no hook sends so much. */
const maxBodyBytes = 2 * 1024 * 1024

class EmulatedPlatform implements Platform, PlatformState {
  readonly credentials: Readonly<Record<string, string>>
  readonly received: PlatformRequest[] = []
  readonly #rules: PlatformRules
  readonly #deployments: Deployments
  readonly #scripted: (PlatformAnswer | 'hang' | 'cut')[] = []
  readonly #counted = new Map<string, number[]>()
  readonly #server = http.createServer((request, response) => void this.#serve(request, response))
  #port = 0
  #closed: Promise<unknown> | undefined

  constructor(rules: PlatformRules, { ends = 'succeeded', credentials }: PlatformOptions) {
    this.#rules = rules
    this.credentials = { ...rules.credentials, ...credentials }
    this.#deployments = new Deployments(rules.statuses?.[ends] ?? [])
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get url(): string {
    return this.origin + this.#rules.hookPath(this.credentials)
  }

  get deployments(): readonly PlatformDeployment[] {
    return this.#deployments.all
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    ;({ port: this.#port } = this.#server.address() as AddressInfo)
  }

  answerNext(answer: PlatformAnswer | 'hang' | 'cut'): void {
    if (answer !== 'hang' && answer !== 'cut') checkFields(answer, answerFields, { of: 'answerNext()' })
    this.#scripted.push(answer)
  }

  start(request: PlatformRequest): PlatformDeployment {
    return this.#deployments.start(request)
  }

  ask(id: string): PlatformDeployment | undefined {
    return this.#deployments.ask(id)
  }

  countWithin(rule: string, milliseconds: number): number {
    const now = Date.now()
    const counted = (this.#counted.get(rule) ?? []).filter((time) => time > now - milliseconds)
    this.#counted.set(rule, [...counted, now])
    return counted.length + 1
  }

  async close(): Promise<void> {
    if (this.#closed === undefined) {
      this.#closed = once(this.#server, 'close')
      this.#server.close()
      this.#server.closeAllConnections()
    }
    await this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(message)
    if (body === undefined) return
    try {
      this.#answer(message, body, response)
    } catch (error) {
      // Whoever sent the request hears of it: unhandled, it would end the process that runs the tests.
      send(response, { status: 500, body: `The emulator has failed: ${String(error)}` })
    }
  }

  #answer(message: IncomingMessage, body: string, response: ServerResponse): void {
    const request = requestOf(message, body)
    this.received.push(request)
    const answer = this.#scripted.shift() ?? this.#rules.answer(request, this)
    if (answer === 'cut') message.socket.destroy()
    else if (answer !== 'hang') send(response, answer)
  }
}

/** `undefined` when the sender has gone, or sends too much. */
async function bodyOf(message: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      bytes += chunk.byteLength
      if (bytes > maxBodyBytes) {
        message.socket.destroy()
        return undefined
      }
      chunks.push(chunk)
    }
  } catch {
    return undefined // it was cut off: there is nobody to answer
  }
  return Buffer.concat(chunks).toString('utf8')
}

function requestOf({ method = '', url = '', headers }: IncomingMessage, body: string): PlatformRequest {
  const base = 'http://platform.invalid'
  // A path of two slashes is no host.
  const { pathname, searchParams } = url.startsWith('/') ? new URL(base + url) : new URL(url, base)
  return {
    method,
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]),
    ),
    body,
  }
}

function send(response: ServerResponse, { status, headers, body = '' }: PlatformAnswer): void {
  const [text, type] =
    typeof body === 'string' ? [body] : [JSON.stringify(body), { 'content-type': 'application/json' }]
  response.writeHead(status, { ...type, ...headers })
  response.end(text)
}
