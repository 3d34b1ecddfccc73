import { setTimeout as sleep } from 'node:timers/promises'
import { unlessAborted } from './waiters.ts'

/** A transaction that is about to commit is over at once; one that waits for people is not asked for often. */
const firstPauseMs = 10
const longestPauseMs = 500

/** Resolves when a transaction of the caller's has ended, or the dispatcher has closed. Rejects when `signal` is aborted. */
export async function transactionOver(
  isOver: () => Promise<boolean>,
  { closed, signal }: { readonly closed: AbortSignal; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const over = untilOver(isOver, signal === undefined ? closed : AbortSignal.any([closed, signal]))
  await (signal === undefined ? over : unlessAborted(over, signal))
}

async function untilOver(isOver: () => Promise<boolean>, stop: AbortSignal): Promise<void> {
  let pauseMs = firstPauseMs
  while (!stop.aborted && !(await isOver())) {
    await sleep(pauseMs, undefined, { signal: stop }).catch(() => undefined) // aborted: the loop ends
    pauseMs = Math.min(pauseMs * 2, longestPauseMs)
  }
}
