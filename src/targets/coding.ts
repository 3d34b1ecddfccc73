import type { Answer } from '../http/transport.ts'

/** What is no coding: the first two by their name, chunks, which are taken away, and what some servers write there by mistake. */
const plain = new Set(['', 'identity', 'none', 'chunked', 'utf-8', 'utf8'])

/**
 * Whether a body is in a coding, such as gzip. None is asked for (`Accept-Encoding: identity`), and none is read: what inflates without a bound is no
 * answer to a release.
 */
export function isCoded({ headers, body }: Pick<Answer, 'headers' | 'body'>): boolean {
  const { 'content-encoding': content, 'transfer-encoding': transfer } = headers
  if ((content === undefined && transfer === undefined) || body.byteLength === 0) return false
  const names = `${content ?? ''},${transfer ?? ''}`.toLowerCase().split(',')
  return names.some((name) => !plain.has(name.trim()))
}
