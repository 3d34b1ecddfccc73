import type { Stage } from '../../release.ts'
import type { Delivery } from '../../delivery.ts'
import { first, keyed, longMemoryMs, momentOf, stageOf, type Ordinal, type Telling } from './telling.ts'

/** Something that was told. */
export interface TellingEvent {
  readonly ordinal: Ordinal
  /** Ids of the hooks that it was told to. */
  readonly hooks: readonly string[]
  readonly at?: number | undefined
}

/** What is remembered of a scope. */
export interface ScopeMemory {
  /** Told last, of any rollout. */
  readonly stage: Stage
  /** The last one that is a result. */
  readonly result?: Stage | undefined
}

/** What is remembered of a rollout. */
export interface RolloutMemory {
  /** Stages that were told at any time. */
  readonly stages: readonly Stage[]
  /** What said that it was released, and what said its last result; absent when nothing has since it was opened. */
  readonly released?: TellingEvent | undefined
  readonly result?: Stage | undefined
  readonly resulted?: TellingEvent | undefined
  /** Latest `at` of all its events. */
  readonly at?: number | undefined
  /** Of its last event that was not late. */
  readonly toldAt: number
}

/** All that is remembered and concerns a telling. */
export interface Memory {
  readonly scope?: ScopeMemory | undefined
  /** Whether the telling's rollout is the one that its scope was told of last: it closes those before it. */
  readonly isLast: boolean
  readonly rollout?: RolloutMemory | undefined
  /** Of the same scope, key and stage. */
  readonly byKey?: TellingEvent | undefined
  /** Of the same rollout, stage and `at`. */
  readonly byMoment?: TellingEvent | undefined
}

export type Verdict =
  | { readonly news: 'repeated'; readonly event: TellingEvent }
  | { readonly news: 'told' | 'late'; readonly ordinal: Ordinal }

/** Whether it is news: the rule of docs/identity.md, and nothing else. A value in, a value out. */
export function judge(telling: Telling, memory: Memory): Verdict {
  const { release, idempotencyKey } = telling
  const stage = stageOf(release)
  const at = momentOf(release)
  if (idempotencyKey !== undefined) {
    if (memory.byKey !== undefined) return { news: 'repeated', event: memory.byKey }
  } else {
    if (memory.byMoment !== undefined) return { news: 'repeated', event: memory.byMoment }
    const open = openIn(telling, memory)
    if (stage === 'released') {
      if (open?.released !== undefined) return { news: 'repeated', event: open.released }
    } else if (open?.resulted !== undefined && open.result === stage)
      return { news: 'repeated', event: open.resulted }
  }
  const last = memory.rollout?.at
  const news = at !== undefined && last !== undefined && at < last ? 'late' : 'told'
  return { news, ordinal: ordinalOf(telling, stage, memory) }
}

function ordinalOf({ nonce, idempotencyKey }: Telling, stage: Stage, { rollout }: Memory): Ordinal {
  if (idempotencyKey !== undefined) return keyed(idempotencyKey)
  return rollout?.stages.includes(stage) === true ? nonce : first
}

/** The rollout, if it is open. One with a deployment is closed by time alone; others also by whatever else is told of in their scope. */
function openIn(
  { release, recordedAt, closesAfterMs }: Telling,
  { isLast, rollout }: Memory,
): RolloutMemory | undefined {
  if (rollout === undefined) return undefined
  const hasDeployment = release.deployment !== undefined
  const isOpen = recordedAt - rollout.toldAt < (hasDeployment ? longMemoryMs : closesAfterMs)
  return isOpen && (hasDeployment || isLast) ? rollout : undefined
}

/** What is remembered after something was told. */
export interface Remembered {
  readonly event: TellingEvent
  /** Absent: as it was. */
  readonly scope: ScopeMemory | undefined
  readonly rollout: RolloutMemory
}

/** What is late changes nothing but what was told at all. */
export function remembered(
  telling: Telling,
  memory: Memory,
  news: 'told' | 'late',
  event: TellingEvent,
): Remembered {
  const stage = stageOf(telling.release)
  const open = openIn(telling, memory)
  const stages = withStage(memory.rollout?.stages, stage)
  const isResult = stage !== 'released'
  if (news === 'late' && memory.rollout !== undefined) {
    const released = isResult || open?.released !== undefined ? memory.rollout.released : event
    return { event, scope: undefined, rollout: { ...memory.rollout, stages, released } }
  }
  return {
    event,
    scope: { stage, result: isResult ? stage : memory.scope?.result },
    rollout: {
      stages,
      released: isResult ? open?.released : event,
      result: isResult ? stage : open?.result,
      resulted: isResult ? event : open?.resulted,
      at: event.at ?? memory.rollout?.at,
      toldAt: telling.recordedAt,
    },
  }
}

/** Most rollouts have one stage: they share the list of it. */
const alone: Readonly<Record<Stage, readonly Stage[]>> = {
  released: ['released'],
  succeeded: ['succeeded'],
  failed: ['failed'],
  'rolled-back': ['rolled-back'],
}

function withStage(known: readonly Stage[] | undefined, stage: Stage): readonly Stage[] {
  if (known === undefined) return alone[stage]
  return known.includes(stage) ? known : [...known, stage]
}

/**
 * Whether a hook that wants only changes hears of what is told: also of what is none, when its last delivery never reached it.
 *
 * @param last its last delivery in the scope. A version that kept no ledger may have recorded it; else it is as old as the scope, if that is forgotten.
 */
export function isChange(
  { release, recordedAt }: Telling,
  { scope }: Memory,
  last: Delivery | undefined,
): boolean {
  if (last === undefined || last.state === 'dead') return true
  const stage = stageOf(release)
  if (scope === undefined)
    return recordedAt - last.recordedAt >= longMemoryMs || stageOf(last.release) !== stage
  return (stage === 'released' ? scope.stage : scope.result) !== stage
}
