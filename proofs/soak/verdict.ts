import type { Right } from './expected.ts'
import { concurrent, type Seen } from './plan.ts'
import type { Trial } from './trial.ts'

export const mostGrowthMb = 50
/** Of its deadline, that an exchange may take. */
export const mostLate = 1.1

/** What was not as it should be, in words. */
export function wrongsOf({ of, times, figures, proxy }: Trial): readonly string[] {
  const { seen, exchanges, uncaught, growthMb, idleSockets, socketsLeft, maxMs } = figures
  const counted = seen.reduce((sum, { count }) => sum + count, 0)
  const most = of.expected.keeps === true ? concurrent : 0
  return [
    ...seen.filter((each) => !isRight(each, of.expected.right)).map((each) => `came to ${shownSeen(each)}`),
    ...(counted === times ? [] : [`${counted} attempts for ${times} deliveries`]),
    ...(proxy.requests <= exchanges ? [] : [`${proxy.requests} requests arrived of ${exchanges} exchanges`]),
    ...uncaught,
    ...(growthMb < mostGrowthMb ? [] : [`memory grew by ${growthMb.toFixed(0)} MB`]),
    ...(idleSockets <= most ? [] : [`${idleSockets} sockets open, of ${most} that may be`]),
    ...(socketsLeft === 0 ? [] : [`${socketsLeft} sockets left after closing`]),
    ...(proxy.open === 0 ? [] : [`${proxy.open} connections left, as the proxy sees it`]),
    ...(maxMs <= of.deadlineMs * mostLate
      ? []
      : [`${maxMs} ms for an attempt, with a deadline of ${of.deadlineMs} ms`]),
  ]
}

function isRight({ reason, code, opened }: Seen, right: readonly Right[]): boolean {
  return right.some(
    (each) =>
      each.reason === reason &&
      each.opened === opened &&
      (code === undefined ? each.codes === undefined : each.codes?.includes(code) === true),
  )
}

/** `1,000 × reset ECONNRESET, unopened` */
export function shownSeen({ reason, code, opened, count }: Seen): string {
  const what = code === undefined ? reason : `${reason} ${code}`
  return `${count.toLocaleString('en')} × ${what}${opened ? '' : ', unopened'}`
}
