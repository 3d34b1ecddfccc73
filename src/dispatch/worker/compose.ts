import { setMaxListeners } from 'node:events'
import type { Hooks } from '../../hooks/registry.ts'
import type { Transport } from '../../http/transport.ts'
import type { Store } from '../../stores/store.ts'
import type { Reporter } from '../reporter.ts'
import type { Waiters } from '../waiters.ts'
import { Admission } from './admission.ts'
import { Attempter } from './attempter.ts'
import { Chores } from './chores.ts'
import { ClaimLoop } from './claim-loop.ts'
import { ClaimedDeliveries } from './claimed-deliveries.ts'
import { Executor } from './executor.ts'
import { HealthSync } from './health-sync.ts'
import { HookHealth } from './health.ts'
import { LaneMemories } from './lane-memories.ts'
import { Lanes } from './lanes.ts'
import { Leases } from './leases.ts'
import { Mover } from './mover.ts'
import { Naming } from './naming.ts'
import { Ownership } from './ownership.ts'
import { Recovery } from './recovery.ts'
import { Settler } from './settler.ts'
import { Upkeep } from './upkeep.ts'
import { WakeTimer } from './wake-timer.ts'
import { Watcher } from './watcher.ts'
import { Worker } from './worker.ts'

export interface WorkerOptions {
  readonly hooks: Hooks
  readonly store: Store
  readonly transport: Transport
  readonly reporter: Reporter
  readonly waiters: Waiters
  /** Requests in flight in all. */
  readonly overall: number
  readonly now: () => number
  readonly random: () => number
}

/** What stands on a worker uses these of its parts. */
export interface ComposedWorker {
  readonly worker: Worker
  readonly chores: Chores
  readonly claimed: ClaimedDeliveries
  readonly executor: Executor
  readonly health: HookHealth
  readonly healthSync: HealthSync
  readonly lanes: Lanes
  readonly ownership: Ownership
  readonly wakes: WakeTimer
  readonly watcher: Watcher
  /** How long a lease lasts, in milliseconds. */
  readonly leaseMs: number
}

/** A lease outlasts several renewals: one may be late without another process taking over. In milliseconds. */
const alone = { leaseMs: 30_000, renewMs: 5000 }
/** Where workers share hooks out, whoever takes one over ends the leases in it: they are there for nothing else, and need few renewals. */
const shared = { leaseMs: 4 * alone.leaseMs, renewMs: alone.leaseMs }

/** Puts the parts of a worker together, each on top of those that it uses. */
export function composeWorker(options: WorkerOptions): ComposedWorker {
  const { hooks, overall, store, now, reporter } = options
  const { leaseMs, renewMs } = store.lanes === undefined ? alone : shared
  const stop = new AbortController()
  setMaxListeners(0, stop.signal) // one for each request in flight
  const common = { ...options, hooks: hooks.byId, signal: stop.signal, stop, leaseMs, renewMs }
  const wakes = new WakeTimer(now)
  const chores = new Chores()
  const health = new HookHealth(store, (id) => hooks.byId.get(id))
  const lanes = new Lanes({ hooks: hooks.byId, overall, now })
  lanes.breakers.listen((hook, reading) => reporter.breaker(hook, reading))
  const claimed = new ClaimedDeliveries(lanes)
  const below = { ...common, wakes, chores, health, lanes, claimed }
  const settler = new Settler(below)
  const mover = new Mover({ ...below, moves: hooks.former.moves })
  const ownership = new Ownership({
    ...below,
    hookIds: [...hooks.byId.keys()],
    shared: store.lanes,
    settler,
    mover,
  })
  const memories = new LaneMemories({ ...below, ownership })
  const healthSync = new HealthSync({ ...below, memories, mover, naming: new Naming(below) })
  const executor = new Executor({
    ...below,
    admission: new Admission(below),
    attempter: new Attempter(below),
    recovery: new Recovery(below),
    settler,
    memories,
  })
  const claimLoop = new ClaimLoop({ ...below, ownership, executor, healthSync })
  const watcher = new Watcher({ ...below, ownership })
  const upkeep = new Upkeep({ ...below, settler, healthSync, watcher })
  const leases = new Leases(below)
  const parts = { claimLoop, executor, claimed, ownership, healthSync, upkeep, chores, leases }
  const worker = new Worker({ ...parts, isDurable: store.durable })
  return { worker, chores, claimed, executor, health, healthSync, lanes, ownership, wakes, watcher, leaseMs }
}
