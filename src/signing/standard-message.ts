/** Names of the headers, in lower case. */
export const standardHeaders = {
  id: 'webhook-id',
  timestamp: 'webhook-timestamp',
  signature: 'webhook-signature',
} as const

/**
 * Whether a text may stand in `webhook-id`: visible ASCII, at most 256 characters, and no full stop. The specification
 * asks for that one: with it, one signed text could be read as two different messages.
 */
export function isStandardId(text: unknown): text is string {
  return typeof text === 'string' && /^[!-\-/-~]{1,256}$/u.test(text)
}

/** What is signed: `id.timestamp.body`, the body as it goes over the wire. */
export function standardContent(id: string, timestamp: string, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${id}.${timestamp}.`, 'utf8'), body])
}
