import type { Serve } from './receiver.ts'

/** A whole answer. */
export const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** Calls back for each request's head, which is all of a request. */
export function onRequest(answer: (write: Write, head: string) => void): Serve {
  return (socket) => {
    let unread = ''
    socket.on('data', (data) => {
      unread += data.toString('latin1')
      const end = unread.indexOf('\r\n\r\n')
      if (end === -1) return
      const head = unread.slice(0, end)
      unread = unread.slice(end + 4)
      const write: Write = Object.assign((bytes: string | Uint8Array) => socket.write(bytes, 'latin1'), {
        end: () => void socket.end(),
        reset: () => void socket.resetAndDestroy(),
      })
      answer(write, head)
    })
  }
}

/** Writes bytes to the client; false when they wait for room. */
export interface Write {
  (bytes: string | Uint8Array): boolean
  /** Closes the connection. */
  end(): void
  /** Resets the connection. */
  reset(): void
}

/** Answers each request with these bytes. */
export function always(bytes: string | Uint8Array = ok): Serve {
  return onRequest((write) => void write(bytes))
}

/** Answers each request with these bytes, and closes. */
export function onceOnly(bytes: string | Uint8Array): Serve {
  return onRequest((write) => {
    write(bytes)
    write.end()
  })
}

/** Reads, and says nothing. */
export const silent: Serve = (socket) => void socket.resume()

/** Writes a piece every few milliseconds, for as long as the connection is open. */
export function dripping(start: string, piece: string): Serve {
  return (socket) => {
    socket.resume()
    socket.write(start, 'latin1')
    const timer = setInterval(() => socket.writable && socket.write(piece, 'latin1'), 5)
    socket.on('close', () => clearInterval(timer))
  }
}

/** Writes as fast as the client reads, for as long as the connection is open. */
export function endless(start: string, piece: string): Serve {
  return (socket) => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(piece.repeat(100), 'latin1'));
    }
    socket.once('data', () => {
      socket.write(start, 'latin1')
      socket.on('drain', more)
      more()
    })
  }
}
