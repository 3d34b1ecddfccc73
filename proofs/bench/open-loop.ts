import { setTimeout as sleep } from 'node:timers/promises'

export interface OpenLoopOptions {
  readonly perSecond: number
  readonly seconds: number
}

/**
 * Calls at random times, so many a second in the mean (a Poisson process), whether or not what was called before is done:
 * deploys do not wait for each other.
 */
export async function openLoop({ perSecond, seconds }: OpenLoopOptions, call: () => void): Promise<void> {
  let at = performance.now()
  const end = at + seconds * 1000
  while (at < end) {
    at -= (Math.log(1 - Math.random()) * 1000) / perSecond
    const ms = at - performance.now()
    if (ms > 0) await sleep(ms)
    call()
  }
}
