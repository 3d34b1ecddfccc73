/** The `code` of a failure: the receiver does not speak HTTP/1.1. */
export const http2Only = 'HTTP2_ONLY'

/** What TLS says when client and receiver have no protocol in common, and HTTP/1.1 was offered (RFC 7301 section 3.2). */
export function isOfOtherProtocol(code: string): boolean {
  return code.endsWith('_ALERT_NO_APPLICATION_PROTOCOL')
}

/** The head of a SETTINGS frame without its length: with it an HTTP/2 receiver begins, whatever it is sent (RFC 9113 sections 3.4 and 6.5). */
const settings = [0x04, 0x00, 0x00, 0x00, 0x00, 0x00]

/** Whether an error of an HTTP/1.1 parser, of node:http or of undici, is about the first bytes of an HTTP/2 receiver. */
export function isOfHttp2(error: unknown): boolean {
  const { rawPacket, data } = (error ?? {}) as { readonly rawPacket?: unknown; readonly data?: unknown }
  const bytes = Buffer.isBuffer(rawPacket) ? rawPacket : Buffer.from(typeof data === 'string' ? data : '')
  return bytes[0] === 0 && bytes[1] === 0 && settings.every((byte, index) => bytes[index + 3] === byte)
}
