import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import type { Receiver, Serve } from './receiver.ts'

/** A body that no system's buffers hold: a part of it stays with a transport whose receiver does not read. */
export const tooMuch: string = 'x'.repeat(16 * 1024 * 1024)

/** Receivers that stop reading when a request begins. */
export interface Stalled {
  readonly serve: Serve
  /** Proves that the client let go of the connection although the receiver did not read all. */
  provesCutOff(receiver: Receiver): Promise<void>
}

/** @param then what the receiver does instead of reading on */
export function stalling(then: Serve = () => undefined): Stalled {
  const sockets: Socket[] = []
  let isProving = false
  return {
    serve(socket) {
      sockets.push(socket)
      socket.once('data', () => {
        // On a busy machine a request may come after the client has given it up: nobody would read it then.
        if (!isProving) socket.pause()
        then(socket)
      })
    },
    async provesCutOff(receiver) {
      isProving = true
      // What the system holds is read, since the end of the connection comes after it.
      for (const socket of sockets) socket.resume()
      await receiver.untilClosed()
      assert.ok(receiver.received.length < tooMuch.length * sockets.length)
    },
  }
}
