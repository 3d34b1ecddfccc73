import { monitorEventLoopDelay } from 'node:perf_hooks'

/** What a process takes of the machine. */
export interface Vitals {
  /** Of one core, in percent. */
  readonly cpu: number
  /** Since the process started, in MB. */
  readonly peakRss: number
  /** Open at the end. */
  readonly sockets: number
  /** Below it were 99 of 100 delays of the event loop, in milliseconds. */
  readonly loopP99: number
}

const everyMs = 1

/** Watches from now on. @returns stops, and tells */
export function watchVitals(): () => Vitals {
  const delay = monitorEventLoopDelay({ resolution: everyMs })
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  delay.enable()
  return () => {
    delay.disable()
    const { user, system } = process.cpuUsage(cpuBefore)
    return {
      cpu: (user + system) / (performance.now() - startedAt) / 10,
      peakRss: (process.resourceUsage().maxRSS * 1024) / 1e6,
      sockets: openSockets(),
      loopP99: Math.max(0, delay.percentile(99) / 1e6 - everyMs), // it counts from one look to the next
    }
  }
}

/** From Node's report, since idle connections of an agent are no active resources. */
export function openSockets(): number {
  Object.assign(process.report, { excludeNetwork: true }) // no names are looked up
  const { libuv } = process.report.getReport() as { readonly libuv: readonly { readonly type: string }[] }
  return libuv.filter(({ type }) => type === 'tcp').length
}
