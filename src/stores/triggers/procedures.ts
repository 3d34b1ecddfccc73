import type { TriggerRecords } from './records.ts'
import * as finding from './finding.ts'
import { revoke } from './revoking.ts'
import * as starting from './starting.ts'
import * as taking from './taking.ts'

/** Everything that a store does for triggers, by its name. */
export interface Procedures {
  readonly create: typeof finding.create
  readonly get: typeof finding.get
  readonly list: typeof finding.list
  readonly update: typeof finding.update
  readonly rotate: typeof finding.rotate
  readonly revoke: typeof revoke
  readonly find: typeof finding.find
  readonly identify: typeof finding.identify
  readonly refuse: typeof taking.record
  readonly take: typeof taking.take
  readonly call: typeof taking.call
  readonly calls: typeof taking.calls
  readonly deployment: typeof starting.deployment
  readonly deploymentBy: typeof starting.deploymentBy
  readonly newest: typeof starting.newest
  readonly dueLanes: typeof starting.dueLanes
  readonly nextDueAt: typeof starting.nextDueAt
  readonly start: typeof starting.start
  readonly started: typeof starting.started
  readonly notStarted: typeof starting.notStarted
  readonly finish: typeof starting.finish
  readonly prune: typeof starting.prune
}

const { create, get, list, update, rotate, find, identify } = finding
const { record: refuse, take, call, calls } = taking
const {
  deployment,
  deploymentBy,
  newest,
  dueLanes,
  nextDueAt,
  start,
  started,
  notStarted,
  finish,
  prune,
  prunedAtOnce,
} = starting

export const procedures: Procedures = {
  create,
  get,
  list,
  update,
  rotate,
  revoke,
  find,
  identify,
  refuse,
  take,
  call,
  calls,
  deployment,
  deploymentBy,
  newest,
  dueLanes,
  nextDueAt,
  start,
  started,
  notStarted,
  finish,
  prune,
}

export type ProcedureName = keyof Procedures

/** Those that only read: they need no transaction, and wait for no disk. */
export const reads: ReadonlySet<ProcedureName> = new Set<ProcedureName>([
  'get',
  'list',
  'find',
  'identify',
  'call',
  'calls',
  'deployment',
  'deploymentBy',
  'newest',
  'dueLanes',
  'nextDueAt',
])

/** Runs a procedure as one transaction of a store. */
export type RunProcedure = <Name extends ProcedureName>(
  name: Name,
  args: Parameters<Procedures[Name]>,
) => Promise<ReturnType<Procedures[Name]> extends Generator<unknown, infer Result> ? Result : never>

/** The records of a store that can run procedures. */
export function recordsBy(run: RunProcedure): TriggerRecords {
  const names = Object.keys(procedures) as ProcedureName[]
  const methods = names.map((name) => [name, (...args: never) => run(name, args)])
  return {
    ...(Object.fromEntries(methods) as unknown as TriggerRecords),
    async prune(olderThan) {
      let pruned = 0
      let last: number
      do {
        last = await run('prune', [olderThan])
        pruned += last
      } while (last === prunedAtOnce)
      return pruned
    },
  }
}
