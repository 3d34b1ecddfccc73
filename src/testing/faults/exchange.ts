import { ownAnswer, type Answer } from './answer.ts'
import type { WholeFault, FaultName } from './fault.ts'
import { forward, type Forwarded } from './forward.ts'
import { methodOf, persists, readBody, requestFraming, type Head } from './message.ts'
import type { Wire } from './wire.ts'

/**
 * What becomes of the connection after an exchange: `keep` waits for another request if both sides let it, `close` sends
 * FIN, `reset` RST, and `hold` discards what comes until the client leaves.
 */
export type Afterwards = 'keep' | 'close' | 'reset' | 'hold'

/** How a fault answers one request. It rejects when the client leaves. */
export type Behaviour<Name extends FaultName> = (
  exchange: Exchange,
  fault: WholeFault<Name>,
) => Promise<Afterwards>

export type Behaviours<Name extends FaultName> = { readonly [Each in Name]: Behaviour<Each> }

/** One request, whose head was read, and what can be done with it. */
export class Exchange {
  readonly wire: Wire
  readonly method: string
  /** The request target: what the first line asks for. */
  readonly target: string
  readonly #head: Head
  readonly #forwardTo: URL | undefined
  readonly #body: AsyncGenerator<Buffer, void, undefined>
  #bodyRead = false
  #forwarded: Forwarded | undefined

  constructor(wire: Wire, head: Head, forwardTo: URL | undefined) {
    this.wire = wire
    this.method = methodOf(head)
    this.target = head.startLine.split(' ')[1] ?? '/'
    this.#head = head
    this.#forwardTo = forwardTo
    this.#body = this.#readBody()
  }

  /** True when the request was read to its end and its client goes on. */
  get persistent(): boolean {
    return this.#bodyRead && persists(this.#head)
  }

  /** Reads and discards the body. */
  async readRequest(): Promise<void> {
    if (!this.#bodyRead && this.#head.headers.get('expect')?.toLowerCase() === '100-continue') {
      await this.wire.write('HTTP/1.1 100 Continue\r\n\r\n')
    }
    for await (const bytes of this.#body) void bytes
  }

  /** The target's answer; without a target 200, once the request was read. */
  async answer(): Promise<Answer> {
    if (this.#forwardTo === undefined) {
      await this.readRequest()
      return ownAnswer(this.method, '200 OK', 'ok')
    }
    this.#forwarded = await forward({
      target: this.#forwardTo,
      client: this.wire,
      head: this.#head,
      method: this.method,
      body: this.#body,
    })
    return this.#forwarded.answer
  }

  /** Sends what is left of an answer after its head. */
  async sendBody(answer: Answer): Promise<Afterwards> {
    for await (const bytes of answer.body) await this.wire.write(bytes)
    return this.after(answer)
  }

  /** Sends all of an answer. */
  async send(answer: Answer): Promise<Afterwards> {
    await this.wire.write(answer.head)
    return this.sendBody(answer)
  }

  /** What the answer leaves of the connection, when all of it was sent. */
  after(answer: Answer): Afterwards {
    return answer.persistent && this.persistent ? 'keep' : 'close'
  }

  /** Lets go of the target. */
  close(): void {
    this.#forwarded?.close()
  }

  async *#readBody(): AsyncGenerator<Buffer, void, undefined> {
    yield* readBody(this.wire, requestFraming(this.#head))
    this.#bodyRead = true
  }
}
