import { ConfigurationError } from '../errors.ts'
import type { Hooks } from '../hooks/registry.ts'
import type { Logger } from '../logger.ts'
import { parseRelease, type Release, type ReleaseInput } from '../release.ts'
import type { Telling } from '../stores/ledger/telling.ts'
import type { Recorded, Store, ToldResult, ToldWithin } from '../stores/store.ts'
import type { Transaction } from '../stores/transaction.ts'
import type { DispatchOptions } from './api.ts'
import type { Grouping } from './grouping.ts'
import { Nonces } from './nonces.ts'
import type { Recorder } from './recorder.ts'
import type { Superseding } from './superseding.ts'

export interface TellerOptions {
  readonly hooks: Hooks
  readonly store: Pick<Store, 'tellWithin'>
  readonly recorder: Pick<Recorder, 'tell'>
  readonly grouping: Grouping
  readonly superseding: Pick<Superseding, 'start'>
  readonly logger: Logger
  /** Milliseconds after its last event at which a rollout without a `deployment` closes. */
  readonly closesAfterMs: number
  readonly now: () => number
}

/** A release as it was completed, and what became of it. */
export interface Told extends ToldResult {
  readonly release: Release
  readonly isOver: ToldWithin['isOver'] | undefined
}

export interface TellOptions extends Pick<DispatchOptions, 'idempotencyKey' | 'signal' | 'transaction'> {
  /** Epoch milliseconds; absent: now. */
  readonly recordedAt?: number | undefined
}

/** Takes a release from what the caller gave to what is recorded of it for each hook that wants it, and says what may surprise. */
export class Teller {
  readonly #options: TellerOptions
  readonly #nonces = new Nonces()
  #hasWarnedOfNobody = false

  constructor(options: TellerOptions) {
    this.#options = options
  }

  /**
   * @throws {@link ReleaseError} `release_invalid`, what the store throws; for a `transaction` {@link ConfigurationError}
   * `transaction_unsupported`, `option_invalid`, or what its client throws
   */
  async tell(input: ReleaseInput, options: TellOptions): Promise<Told> {
    const { grouping, hooks, recorder, superseding } = this.#options
    const { idempotencyKey, signal, transaction, recordedAt } = options
    const release = parseRelease(input)
    signal?.throwIfAborted()
    const telling = this.#tellingOf(release, idempotencyKey, recordedAt)
    if (telling.hooks.length === 0) this.#warnOfNobody(release)
    const told: ToldResult & Partial<ToldWithin> =
      transaction === undefined ? await recorder.tell(telling) : await this.#tellWithin(telling, transaction)
    const { isUnsure, isOver, news, recorded: stored } = told
    // What is told in a transaction supersedes when it is due: before the commit nothing may.
    if (transaction === undefined && news === 'told' && grouping.isNeeded) superseding.start(stored)
    const recorded = hooks.former.recorded(stored)
    if (isUnsure === true) this.#warnOfUnsure(release)
    this.#warnOfRepeats(recorded, release)
    return { release, news, recorded, isOver }
  }

  async #tellWithin(telling: Telling, transaction: Transaction): Promise<ToldWithin> {
    const { store } = this.#options
    if (store.tellWithin === undefined) throw transactionUnsupported()
    return store.tellWithin(transaction, telling)
  }

  #tellingOf(release: Release, idempotencyKey: string | undefined, recordedAt: number | undefined): Telling {
    const { closesAfterMs, grouping, hooks, now } = this.#options
    return {
      release,
      hooks: hooks.wanting(release).map((hook) => grouping.toTell(hook, release)),
      recordedAt: recordedAt ?? now(),
      idempotencyKey,
      closesAfterMs,
      nonce: this.#nonces.next(),
    }
  }

  #warnOfUnsure({ app, version }: Release): void {
    const message =
      'Another transaction was telling of the same app for over 2 s: a release was told without knowing whether that tells it too'
    this.#options.logger.warn(message, { app, version })
  }

  #warnOfRepeats(recorded: readonly Recorded[], release: Release): void {
    if (recorded.every(({ fresh }) => fresh)) return
    const { logger } = this.#options
    const { app, version } = release
    for (const { fresh, delivery } of recorded) {
      if (fresh || delivery.state !== 'dead') continue
      const message =
        'A release was dispatched again whose delivery is dead: it is not sent again by itself. `dispatcher.replay(deliveryId)` does'
      logger.warn(message, { deliveryId: delivery.id, hookId: delivery.hookId, app, version })
    }
    const other = recorded.find(({ fresh, delivery }) => !fresh && !isSame(delivery.release, release))
    if (other === undefined) return
    const message =
      'A release was dispatched again with other facts: what was recorded first is sent. Give an `idempotencyKey` of its own to send both'
    logger.warn(message, { deliveryId: other.delivery.id })
  }

  /** Once: a platform may have hooks for some apps alone. */
  #warnOfNobody({ stage }: Release): void {
    const { hooks, logger } = this.#options
    if (this.#hasWarnedOfNobody) return
    this.#hasWarnedOfNobody = true
    const message =
      hooks.size === 0
        ? 'A release was dispatched, and there is no hook'
        : 'A release was dispatched that no hook wants, by its `apps`, `environments` and `after`'
    logger.warn(`${message}. It is remembered, and nothing is sent. This is said once`, {
      stage: stage ?? 'released',
    })
  }
}

function transactionUnsupported(): ConfigurationError {
  const message =
    'Expected none, since this store records in transactions of its own alone, got one: use `postgresStore` of `deploy-hooks/postgres`, in the database of the transaction.'
  return new ConfigurationError('transaction_unsupported', 'transaction', message)
}

function isSame(one: Release, other: Release): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
