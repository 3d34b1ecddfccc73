import http, { type ClientRequest, type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Got, Request, StreamOptions } from 'got'
import { ConnectionAgent, type AgentRequestOptions, type OpenConnection } from './connection-agent.ts'
import { codeOf } from './connection-error.ts'
import { Opening, type OnOpened } from './connection.ts'
import type { ProxyServer } from './egress-guard.ts'
import type { InFlight } from './in-flight.ts'
import { OpenExchange } from './open-exchange.ts'
import type { Places } from './places.ts'
import { maxHeaderBytes, type TransportRequest } from './transport.ts'
import { absoluteForm, proxyAuthorization } from './tunnel.ts'
import type { Head } from './unread-head.ts'

/** What requests to one host under one policy share. */
export interface GotHost {
  readonly agent: ConnectionAgent
  readonly places: Places
}

/** What exchanges of one transport share. */
interface Sharing {
  readonly client: Got
  readonly host: GotHost
  readonly inFlight: InFlight
}

/** The stream interface of got, because it lets go of an answer that is too long; it also costs less than the promise. */
export class GotExchange extends OpenExchange {
  readonly #url: URL
  readonly #client: Got
  readonly #agent: ConnectionAgent
  readonly #onOpened: OnOpened
  #stream: Request | undefined
  #socket: Socket | undefined
  #head: Head | undefined

  /** @param onOpened hears of every connection that is opened */
  constructor(request: TransportRequest, url: URL, { client, host, inFlight }: Sharing, onOpened: OnOpened) {
    super(request, url, inFlight, host.places)
    this.#url = url
    this.#client = client
    this.#agent = host.agent
    this.#onOpened = onOpened
  }

  protected begin(): void {
    const { method, headers } = this.request
    const body = this.body === undefined ? undefined : Buffer.from(this.body)
    const options: StreamOptions = { headers: { ...headers }, request: this.#request }
    if (body !== undefined) options.headers = { ...headers, 'content-length': String(body.byteLength) }
    if (method !== 'POST') options.method = method
    // Of a text got looks at each character, and copies it.
    const stream = this.#client.stream(this.#url, options)
    this.#stream = stream
    stream.on('socket', (socket) => {
      this.#listen(socket)
      this.opened = true
      this.reused = stream.reusedSocket === true
    })
    stream.on('information', () => this.onInterimAnswer())
    // got listens for it, so that Node leaves the connection open, and nobody would read it.
    stream.on('upgrade', (_response: IncomingMessage, socket: Duplex) => {
      socket.destroy()
      this.refuse('UNEXPECTED_UPGRADE')
    })
    stream.on('response', () => {
      this.answering = true
      this.firstByteMs = stream.timings?.phases.firstByte
    })
    stream.on('data', (chunk: Uint8Array) => {
      if (!this.takeBody(chunk)) this.#answer(false)
    })
    stream.once('end', () => this.#answer(true))
    // Not `once`: an error after the end must find a listener too, or it would end the process.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // RFC 9112, section 6.3: what follows a complete answer is no part of it.
      if (stream.response?.complete === true) this.#answer(false)
      else this.break(error.cause ?? error, codeOf(error, error.name))
    })
    stream.end(body)
  }

  /** `node:http` has taken the connection back when the answer is complete, unless something of the request is not sent yet. */
  protected letGo(): void {
    this.#socket?.off('data', this.#onData)
    this.#stream?.destroy()
  }

  protected get head(): Head | undefined {
    return this.#head
  }

  /** Before `node:http`, which tells of nothing that it does not take. */
  #listen(socket: Socket): void {
    if (this.ended) return
    this.#socket = socket
    socket.prependListener('data', this.#onData)
  }

  readonly #onData = (bytes: Uint8Array): void => this.onBytes(bytes)

  #answer(complete: boolean): void {
    const response = this.#stream?.response
    if (response !== undefined) this.answer(response.statusCode, response.headers, complete)
  }

  /** Only what the request needs: got hands on some 40 options that are undefined, and `node:http` copies all of them several times. */
  readonly #request = (url: URL, given: http.RequestOptions): ClientRequest => {
    const open: OpenConnection = (done) => {
      this.opening = new Opening(url, this.request.connection, this.leftMs, (error, socket) => {
        this.#onOpened(error, socket)
        done(error ?? null, socket as Duplex)
      })
      this.opening.start()
    }
    const options: AgentRequestOptions = {
      agent: this.#agent,
      open,
      method: this.request.method,
      maxHeaderSize: maxHeaderBytes,
      ...(given.headers === undefined ? {} : { headers: given.headers }),
      ...(this.forwarder === undefined ? {} : forwarded(url, given.headers, this.forwarder)),
    }
    const request = url.protocol === 'https:' ? https.request(url, options) : http.request(url, options)
    // got tells of it later, when the rest of it may have broken off.
    request.once('response', ({ statusCode: status = 0, headers }) => (this.#head = { status, headers }))
    return request
  }
}

/** Of requests to proxies. */
const unkept = new ConnectionAgent('http:', false)

function forwarded(
  url: URL,
  headers: http.RequestOptions['headers'],
  proxy: ProxyServer,
): Pick<AgentRequestOptions, 'path' | 'headers' | 'agent'> {
  const given = headers as http.OutgoingHttpHeaders // got gives no list
  return { path: absoluteForm(url), headers: { ...given, ...proxyAuthorization(proxy) }, agent: unkept }
}
