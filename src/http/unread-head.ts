import type { IncomingHttpHeaders } from 'node:http'
import { maxHeaderBytes, type Malformed } from './transport.ts'

/** What an answer says before its body. */
export interface Head {
  /** From 200. */
  readonly status: number
  readonly headers: IncomingHttpHeaders
}

const statusLine = /^HTTP\/\d(?:\.\d)? ([1-5]\d\d)(?: .*)?$/u
/** A token (RFC 9110, section 5.6.2), and a value in which nobody steers anything. */
const field = /^([!#$%&'*+\-.^`|~\w]+):([\t\x20-\x7E\x80-\xFF]*)$/u

/**
 * The bytes of an answer whose head is not read yet: parsers refuse it at the first wrong one, close the connection, and show nothing of what they
 * had. They are kept as they came; 64 KiB and a packet at most.
 */
export class UnreadHead {
  readonly #pieces: Uint8Array[] = []
  #bytes = 0

  add(piece: Uint8Array): void {
    if (this.#bytes > maxHeaderBytes) return
    this.#pieces.push(piece)
    this.#bytes += piece.byteLength
  }

  /**
   * What the head says for certain: its status, when that line is whole, and those of the headers that are lines of their own. The status goes before
   * anything that a stranger could have put into a header, and nothing is read of the body, which begins where only a parser knows.
   */
  read(): Head | undefined {
    const { status, lines } = this.#last()
    if (status === undefined || status < 200) return undefined
    return { status, headers: fieldsOf(lines.slice(1).map(withoutReturn)) }
  }

  /** What is wrong with it. */
  malformed(): Malformed {
    const { status, lines } = this.#last()
    const [first = ''] = lines
    if (status === undefined) return first.startsWith('HTTP/') ? 'malformed-status-line' : 'not-http'
    if (status === 101) return 'unasked-protocol'
    return wrongIn(lines) ?? (status === 100 ? 'unasked-continue' : 'malformed-header')
  }

  /** The lines of the head that is not an interim one, each with the CR that it ends with; and its status, when its first line is whole. */
  #last(): { readonly status: number | undefined; readonly lines: readonly string[] } {
    const lines = Buffer.concat(this.#pieces).toString('latin1').split('\n')
    let from = 0
    for (;;) {
      while (from < lines.length - 1 && isEmpty(lines[from])) from += 1 // RFC 9112, section 2.2
      const isWhole = from < lines.length - 1
      const [, digits] = statusLine.exec(isWhole ? withoutReturn(lines[from] ?? '') : '') ?? []
      const status = digits === undefined ? undefined : Number(digits)
      let end = from + 1
      while (end < lines.length - 1 && !isEmpty(lines[end])) end += 1
      if (status === undefined || status >= 200 || status === 101 || end >= lines.length - 2)
        return { status, lines: isWhole ? lines.slice(from, end) : lines.slice(from) }
      from = end + 1
    }
  }
}

function isEmpty(line: string | undefined): boolean {
  return line === '' || line === '\r'
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

/** The first of a name, since no second one is to override it. */
function fieldsOf(lines: readonly string[]): IncomingHttpHeaders {
  const fields = lines.map((line) => field.exec(line)).filter((found) => found !== null)
  const pairs = fields.map(([, name = '', value = '']) => [name.toLowerCase(), value.trim()] as const)
  const { 'set-cookie': _list, ...headers } = Object.fromEntries(pairs.toReversed())
  return headers
}

function wrongIn(lines: readonly string[]): Malformed | undefined {
  if (lines.some((line) => !line.endsWith('\r'))) return 'malformed-line-ends'
  const fields = lines.slice(1).map(withoutReturn)
  if (fields.some((line) => /^[\t ]/u.test(line))) return 'folded-header'
  const lengths = fields.filter((line) => /^content-length:/iu.test(line))
  const isChunked = fields.some((line) => /^transfer-encoding:/iu.test(line))
  const isLength = lengths.every((line) => /^[^:]*:[\t ]*\d+[\t ]*$/u.test(line))
  if (!isLength || lengths.length > 1 || (isChunked && lengths.length > 0)) return 'malformed-length'
  return fields.every((line) => field.test(line)) ? undefined : 'malformed-header'
}
