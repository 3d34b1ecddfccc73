import type { Serve } from './receiver.ts'

/** A whole answer. */
export const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** Calls back for each request when its body has come as well: so much as its head says. */
export function onRequest(answer: (write: Write) => void): Serve {
  return (socket) => {
    let unread = ''
    socket.on('data', (data) => {
      unread += data.toString('latin1')
      const end = endOfRequest(unread)
      if (end === -1 || end > unread.length) return
      unread = unread.slice(end)
      const write: Write = Object.assign((bytes: string | Uint8Array) => socket.write(bytes, 'latin1'), {
        end: () => void socket.end(),
        reset: () => void socket.resetAndDestroy(),
      })
      answer(write)
    })
  }
}

/** Where the first request ends, or will; -1 before its head has come. */
function endOfRequest(unread: string): number {
  const end = unread.indexOf('\r\n\r\n')
  if (end === -1) return -1
  const length = /\r\ncontent-length: (\d+)/iu.exec(unread.slice(0, end))?.[1] ?? '0'
  return end + 4 + Number(length)
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
