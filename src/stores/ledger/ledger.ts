import type { Release } from '../../release.ts'
import {
  forgetAtOf,
  isChange,
  judge,
  remembered,
  type Memory,
  type Question,
  type RolloutMemory,
  type ScopeMemory,
  type TellingEvent,
} from './judge.ts'
import {
  first,
  former,
  formerDeliveryId,
  idParts,
  idsOf,
  longMemoryMs,
  momentOf,
  rolloutOf,
  scopeOf,
  stageOf,
  type HookToTell,
  type Ordinal,
  type Telling,
} from './telling.ts'

/**
 * What a store remembers of what was told, apart from the deliveries, which may be pruned: plain data by scope, and by what of it. All of it
 * is called within the transaction that records the deliveries.
 */
export interface Ledger {
  /** What was written there, unless its `forgetAt` has come; times are epoch milliseconds. */
  read(scope: string, what: string, now: number): unknown
  write(scope: string, what: string, memory: object, forgetAt: number): void
  /** Called once for each telling: frees some of what is forgotten. */
  forgetSome(now: number): void
}

/** The scope itself. Other keys are a rollout, which begins with `c` or `d`, a moment of one, or a key. */
const itself = ''

function keyOf({ stage, idempotencyKey }: Question): string {
  return `k${stage} ${idempotencyKey}`
}

function momentKeyOf({ rollout, stage, at }: Question): string {
  return `${rollout} ${stage} ${at}`
}

/** The deliveries beside it. */
export interface RecordedBefore {
  has(deliveryId: string): boolean
  /** What the version before recorded of this telling's release for its hooks, if it still counts: docs/decisions/0022. */
  counts(telling: Telling, memory: Memory): boolean
}

/** What becomes of a telling. */
export interface Told {
  /** `late`: an event that is older than what was told of its rollout before. */
  readonly news: 'told' | 'late' | 'repeated'
  readonly ordinal: Ordinal
  /** Deliveries to be recorded. */
  readonly fresh: readonly Addressed[]
  /** Deliveries that were recorded, and may have been pruned. */
  readonly known: readonly Addressed[]
}

/** A delivery to be: its id, and its hook. */
export interface Addressed {
  readonly id: string
  readonly hook: HookToTell
}

/** Decides whether it is news, and remembers it. */
export function tell(ledger: Ledger, telling: Telling, before: RecordedBefore): Told {
  const { release, hooks, recordedAt } = telling
  const question = questionOf(telling)
  const { scope, rollout } = question
  const memory = recall(ledger, question)
  const asked = { ledger, telling, question, memory }
  const verdict = judge(question, memory)
  ledger.forgetSome(recordedAt)
  if (verdict.news === 'repeated') return repeat(verdict.event, asked)
  if (before.counts(telling, memory)) return repeatFormer(telling)
  const { stage } = question
  const wanting = hooks.every(wantsAll)
    ? hooks
    : hooks.filter(
        ({ heard }) =>
          heard === undefined || (verdict.news === 'told' && isChange(stage, heard, memory.scope)),
      )
  let { ordinal } = verdict
  let fresh = addressed(release, ordinal, wanting)
  // Deliveries may be kept for longer than the ledger remembers: what was told then is told again, under ids of its own.
  if (ordinal === first && fresh.some(({ id }) => before.has(id))) {
    ordinal = telling.nonce
    fresh = addressed(release, ordinal, wanting)
  }
  const event = { ordinal, hooks: wanting.map(({ hookId }) => hookId) }
  const next = remembered(question, memory, verdict.news, event)
  if (next.scope !== memory.scope && next.scope !== undefined)
    ledger.write(scope, itself, next.scope, next.scope.forgetAt)
  ledger.write(scope, rollout, next.rollout, next.rollout.forgetAt)
  remember(event, asked)
  return { news: verdict.news, ordinal, fresh, known: [] }
}

interface Asked {
  readonly ledger: Ledger
  readonly telling: Telling
  readonly question: Question
  readonly memory: Memory
}

/** A hook that was added since still gets it; not one that wants only changes, which may have been passed over. */
function repeat(event: TellingEvent, asked: Asked): Told {
  const { ledger, question, memory, telling } = asked
  const told = telling.hooks.filter(({ hookId }) => event.hooks.includes(hookId))
  const added = telling.hooks.filter((hook) => wantsAll(hook) && !event.hooks.includes(hook.hookId))
  if (added.length > 0) {
    const wider = { ordinal: event.ordinal, hooks: [...event.hooks, ...added.map(({ hookId }) => hookId)] }
    if (event === memory.byKey || event === memory.byMoment) remember(wider, asked)
    else if (memory.rollout !== undefined) {
      const own = question.stage === 'released' ? { released: wider } : { resulted: wider }
      const { scope, rollout } = question
      const forgetAt = forgetAtOf(question)
      ledger.write(scope, rollout, { ...memory.rollout, ...own, forgetAt }, forgetAt)
    }
  }
  const { ordinal } = event
  return {
    news: 'repeated',
    ordinal,
    fresh: addressed(telling.release, ordinal, added),
    known: addressed(telling.release, ordinal, told),
  }
}

/** Its rows tell which hooks have had it. */
function repeatFormer(telling: Telling): Told {
  const fresh = telling.hooks.filter(wantsAll).map((hook) => ({ id: formerDeliveryId(telling, hook), hook }))
  return { news: 'repeated', ordinal: former, fresh, known: [] }
}

function addressed(release: Release, ordinal: Ordinal, hooks: readonly HookToTell[]): readonly Addressed[] {
  if (hooks.length === 0) return []
  const idOf = idsOf(idParts(release, ordinal))
  return hooks.map((hook) => ({ id: idOf(hook.hookId), hook }))
}

function wantsAll({ heard }: HookToTell): boolean {
  return heard === undefined
}

/** Under its key and its `at`, if it has them. */
function remember(event: TellingEvent, { ledger, question }: Asked): void {
  const { scope, at, idempotencyKey, now } = question
  if (idempotencyKey !== undefined) ledger.write(scope, keyOf(question), event, now + longMemoryMs)
  if (at !== undefined) ledger.write(scope, momentKeyOf(question), event, forgetAtOf(question))
}

function questionOf({ release, recordedAt, closesAfterMs, idempotencyKey, nonce }: Telling): Question {
  return {
    scope: scopeOf(release),
    rollout: rolloutOf(release),
    stage: stageOf(release),
    at: momentOf(release),
    idempotencyKey,
    hasDeployment: release.deployment !== undefined,
    now: recordedAt,
    closesAfterMs,
    nonce,
  }
}

function recall(ledger: Ledger, question: Question): Memory {
  const { scope, rollout, at, idempotencyKey, now } = question
  const byKey = idempotencyKey === undefined ? undefined : ledger.read(scope, keyOf(question), now)
  const byMoment = at === undefined ? undefined : ledger.read(scope, momentKeyOf(question), now)
  return {
    scope: ledger.read(scope, itself, now) as ScopeMemory | undefined,
    rollout: ledger.read(scope, rollout, now) as RolloutMemory | undefined,
    byKey: byKey as TellingEvent | undefined,
    byMoment: byMoment as TellingEvent | undefined,
  }
}

/** Whether a release of the version before is of this very rollout: it told no tenant and no deployment. */
export function isOfRollout(release: Release, recorded: Release): boolean {
  return scopeOf(release) === scopeOf(recorded) && rolloutOf(release) === rolloutOf(recorded)
}
