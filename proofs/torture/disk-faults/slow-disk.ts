import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Finding } from '../../shared/report.ts'
import { suffer, type News } from './suffering.ts'

const syncMs = 300
const dispatches = 12

/** Lets every sync take long, and measures for how long the controller's event loop stands still: the disk is not its thread's. */
export async function slowDisk(): Promise<Finding> {
  const slow = await run(`fsync,fdatasync:delay_exit=${syncMs * 1000}`)
  const usual = await run()
  return {
    figures: {
      'slow disk: a sync, ms': syncMs,
      'slow disk: dispatch(), ms, median': slow.dispatchMs,
      'slow disk: longest stall, ms': slow.stallMs,
      'usual disk: dispatch(), ms, median': usual.dispatchMs,
      'usual disk: longest stall, ms': usual.stallMs,
      'slow disk: opening a new store, ms': slow.openMs,
      'usual disk: opening a new store, ms': usual.openMs,
    },
    violations: [
      ...(slow.dispatchMs < syncMs
        ? [`slow disk: dispatch() resolved after ${slow.dispatchMs} ms, before what it recorded was synced`]
        : []),
      ...(slow.stallMs >= syncMs ? [`slow disk: the event loop stood still for ${slow.stallMs} ms`] : []),
    ],
  }
}

interface Times {
  readonly openMs: number
  readonly dispatchMs: number
  readonly stallMs: number
}

async function run(inject?: string): Promise<Times> {
  const folder = await mkdtemp(join(tmpdir(), 'deploy-hooks-slow-'))
  try {
    const plan = { path: join(folder, 'store.db'), dispatches, pauseMs: 0 }
    const killAt = (news: News): boolean => news.kind === 'settled'
    return timesIn(await suffer({ ...plan, killAt, ...(inject === undefined ? {} : { inject }) }))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function timesIn(said: readonly News[]): Times {
  const opened = said.find((news) => news.kind === 'opened')
  const settled = said.find((news) => news.kind === 'settled')
  const dispatched = said
    .flatMap((news) => (news.kind === 'acknowledged' ? [news.ms] : []))
    .toSorted((a, b) => a - b)
  const rounded = (ms = Number.NaN): number => Math.round(ms * 10) / 10
  return {
    openMs: rounded(opened?.ms),
    dispatchMs: rounded(dispatched[Math.floor(dispatched.length / 2)]),
    stallMs: rounded(settled?.stallMs),
  }
}
