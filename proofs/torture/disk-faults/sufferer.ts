/** A controller whose disk fails: dispatches one release after the other, and says on stdout what came of each. Ended by SIGKILL. */
import { writeSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDispatcher, StoreError } from 'deploy-hooks'
import { sqliteStore } from 'deploy-hooks/sqlite'
import { hookUrl, silentTransport } from './silent-transport.ts'
import type { News, Suffering } from './suffering.ts'

const { path, dispatches, pauseMs } = JSON.parse(process.argv[2] ?? '') as Suffering
/** So that what is to be recorded then meets the fault too. */
const answeredAfterMs = 20
/** Whoever started it is gone when it lives longer. */
const patienceMs = 120_000

const openedAt = performance.now()
const store = sqliteStore({ path })
say({ kind: 'opened', pid: process.pid, ms: performance.now() - openedAt })
const complain = (message: string): void => say({ kind: 'complaint', message })
const dispatcher = createDispatcher({
  hooks: [hookUrl],
  secret: 'of the torture',
  store,
  transport: silentTransport(() => sleep(answeredAfterMs)),
  logger: { warn: complain, error: complain },
})
const settled: Promise<unknown>[] = []
await dispatch(0)
await Promise.all(settled) // all code has run once
const delays = monitorEventLoopDelay({ resolution: 1 })
delays.enable()

for (let version = 1; version <= dispatches; version += 1) {
  await dispatch(version)
  await sleep(pauseMs)
}
await Promise.all(settled)
say({ kind: 'settled', stallMs: delays.max / 1e6 })
await sleep(patienceMs) // for the SIGKILL

async function dispatch(version: number): Promise<void> {
  const startedAt = performance.now()
  const ms = (): number => performance.now() - startedAt
  try {
    const dispatched = await dispatcher.dispatch({ app: 'web', version: `v${version}`, user: 'gabrtv' })
    say({ kind: 'acknowledged', version, ms: ms() })
    settled.push(dispatched.settled())
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    say({ kind: 'rejected', version, code: error.code, ms: ms() })
  }
}

/** At once: what is said is not lost with the process. */
function say(news: News): void {
  writeSync(1, `${JSON.stringify(news)}\n`)
}
