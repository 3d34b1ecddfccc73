import type { LookupAddress } from 'node:dns'
import net, { isIPv6, type Socket } from 'node:net'
import { codeOf } from './connection-error.ts'

export interface RaceOptions {
  /** In the order of preference; at least one. */
  readonly addresses: readonly LookupAddress[]
  readonly port: number
  /** What is left of the deadline, in milliseconds. Who sets the deadline ends the race then. */
  readonly leftMs: number
  /** For the first address. @default as for the others */
  readonly first?: ((address: LookupAddress) => Socket) | undefined
  /** @default a TCP connection */
  readonly connect?: ((address: LookupAddress, port: number) => Socket) | undefined
}

/** Called once, with what was connected first or with why nothing was; never by `start`, and not after `destroy`. */
export type OnWon = (error: Error | undefined, socket?: Socket) => void

/** The next address does not wait longer for the one before: RFC 8305 section 8 has it. */
const headStartMs = 250
/** Addresses that are tried at a time: a name may have hundreds, and each takes a socket. */
const mostAtOnce = 6

/** What a host says of itself that has no route, or no address, of that family: it tells nothing of the receiver. */
const ofThisHost = new Set(['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'])

/**
 * Connects to the first of some addresses that takes a connection. The next one is begun when one fails, or a quarter of a second after it; those
 * that were begun go on meanwhile, so that a receiver may be as far away as the deadline allows, whichever of its addresses are dead.
 *
 * Node's own `autoSelectFamily` gives up an address after 250 ms, unless it is the last: what is further away, and has an address of a
 * family that this host has not, is never reached.
 */
export class Race {
  readonly #waiting: LookupAddress[]
  readonly #port: number
  readonly #connect: NonNullable<RaceOptions['connect']>
  #first: RaceOptions['first']
  readonly #onWon: OnWon
  readonly #headStartMs: number
  /** Absent while all of them may be under way at once. */
  readonly #shareMs: number | undefined
  readonly #underWay = new Map<Socket, NodeJS.Timeout | undefined>()
  readonly #errors: Error[] = []
  #next: NodeJS.Timeout | undefined
  #done = false

  constructor({ addresses, port, leftMs, first, connect = connectTcp }: RaceOptions, onWon: OnWon) {
    this.#waiting = inTurns(addresses)
    this.#port = port
    this.#connect = connect
    this.#first = first
    this.#onWon = onWon
    const count = addresses.length
    this.#headStartMs = Math.min(headStartMs, leftMs / count / 2)
    this.#shareMs = count > mostAtOnce ? leftMs / Math.ceil(count / mostAtOnce) : undefined
  }

  start(): void {
    clearTimeout(this.#next)
    const address = this.#underWay.size < mostAtOnce ? this.#waiting.shift() : undefined
    if (address === undefined) return
    const socket = this.#first?.(address) ?? this.#connect(address, this.#port)
    this.#first = undefined
    this.#underWay.set(socket, this.#limited(socket))
    // It stays: what has lost, or is between two owners, may fail too.
    socket.on('error', (error) => this.#failed(socket, error))
    socket.once('connect', () => this.#won(socket))
    if (this.#waiting.length > 0) this.#next = setTimeout(() => this.start(), this.#headStartMs)
  }

  /** Lets go of all that is half open. */
  destroy(): void {
    this.#done = true
    clearTimeout(this.#next)
    for (const [socket, limit] of this.#underWay) {
      clearTimeout(limit)
      socket.destroy()
    }
    this.#underWay.clear()
  }

  #limited(socket: Socket): NodeJS.Timeout | undefined {
    if (this.#shareMs === undefined) return undefined
    return setTimeout(() => socket.destroy(timedOut()), this.#shareMs)
  }

  #won(socket: Socket): void {
    this.#forget(socket)
    this.destroy()
    this.#onWon(undefined, socket)
  }

  #failed(socket: Socket, error: Error): void {
    this.#forget(socket)
    if (this.#done) return
    this.#errors.push(error)
    if (this.#waiting.length > 0) this.start()
    else if (this.#underWay.size === 0) {
      this.destroy()
      this.#onWon(mostTelling(this.#errors))
    }
  }

  #forget(socket: Socket): void {
    clearTimeout(this.#underWay.get(socket))
    this.#underWay.delete(socket)
  }
}

function connectTcp({ address }: LookupAddress, port: number): Socket {
  return net.connect({ host: address, port, autoSelectFamily: false, noDelay: true })
}

/** The families by turns, beginning with that of the first (RFC 8305 section 4). */
export function inTurns(addresses: readonly LookupAddress[]): LookupAddress[] {
  const isFirst = ({ address }: LookupAddress): boolean =>
    isIPv6(address) === isIPv6(addresses[0]?.address ?? '')
  const first = addresses.filter(isFirst)
  const others = addresses.filter((address) => !isFirst(address))
  const turns = Array.from({ length: Math.max(first.length, others.length) }, (_, turn) => turn)
  return turns.flatMap((turn) => [first[turn], others[turn]]).filter((address) => address !== undefined)
}

/** The first that tells of the receiver, and not of this host. */
function mostTelling(errors: readonly Error[]): Error | undefined {
  return errors.find((error) => !ofThisHost.has(codeOf(error, ''))) ?? errors[0]
}

function timedOut(): Error {
  return Object.assign(new Error('ETIMEDOUT'), { code: 'ETIMEDOUT' })
}
