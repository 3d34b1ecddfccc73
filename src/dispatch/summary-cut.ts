import { urlOfRelease } from '../signing/release-url.ts'
import type { Delivery } from '../delivery.ts'
import type { Hook } from '../hooks/hook.ts'
import { sendsRelease } from '../hooks/prepared-target.ts'

/** Nearly all are shorter, and the rest of a URL nearly never so long that these do not fit. */
const alwaysFits = 100

/** The tenant is not sent: another one's release may be the same in all else, and is none for a receiver that keeps keys. */
export function isAgain({
  again,
  replayOf,
  release,
}: Pick<Delivery, 'again' | 'replayOf' | 'release'>): boolean {
  return again === true || replayOf !== undefined || release.tenant !== undefined
}

/** Marked, when the URL that the hook has now carries the start of the summary alone. */
export function withSummaryCut(hook: Hook | undefined, delivery: Delivery): Delivery {
  const { release, id } = delivery
  if (hook === undefined || release.summary.length <= alwaysFits || !sendsRelease(hook.target))
    return delivery
  return isCut(hook, delivery, id) ? { ...delivery, summaryCut: true } : delivery
}

function isCut({ url, dialect }: Hook, delivery: Delivery, id: string): boolean {
  try {
    return urlOfRelease(url, delivery.release, dialect, isAgain(delivery) ? id : undefined).isCut
  } catch {
    return false // it fits in no URL: the delivery ends as `url-too-long`
  }
}
