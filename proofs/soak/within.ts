import { setTimeout as sleep } from 'node:timers/promises'

const lookEveryMs = 25

/** Waits until something is so, for a time. @returns what it was last */
export async function within<Value>(
  ms: number,
  look: () => Value | undefined | Promise<Value | undefined>,
): Promise<Value | undefined> {
  const endsAt = performance.now() + ms
  for (;;) {
    const seen = await look()
    if (seen !== undefined || performance.now() > endsAt) return seen
    await sleep(lookEveryMs)
  }
}
