import type { Wire } from './wire.ts'

/** A head, a line of a chunk or trailers with more than this are refused. */
const maxHeadBytes = 64 * 1024

/** What was received is not HTTP/1.1. */
export class BadMessage extends Error {
  override readonly name = 'BadMessage'
}

/** The head of a request or an answer. */
export interface Head {
  /** As received, with the empty line. */
  readonly bytes: Buffer
  readonly startLine: string
  /** Names in lower case, values of repeated ones joined with a comma. */
  readonly headers: ReadonlyMap<string, string>
}

/** How far a body goes: RFC 9112, section 6.3. */
export type Framing = number | 'chunked' | 'until-close'

/** Reads one head. `undefined`: the other side ended before its first byte. */
export async function readHead(wire: Wire): Promise<Head | undefined> {
  let bytes: Buffer = Buffer.alloc(0)
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n')
    if (end !== -1) {
      wire.unread(bytes.subarray(end + 4))
      return parseHead(bytes.subarray(0, end + 4))
    }
    if (bytes.length > maxHeadBytes) throw new BadMessage()
    const more = await wire.read()
    if (more === undefined && bytes.length === 0) return undefined
    if (more === undefined) throw new BadMessage()
    bytes = Buffer.concat([bytes, more])
    // RFC 9112, section 2.2: an empty line before a request is ignored.
    while (bytes[0] === 0x0d && bytes[1] === 0x0a) bytes = bytes.subarray(2)
  }
}

function parseHead(bytes: Buffer): Head {
  const [startLine = '', ...lines] = bytes.toString('latin1').slice(0, -4).split('\r\n')
  const headers = new Map<string, string>()
  for (const line of lines) {
    const [, name, value = ''] = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/su.exec(line) ?? []
    if (name === undefined) throw new BadMessage()
    const before = headers.get(name.toLowerCase())
    headers.set(name.toLowerCase(), before === undefined ? value : `${before}, ${value}`)
  }
  return { bytes, startLine, headers }
}

/** The method of a request. */
export function methodOf(request: Head): string {
  const method = /^([!-~]+) [^ ]+ HTTP\/1\.[01]$/u.exec(request.startLine)?.[1]
  if (method === undefined) throw new BadMessage()
  return method
}

/** The status of an answer. */
export function statusOf(answer: Head): number {
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/u.exec(answer.startLine)?.[1]
  if (status === undefined) throw new BadMessage()
  return Number(status)
}

export function requestFraming(request: Head): Framing {
  const framing = statedFraming(request)
  if (framing === 'until-close') throw new BadMessage()
  return framing ?? 0
}

export function answerFraming(answer: Head, method: string): Framing {
  const status = statusOf(answer)
  if (method === 'HEAD' || status === 204 || status === 304) return 0
  return statedFraming(answer) ?? 'until-close'
}

function statedFraming({ headers }: Head): Framing | undefined {
  const codings = headers.get('transfer-encoding')
  if (codings !== undefined) return /(?:^|,)\s*chunked$/iu.test(codings) ? 'chunked' : 'until-close'
  const length = headers.get('content-length')
  if (length === undefined) return undefined
  if (!/^\d{1,15}$/u.test(length)) throw new BadMessage()
  return Number(length)
}

/** Whether the sender of this head goes on to use the connection: RFC 9112, section 9.3. */
export function persists({ startLine, headers }: Head): boolean {
  const connection = headers.get('connection') ?? ''
  if (/(?:^|,)\s*close\s*(?:,|$)/iu.test(connection)) return false
  return !startLine.includes('HTTP/1.0') || /(?:^|,)\s*keep-alive\s*(?:,|$)/iu.test(connection)
}

/** The body as it is on the wire: with the sizes of its chunks and its trailers. */
export async function* readBody(wire: Wire, framing: Framing): AsyncGenerator<Buffer, void, undefined> {
  if (framing === 'until-close') yield* untilEnd(wire)
  else if (framing === 'chunked') yield* chunks(wire)
  else yield* exactly(wire, framing)
}

async function* untilEnd(wire: Wire): AsyncGenerator<Buffer, void, undefined> {
  for (let bytes = await wire.read(); bytes !== undefined; bytes = await wire.read()) yield bytes
}

async function* exactly(wire: Wire, length: number): AsyncGenerator<Buffer, void, undefined> {
  for (let left = length; left > 0;) {
    const bytes = await wire.read()
    if (bytes === undefined) throw new BadMessage()
    if (bytes.length > left) wire.unread(bytes.subarray(left))
    yield bytes.subarray(0, left)
    left -= bytes.length
  }
}

async function* chunks(wire: Wire): AsyncGenerator<Buffer, void, undefined> {
  for (;;) {
    const line = await readLine(wire)
    const size = /^([\da-f]{1,8})\s*(?:;|\r\n)/iu.exec(line.toString('latin1'))?.[1]
    if (size === undefined) throw new BadMessage()
    yield line
    if (/^0+$/u.test(size)) break
    yield* exactly(wire, Number.parseInt(size, 16) + 2)
  }
  for (let bytes = 0; bytes < maxHeadBytes;) {
    const line = await readLine(wire)
    yield line
    if (line.length === 2) return
    bytes += line.length
  }
  throw new BadMessage()
}

async function readLine(wire: Wire): Promise<Buffer> {
  let bytes: Buffer = Buffer.alloc(0)
  for (;;) {
    const end = bytes.indexOf('\r\n')
    if (end !== -1) {
      wire.unread(bytes.subarray(end + 2))
      return bytes.subarray(0, end + 2)
    }
    const more = await wire.read()
    if (more === undefined || bytes.length > maxHeadBytes) throw new BadMessage()
    bytes = Buffer.concat([bytes, more])
  }
}
