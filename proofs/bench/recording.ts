import type { NewDelivery, Store } from 'deploy-hooks'
import { sqliteStore } from 'deploy-hooks/sqlite'
import { closedLoop, type ThroughputFigure } from './closed-loop.ts'
import { contest, type ContestOptions, type Contestant, type Standing } from '../shared/contest.ts'
import { attemptOf, createRecords, taken } from './records.ts'
import { createScratchFolder } from '../shared/scratch-folder.ts'
import { SqliteByHand } from './sqlite-by-hand.ts'

export interface RecordingOptions extends ContestOptions {
  /** Deliveries of each contestant in a round. */
  readonly deliveries: number
  /** Final deliveries that the store keeps. */
  readonly keep: number
  readonly loads: readonly RecordingLoad[]
}

export interface RecordingLoad {
  /** Deliveries in flight. */
  readonly inFlight: number
  /** Deliveries of each release. */
  readonly hooks: number
  /** Whether as many final deliveries as are kept are there from the start: each new one then makes the store forget one. */
  readonly full: boolean
}

/** How many deliveries a second the SQLite store records and settles when nothing is sent; with new files for each load. */
export async function measureRecording({
  loads,
  ...options
}: RecordingOptions): Promise<readonly Standing<ThroughputFigure>[]> {
  const standings: Standing<ThroughputFigure>[] = []
  for (const load of loads) standings.push(...(await measureLoad(load, options)))
  return standings
}

async function measureLoad(
  { inFlight, hooks, full }: RecordingLoad,
  { deliveries, keep, ...options }: Omit<RecordingOptions, 'loads'>,
): Promise<readonly Standing<ThroughputFigure>[]> {
  await using folder = await createScratchFolder()
  await using store = sqliteStore({ path: folder.file('store.db'), keep })
  using sqlite = new SqliteByHand(folder.file('by-hand.db'))
  const prepared = createRecords('recorded')
  if (full) await recordAll(prepared(keep, 1), 512, (records) => inStore(store, records))

  const contestant = (name: string, does: string, once: Once): Contestant<ThroughputFigure> => ({
    name,
    does,
    measure: () => recordAll(prepared(deliveries / hooks, hooks), inFlight, once),
  })
  const load = `${inFlight} in flight, ${hooks === 1 ? '1 hook' : `${hooks} hooks`}${full ? ', full' : ''}`
  const stored = contestant(
    load,
    '`sqliteStore()`: `record()` of a release, then `settle()` of each delivery',
    (records) => inStore(store, records),
  )
  const byHand = contestant('', 'by hand', (records) => inlineByHand(sqlite, records))
  return await contest([stored, byHand], byHand, options)
}

/** Records and settles the deliveries of one release. */
type Once = (records: readonly NewDelivery[]) => Promise<unknown>

function recordAll(
  prepared: NewDelivery[][],
  inFlight: number,
  once: Once,
): Promise<Record<ThroughputFigure, number>> {
  const each = prepared[0]?.length ?? 1
  const loop = { deliveries: prepared.length * each, inFlight: Math.ceil(inFlight / each) }
  return closedLoop(loop, () => once(taken(prepared)), each)
}

const leaseMs = 30_000

async function inStore(store: Store, records: readonly NewDelivery[]): Promise<void> {
  const recorded = await store.record(records, Date.now() + leaseMs)
  await Promise.all(
    recorded.map(async ({ delivery, token }) => {
      if (token === undefined) throw new Error('Expected a release that was not recorded before')
      const settled = await store.settle({ delivery, token }, attemptOf(delivery.id))
      if (settled?.state !== 'delivered') throw new Error('Expected the delivery to be settled')
    }),
  )
}

async function inlineByHand(sqlite: SqliteByHand, records: readonly NewDelivery[]): Promise<void> {
  const seqs = await Promise.all(records.map(({ release }, hook) => sqlite.record(hook, release)))
  await Promise.all(seqs.map((seq) => sqlite.settle(seq, 200)))
}
