/**
 * The bytes of base64 in its only canonical spelling (RFC 4648, section 4): padded, without stray bits, blanks or line
 * breaks. Anything else is `undefined`: Node decodes whatever it can, and a key of other bytes than the sender's would
 * never match.
 */
export function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}
