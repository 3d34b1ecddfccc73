import { cutsSummary } from '../signing/release-url.ts'
import type { Delivery } from '../delivery.ts'
import type { Hook } from '../hooks/hook.ts'
import { sendsRelease } from '../hooks/prepared-target.ts'

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
  if (hook === undefined || !sendsRelease(hook.target)) return delivery
  const { url, dialect } = hook
  const { release, id } = delivery
  const isCut = cutsSummary(url, release, dialect, isAgain(delivery) ? id : undefined)
  return isCut ? { ...delivery, summaryCut: true } : delivery
}
