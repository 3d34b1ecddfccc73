import { hash } from 'node:crypto'

/**
 * What tells a hook's URL from another one that it had, or will have: it stands in the store beside what is remembered of the hook.
 *
 * Of what is shown of the URL it says which that is, as ids do. Of the whole URL, which may hold a short token, it has 12 bits of a hash: one
 * change in 4,096 is missed, and who finds all tokens that fit has nearly all of them still to try at the receiver (decision 36).
 *
 * @param shown what may be shown of it
 */
export function urlMark(shown: string, url: string): string {
  return `${hash('sha256', shown).slice(0, 8)}-${hash('sha256', url).slice(0, 3)}`
}
