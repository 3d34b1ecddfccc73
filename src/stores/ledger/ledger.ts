import type { Release } from '../../release.ts'
import type { Delivery } from '../../delivery.ts'
import type { NewDelivery } from '../store.ts'
import {
  isChange,
  judge,
  remembered,
  type Memory,
  type Remembered,
  type TellingEvent,
  type Verdict,
} from './judge.ts'
import { newDeliveries } from './new-deliveries.ts'
import {
  deliveryIds,
  first,
  former,
  formerDeliveryId,
  momentOf,
  rolloutOf,
  type HookToTell,
  type Ordinal,
  type Telling,
} from './telling.ts'

/**
 * What a store remembers of what was told, apart from the deliveries, which may be pruned. It gives nothing that is forgotten by the
 * telling's time. All of it is called within the transaction that records the deliveries.
 *
 * @typeParam Known what it recalls, with whatever it wants to be given again
 */
export interface Ledger<Known extends Memory> {
  /** What concerns the telling. A rollout that is forgotten is so with all of its moments. */
  recall(telling: Telling): Known
  /** Of scope and rollout, and of the event under its key and its `at`, if it has them. */
  remember(telling: Telling, known: Known, told: Remembered): void
  /** What it recalled was told to these, too: wherever it is remembered. What the telling is known by, its key or its rollout, is remembered for longer. */
  widen(telling: Telling, known: Known, event: TellingEvent, hooks: readonly string[]): void
  /** Called once for each telling, before it is recalled: frees some of what is forgotten. */
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
  /** To be recorded. */
  readonly fresh: readonly NewDelivery[]
  /** Ids of deliveries that were recorded, and may have been pruned. */
  readonly known: readonly string[]
}

/** Decides whether it is news, and remembers it. */
export function tell<Known extends Memory>(
  ledger: Ledger<Known>,
  telling: Telling,
  before: RecordedBefore,
): Told {
  ledger.forgetSome(telling.recordedAt)
  const known = ledger.recall(telling)
  const verdict = judge(telling, known)
  if (verdict.news === 'repeated') return repeat(ledger, telling, known, verdict.event, before)
  if (before.counts(telling, known)) return repeatFormer(telling, before)
  const wanting = hearing(telling, known, verdict.news, before)
  const { news } = verdict
  const { ordinal, fresh } = recordedAs(telling, verdict, wanting, before)
  const event = { ordinal, hooks: wanting.map(({ hookId }) => hookId), at: momentOf(telling.release) }
  ledger.remember(telling, known, remembered(telling, known, news, event))
  return { news, fresh, known: [] }
}

/** Those that want all, and of those that want changes alone whoever hears of this. */
function hearing(
  telling: Telling,
  memory: Memory,
  news: 'told' | 'late',
  before: RecordedBefore,
): readonly HookToTell[] {
  if (telling.hooks.every(wantsAll)) return telling.hooks
  return telling.hooks.filter(
    (hook) => wantsAll(hook) || (news === 'told' && isChange(telling, memory, before.latest(hook))),
  )
}

/** Deliveries may be kept for longer than the ledger remembers: what was told then is told again, under ids of its own. */
function recordedAs(
  telling: Telling,
  { news, ordinal }: Extract<Verdict, { readonly ordinal: Ordinal }>,
  hooks: readonly HookToTell[],
  before: RecordedBefore,
): { readonly ordinal: Ordinal; readonly fresh: readonly NewDelivery[] } {
  const fresh = newDeliveries(telling, news, ordinal, hooks)
  if (ordinal !== first || !fresh.some(({ id }) => before.has(id))) return { ordinal, fresh }
  const { nonce } = telling
  return { ordinal: nonce, fresh: newDeliveries(telling, news, nonce, hooks) }
}

/** A hook that was added since still gets it; not one that wants only changes, which may have been passed over. */
function repeat<Known extends Memory>(
  ledger: Ledger<Known>,
  telling: Telling,
  known: Known,
  event: TellingEvent,
  before: RecordedBefore,
): Told {
  const { ordinal, hooks } = event
  const idOf = deliveryIds(telling.release, ordinal)
  const told = telling.hooks.filter(({ hookId }) => hooks.includes(hookId))
  const added = telling.hooks.filter((hook) => wantsAll(hook) && !hooks.includes(hook.hookId))
  if (added.length > 0)
    ledger.widen(
      telling,
      known,
      event,
      added.map(({ hookId }) => hookId),
    )
  return {
    news: 'repeated',
    fresh: apart(telling, newDeliveries(telling, 'repeated', ordinal, added), ordinal, before),
    known: told.map(({ hookId }) => idOf(hookId)),
  }
}

/** What stands under a first id, of hooks that were not told of this, is of another commit, or of what is forgotten. */
function apart(
  telling: Telling,
  added: readonly NewDelivery[],
  ordinal: Ordinal,
  before: RecordedBefore,
): readonly NewDelivery[] {
  if (ordinal !== first) return added
  const { hooks, nonce } = telling
  const standing = added.filter(({ id }) => before.has(id)).map(({ hookId }) => hookId)
  if (standing.length === 0) return added
  const own = newDeliveries(
    telling,
    'repeated',
    nonce,
    hooks.filter(({ hookId }) => standing.includes(hookId)),
  )
  const ownOf = new Map(own.map((each) => [each.hookId, each]))
  return added.map((each) => ownOf.get(each.hookId) ?? each)
}

/** Its rows tell which hooks have had it. */
function repeatFormer(telling: Telling, before: RecordedBefore): Told {
  const isKnown = (hook: HookToTell): boolean => before.has(formerDeliveryId(telling, hook))
  const known = telling.hooks.filter(isKnown)
  const added = telling.hooks.filter((hook) => wantsAll(hook) && !known.includes(hook))
  return {
    news: 'repeated',
    fresh: newDeliveries(telling, 'repeated', former, added),
    known: known.map((hook) => formerDeliveryId(telling, hook)),
  }
}

function wantsAll({ onlyChanges }: HookToTell): boolean {
  return onlyChanges !== true
}

/** Whether a release of the version before is of this very rollout: it told no tenant and no deployment. */
export function isOfRollout(release: Release, recorded: Release): boolean {
  return rolloutOf(release) === rolloutOf(recorded)
}
