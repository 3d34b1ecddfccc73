import { monitorEventLoopDelay } from 'node:perf_hooks'

const everyMs = 1

/** Watches how long the event loop stands still. @returns stops, and gives the longest time in milliseconds */
export function watchStalls(): () => number {
  const delay = monitorEventLoopDelay({ resolution: everyMs })
  delay.enable()
  return () => {
    delay.disable()
    return Math.max(0, delay.max / 1e6 - everyMs) // it counts from one look to the next
  }
}
