import { setTimeout as sleep } from 'node:timers/promises'
import { now } from '../shared/clock.ts'
import { scheduledMs, type Traffic, type Versions } from '../shared/traffic.ts'

/** Calls for each version at its time, whether or not what was called before is done. What is late is called at once: nothing slows down. */
export async function steadyLoop(
  traffic: Traffic,
  { first, last }: Versions,
  startAt: number,
  call: (version: number) => void,
): Promise<void> {
  for (let version = first; version <= last; version += 1) {
    const ms = startAt + scheduledMs(traffic, version) - now()
    if (ms > 0) await sleep(ms)
    call(version)
  }
}
