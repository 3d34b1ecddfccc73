import net, { type Socket } from 'node:net'
import type { Serve } from './receiver.ts'

/** A proxy that opens tunnels to this port of this machine, whatever was asked for. */
export function tunnelsTo(port: number): Serve {
  return afterHead((socket) => {
    const target = net.connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\nVia: proxy\r\n\r\n')
      socket.pipe(target).pipe(socket)
    })
    target.on('error', () => socket.destroy())
    target.on('close', () => socket.destroy())
    socket.on('close', () => target.destroy())
  })
}

/** A proxy that sends the first request of a connection on to this port of this machine, whatever host it names in absolute form. */
export function forwardsTo(port: number): Serve {
  return (socket) => {
    socket.once('data', (data) => {
      const target = net.connect(port, '127.0.0.1')
      const text = data.toString('latin1')
      const sent = text
        .replace(/^(\S+) http:\/\/[^/ ]+/u, '$1 ')
        .replace(/^proxy-authorization: .*\r\n/imu, '')
      target.write(sent, 'latin1')
      socket.pipe(target).pipe(socket)
      target.on('error', () => socket.destroy())
      target.on('close', () => socket.destroy())
      socket.on('close', () => target.destroy())
    })
  }
}

/** A proxy that answers so to whatever is asked. */
export function proxyAnswers(bytes: string): Serve {
  return afterHead((socket) => void socket.write(bytes, 'latin1'))
}

function afterHead(answer: (socket: Socket) => void): Serve {
  return (socket) => {
    let head = ''
    const read = (data: Buffer): void => {
      head += data.toString('latin1')
      if (!head.endsWith('\r\n\r\n')) return
      socket.off('data', read)
      answer(socket)
    }
    socket.on('data', read)
  }
}
