/** An answer as it goes over the wire. */
export interface Answer {
  /** The status line and headers, with the empty line. */
  readonly head: Buffer
  /** With its chunks, if it has any. It can be read once, and fails when the target breaks off. */
  readonly body: AsyncIterable<Buffer> | Iterable<Buffer>
  /** Bytes of the body, when its head tells. */
  readonly length: number | undefined
  /** Whether another request may follow on the connection. */
  readonly persistent: boolean
}

/** An answer of the proxy's own: the fields are lines without their ends. */
export function ownAnswer(
  method: string,
  status: string,
  body: string,
  fields: readonly string[] = [],
): Answer {
  const lines = [
    `HTTP/1.1 ${status}`,
    ...fields,
    'Content-Type: text/plain',
    `Content-Length: ${body.length}`,
  ]
  const sent = method === 'HEAD' ? '' : body
  return {
    head: Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'),
    body: [Buffer.from(sent, 'latin1')],
    length: sent.length,
    persistent: true,
  }
}
