import { setTimeout as sleep } from 'node:timers/promises'

/** Ends early, and does not reject, with the signal. */
export async function pause(
  ms: number,
  signal: AbortSignal,
  { ref = true }: { readonly ref?: boolean } = {},
): Promise<void> {
  await sleep(ms, undefined, { signal, ref }).catch(() => undefined)
}

/** Resolves with the work, or so many milliseconds later without it. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const done = new AbortController()
  await Promise.race([work, pause(ms, done.signal)]).finally(() => done.abort())
}
