import { connect } from 'node:net'
import type { OddRequest } from './odd-requests.ts'

/** What came back on a connection, byte for byte. */
export interface Answer {
  /** Absent when nothing came. */
  readonly status?: number | undefined
  /** By lower-case names. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
  /** All of it, with whatever came behind. */
  readonly text: string
}

/** After which a sender that hears nothing ends its side, and gives up: the server may well wait for more than comes. */
const patienceMs = { ends: 1000, givesUp: 15_000 }

/** Sends a request on a connection of its own, and reads until that is closed. */
export function exchange(port: number, { bytes, afterwards }: OddRequest): Promise<Answer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const end = (): void => {
      for (const timer of timers) clearTimeout(timer)
      socket.destroy()
      resolve(answerOf(Buffer.concat(chunks).toString('latin1')))
    }
    const timers = [setTimeout(() => socket.end(), patienceMs.ends), setTimeout(end, patienceMs.givesUp)]
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      if (isWhole(Buffer.concat(chunks).toString('latin1'))) end()
    })
    socket.on('end', end)
    socket.on('close', end)
    socket.on('error', end) // it was reset, which is an answer, too
    socket.write(bytes, () => {
      if (afterwards === 'ends') socket.end()
      if (afterwards === 'goes') end()
    })
  })
}

function isWhole(text: string): boolean {
  const { headers, body, status } = answerOf(text)
  const length = headers.get('content-length')
  return status !== undefined && status >= 200 && length !== undefined && body.length >= Number(length)
}

/** Reads the last of what came, behind any `100 Continue`. */
export function answerOf(text: string): Answer {
  const rest = text.startsWith('HTTP/1.1 100') ? text.slice(text.indexOf('\r\n\r\n') + 4) : text
  const end = rest.indexOf('\r\n\r\n')
  if (end === -1) return { headers: new Map(), body: '', text }
  const [first = '', ...lines] = rest.slice(0, end).split('\r\n')
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  return { status: Number(first.split(' ')[1]), headers: new Map(headers), body: rest.slice(end + 4), text }
}
