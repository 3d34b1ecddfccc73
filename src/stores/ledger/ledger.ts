import type { Release, Stage } from '../../release.ts'
import type { Delivery } from '../../delivery.ts'
import {
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
  deliveryIdOf,
  first,
  former,
  formerDeliveryId,
  idParts,
  isAgain,
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
 * What a store remembers of what was told, apart from the deliveries, which may be pruned. It gives nothing whose `forgetAt`, in epoch
 * milliseconds, has come. All of it is called within the transaction that records the deliveries.
 */
export interface Ledger {
  scope(scope: string, now: number): ScopeMemory | undefined
  /** One that is forgotten is so with all of its moments. */
  rollout(rollout: string, now: number): RolloutMemory | undefined
  byKey(scope: string, stage: Stage, idempotencyKey: string, now: number): TellingEvent | undefined
  /** Of a rollout that is remembered. */
  byMoment(rollout: string, stage: Stage, at: number): TellingEvent | undefined
  rememberScope(scope: string, memory: ScopeMemory, forgetAt: number): void
  rememberRollout(rollout: string, memory: RolloutMemory, forgetAt: number): void
  rememberKey(
    scope: string,
    stage: Stage,
    idempotencyKey: string,
    event: TellingEvent,
    forgetAt: number,
  ): void
  /** For as long as the rollout. */
  rememberMoment(rollout: string, stage: Stage, at: number, event: TellingEvent): void
  /** It was told to these, too: wherever it is remembered. */
  widen(scope: string, stage: Stage, event: TellingEvent, hooks: readonly string[]): void
  /** Called once for each telling: frees some of what is forgotten. */
  forgetSome(now: number): void
}

/** The deliveries beside it. */
export interface RecordedBefore {
  has(deliveryId: string): boolean
  /** The last one of a hook, of its group. */
  latest(hook: HookToTell): Delivery | undefined
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
interface Addressed {
  readonly id: string
  readonly hook: HookToTell
  /** As in a new delivery. */
  readonly again: boolean
}

/** Decides whether it is news, and remembers it. */
export function tell(ledger: Ledger, telling: Telling, before: RecordedBefore): Told {
  const { release, hooks, recordedAt } = telling
  const scope = scopeOf(release)
  const question = questionOf(telling, scope)
  const memory = recall(ledger, scope, question)
  const asked = { ledger, telling, scope, question, before }
  const verdict = judge(question, memory)
  ledger.forgetSome(recordedAt)
  if (verdict.news === 'repeated') return repeat(verdict.event, asked)
  if (before.counts(telling, memory)) return repeatFormer(telling, before)
  const hears = (hook: HookToTell): boolean =>
    verdict.news === 'told' && isChange(question, memory, before.latest(hook))
  const wanting = hooks.filter((hook) => wantsAll(hook) || hears(hook))
  let { ordinal } = verdict
  let fresh = addressed(release, ordinal, wanting)
  // Deliveries may be kept for longer than the ledger remembers: what was told then is told again, under ids of its own.
  if (ordinal === first && fresh.some(({ id }) => before.has(id))) {
    ordinal = telling.nonce
    fresh = addressed(release, ordinal, wanting)
  }
  const { rollout, at } = question
  const event = { ordinal, hooks: wanting.map(({ hookId }) => hookId), rollout, at }
  const forgetAt = forgetAtOf(question)
  const next = remembered(question, memory, verdict.news, event)
  if (next.scope !== memory.scope && next.scope !== undefined)
    ledger.rememberScope(scope, next.scope, forgetAt.scope)
  ledger.rememberRollout(rollout, next.rollout, forgetAt.rollout)
  remember(event, asked)
  return { news: verdict.news, ordinal, fresh, known: [] }
}

interface Asked {
  readonly ledger: Ledger
  readonly telling: Telling
  readonly scope: string
  readonly question: Question
  readonly before: RecordedBefore
}

/** A hook that was added since still gets it; not one that wants only changes, which may have been passed over. */
function repeat(event: TellingEvent, asked: Asked): Told {
  const { telling } = asked
  const { ordinal } = event
  const told = telling.hooks.filter(({ hookId }) => event.hooks.includes(hookId))
  const added = telling.hooks.filter((hook) => wantsAll(hook) && !event.hooks.includes(hook.hookId))
  if (added.length > 0) widen(event, added, asked)
  return {
    news: 'repeated',
    ordinal,
    fresh: apart(addressed(telling.release, ordinal, added), ordinal, asked),
    known: addressed(telling.release, ordinal, told),
  }
}

/** What stands under a first id, of hooks that were not told of this, is of another commit, or of what is forgotten. */
function apart(
  added: readonly Addressed[],
  ordinal: Ordinal,
  { telling: { release, nonce }, before }: Asked,
): readonly Addressed[] {
  if (ordinal !== first) return added
  return added.flatMap((each) => (before.has(each.id) ? addressed(release, nonce, [each.hook]) : [each]))
}

/** What it is known by is remembered for longer: the key, or the rollout. */
function widen(event: TellingEvent, added: readonly HookToTell[], { ledger, scope, question }: Asked): void {
  const { stage, rollout, idempotencyKey: key, now } = question
  const forgetAt = forgetAtOf(question)
  const hooks = added.map(({ hookId }) => hookId)
  ledger.widen(scope, stage, event, hooks)
  const known = key === undefined ? undefined : ledger.byKey(scope, stage, key, now)
  if (key !== undefined && known !== undefined) ledger.rememberKey(scope, stage, key, known, forgetAt.scope)
  const memory = key === undefined ? ledger.rollout(rollout, now) : undefined
  if (memory !== undefined) ledger.rememberRollout(rollout, memory, forgetAt.rollout)
}

/** Its rows tell which hooks have had it. */
function repeatFormer(telling: Telling, before: RecordedBefore): Told {
  const all = telling.hooks.map((hook) => ({ id: formerDeliveryId(telling, hook), hook, again: false }))
  const known = all.filter(({ id }) => before.has(id))
  const fresh = all.filter((each) => wantsAll(each.hook) && !known.includes(each))
  return { news: 'repeated', ordinal: former, fresh, known }
}

function addressed(release: Release, ordinal: Ordinal, hooks: readonly HookToTell[]): readonly Addressed[] {
  if (hooks.length === 0) return []
  const parts = idParts(release, ordinal)
  const again = isAgain(ordinal)
  return hooks.map((hook) => ({ id: deliveryIdOf(parts, hook.hookId), hook, again }))
}

function wantsAll({ onlyChanges }: HookToTell): boolean {
  return onlyChanges !== true
}

/** Under its key and its `at`, if it has them. */
function remember(event: TellingEvent, { ledger, scope, question }: Asked): void {
  const { rollout, stage, at, idempotencyKey } = question
  const forgetAt = forgetAtOf(question)
  if (idempotencyKey !== undefined) ledger.rememberKey(scope, stage, idempotencyKey, event, forgetAt.scope)
  if (at !== undefined) ledger.rememberMoment(rollout, stage, at, event)
}

function forgetAtOf({ now, hasDeployment, closesAfterMs }: Question): { scope: number; rollout: number } {
  const scope = now + longMemoryMs
  return { scope, rollout: hasDeployment ? scope : now + closesAfterMs }
}

function questionOf(
  { release, recordedAt, closesAfterMs, idempotencyKey, nonce }: Telling,
  scope: string,
): Question {
  return {
    rollout: rolloutOf(release, scope),
    stage: stageOf(release),
    at: momentOf(release),
    idempotencyKey,
    hasDeployment: release.deployment !== undefined,
    now: recordedAt,
    closesAfterMs,
    nonce,
  }
}

function recall(ledger: Ledger, scope: string, question: Question): Memory {
  const { rollout, stage, at, idempotencyKey: key, now } = question
  const memory = ledger.rollout(rollout, now)
  return {
    scope: ledger.scope(scope, now),
    rollout: memory,
    byKey: key === undefined ? undefined : ledger.byKey(scope, stage, key, now),
    byMoment: at === undefined || memory === undefined ? undefined : ledger.byMoment(rollout, stage, at),
  }
}

/** Whether a release of the version before is of this very rollout: it told no tenant and no deployment. */
export function isOfRollout(release: Release, recorded: Release): boolean {
  return rolloutOf(release) === rolloutOf(recorded)
}
