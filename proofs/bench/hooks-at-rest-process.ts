/** Makes so many hooks, and then does nothing: tells its parent what that took. */
import { setTimeout as sleep } from 'node:timers/promises'
import { sqliteStore } from 'deploy-hooks/sqlite'
import { temporaryFolder } from '../../test/stores/temporary.ts'
import { tellParent } from '../shared/child.ts'
import { dispatcherOf, hooksOfApps } from './many-hooks.ts'

export interface HooksAtRest {
  /** CPU time of construction, in seconds. */
  readonly constructed: number
  /** Heap that they hold, besides the options that they were made of. */
  readonly bytes: number
  /** CPU time in a second in which nothing is dispatched, in milliseconds, with an SQLite store. */
  readonly idleMs: number
  /** A look for what is due, when nothing is, in microseconds of CPU time. */
  readonly lookMicros: number
}

const idleSeconds = 10
const looks = 200
const cpuMicros = (before?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before)
  return user + system
}

const hooks = hooksOfApps(Number(process.argv[2]))
await dispatcherOf(hooks.slice(0, 100)).close() // loads and compiles
await using folder = await temporaryFolder()
await using store = sqliteStore({ path: folder.file('store.db') })
globalThis.gc?.()
const { heapUsed } = process.memoryUsage()
let before = process.cpuUsage()
await using dispatcher = dispatcherOf(hooks, store)
const constructed = cpuMicros(before) / 1e6
await untilItRests()
globalThis.gc?.()
const bytes = process.memoryUsage().heapUsed - heapUsed
before = process.cpuUsage()
await sleep(idleSeconds * 1000)
const idleMs = cpuMicros(before) / 1000 / idleSeconds
before = process.cpuUsage()
for (let count = 0; count < looks; count += 1)
  await store.due({ now: Date.now(), limit: 256, except: new Set() })
const lookMicros = cpuMicros(before) / looks
await dispatcher.close()
tellParent({ constructed, bytes, idleMs, lookMicros } satisfies HooksAtRest)

/** It reads the states of hooks at the start, and names them in the store. One that does not come to rest shows it. */
async function untilItRests(): Promise<void> {
  for (let seconds = 0; seconds < 30; seconds += 2) {
    const start = process.cpuUsage()
    await sleep(2000)
    if (cpuMicros(start) < 40_000) return
  }
}
