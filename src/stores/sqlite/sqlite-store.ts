import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { processWarnings } from '../../logger.ts'
import { checkFields, required, wholeNumber, type Fields } from '../../option-fields.ts'
import type { Telling } from '../ledger/telling.ts'
import { reads, recordsBy } from '../triggers/procedures.ts'
import type { TriggerRecords } from '../triggers/records.ts'
import type { Attempt, Delivery, Progress } from '../../delivery.ts'
import type {
  Claim,
  ClaimOptions,
  Count,
  DeliveryFilter,
  DueHooks,
  DueOptions,
  HookName,
  HookState,
  Moved,
  MoveOptions,
  NewDelivery,
  Page,
  PageOptions,
  Recorded,
  Store,
  ToldResult,
} from '../store.ts'
import { lastNames } from '../hook-names.ts'
import { ended, recorded, settled } from '../transition.ts'
import { openDatabase } from './database.ts'
import type { ClaimKey } from './engine.ts'
import { attemptValues, jsonOf, newValues, settledValues } from '../rows.ts'
import { warnOfReaders } from './privacy.ts'
import { StoreThread } from './thread.ts'

export interface SqliteStoreOptions {
  /** The file, made when it is not there; its folder must exist. SQLite keeps `-wal` and `-shm` beside it. */
  readonly path: string | URL
  /**
   * Delivered deliveries that are kept, and as many dead ones, with their attempts. The oldest are forgotten first, waiting
   * ones never. A kept delivery takes 1 to 2 KB, so the default bounds the file at some hundred MB.
   * @default 100_000
   */
  readonly keep?: number | undefined
}

/** Deliveries that `prune()` forgets in one transaction. */
const pruneAtOnce = 500

/**
 * Keeps deliveries in one SQLite file, by `node:sqlite`: no server, no package. What it resolved with survives `kill -9`
 * and the loss of power (WAL, `synchronous = FULL`). Several processes of one machine may share the file.
 *
 * The database has a thread of its own, so that no disk holds up the caller's event loop. Close the store after the
 * dispatchers that use it; one that is not closed loses nothing.
 *
 * @throws {@link StoreError} `store_unavailable`, `store_read_only`, `store_foreign`, `store_newer`, `store_corrupt`,
 * `store_full`, `store_io`, `store_busy`; methods reject with the same, and with `store_closed`.
 * {@link ConfigurationError} `option_invalid`
 * @example
 * import { sqliteStore } from 'deploy-hooks/sqlite'
 *
 * await using store = sqliteStore({ path: '/var/lib/platform/deploy-hooks.db' })
 * await using dispatcher = createDispatcher({ hooks, secret, store })
 */
export function sqliteStore(options: SqliteStoreOptions): Store & AsyncDisposable {
  checkFields(options, fields, { of: 'sqliteStore()' })
  return new SqliteStore(fileOf(options.path), options.keep ?? 100_000)
}

const fields: Fields = {
  path: required({
    expected: 'the path of a file, as a string or a file: URL',
    advice: 'name the file; what should not outlive the process has `memoryStore()`',
    is: (path) =>
      path instanceof URL
        ? path.protocol === 'file:'
        : typeof path === 'string' && path !== '' && path !== ':memory:',
  }),
  keep: wholeNumber(0),
}

function fileOf(path: string | URL): string {
  return path instanceof URL ? fileURLToPath(path) : resolve(path)
}

class SqliteStore implements Store, AsyncDisposable {
  readonly durable = true
  readonly triggers: TriggerRecords
  readonly #thread: StoreThread
  /** By token, what was marked since the claim was given: its delivery does not show it. Gone with the claim. */
  readonly #marked = new Map<number, Progress>()

  constructor(path: string, keep: number) {
    openDatabase(path).close() // here, so that what is wrong with the file is thrown here
    const file = realpathSync(path) // one folder for all locks, also through a link
    warnOfReaders(file, processWarnings)
    this.#thread = new StoreThread({ path: file, keep })
    this.triggers = recordsBy(
      async (name, args) =>
        (await this.#thread.call(reads.has(name) ? 'readTriggers' : 'changeTriggers', name, args)) as never,
    )
  }

  async record(deliveries: readonly NewDelivery[], until: number): Promise<readonly Recorded[]> {
    const results = await this.#thread.call('record', newValues(deliveries), until)
    return deliveries.map((given, index) => {
      const result = results[index] ?? 0
      if (typeof result === 'object') return { delivery: result, fresh: false }
      const delivery = recorded(given)
      return result === 0 ? { delivery, fresh: true } : { delivery, fresh: true, token: result }
    })
  }

  async tell(telling: Telling, until: number): Promise<ToldResult> {
    const { news, known, fresh } = await this.#thread.call('tell', JSON.stringify(telling), until)
    const { release, recordedAt } = telling
    return {
      news,
      recorded: [
        ...known.map((delivery) => ({ delivery, fresh: false })),
        ...fresh.map(([id, hookId, dueAt, token, again]) => {
          const delivery = recorded({ id, hookId, release, recordedAt, dueAt: dueAt ?? undefined, again })
          return token === 0 ? { delivery, fresh: true } : { delivery, fresh: true, token }
        }),
      ],
    }
  }

  claim(options: ClaimOptions): Promise<readonly Claim[]> {
    return this.#thread.call('claim', options)
  }

  async renew(claims: readonly Claim[], until: number): Promise<readonly boolean[]> {
    const held = await this.#thread.call('renew', claims.map(keyOf), until)
    for (const [index, { token }] of claims.entries()) if (held[index] !== true) this.#marked.delete(token)
    return held
  }

  async release(claims: readonly Claim[], dueAt?: number): Promise<void> {
    await this.#thread.call('release', claims.map(keyOf), dueAt)
    for (const { token } of claims) this.#marked.delete(token)
  }

  async mark(claim: Claim, progress: Progress): Promise<boolean> {
    const isHeld = await this.#thread.call('mark', keyOf(claim), jsonOf(progress))
    if (isHeld) this.#marked.set(claim.token, progress)
    return isHeld
  }

  async settle(claim: Claim, attempt: Attempt): Promise<Delivery | undefined> {
    const progress = this.#marked.get(claim.token)
    const delivery = progress === undefined ? claim.delivery : { ...claim.delivery, progress }
    return this.#settle(claim, settled(delivery, attempt), attempt)
  }

  async end(claim: Claim, outcome: Parameters<Store['end']>[1], now: number): Promise<Delivery | undefined> {
    return this.#settle(claim, ended(claim.delivery, outcome, now))
  }

  async #settle(claim: Claim, next: Delivery, attempt?: Attempt): Promise<Delivery | undefined> {
    const tried = attempt === undefined ? undefined : attemptValues(attempt)
    const isHeld = await this.#thread.call('settle', keyOf(claim), settledValues(next), tried)
    this.#marked.delete(claim.token)
    return isHeld ? next : undefined
  }

  reschedule(due: Parameters<Store['reschedule']>[0]): Promise<readonly boolean[]> {
    return this.#thread.call('reschedule', due)
  }

  due(options: DueOptions): Promise<DueHooks> {
    return this.#thread.call('due', options)
  }

  get(ids: readonly string[]): Promise<readonly (Delivery | undefined)[]> {
    return this.#thread.call('get', ids)
  }

  /** The thread looks at some rows at a time, and serves others in between, until there is something to give. */
  async list(filter: DeliveryFilter, page: PageOptions): Promise<Page> {
    let found = await this.#thread.call('list', filter, page)
    while (found.deliveries.length === 0 && found.next !== undefined)
      found = await this.#thread.call('list', filter, { ...page, cursor: found.next })
    return found
  }

  latest(hookId: string, group: string, limit: number): Promise<readonly Delivery[]> {
    return this.#thread.call('latest', hookId, group, limit)
  }

  attempts(deliveryId: string): Promise<readonly Attempt[]> {
    return this.#thread.call('attempts', deliveryId)
  }

  counts(): Promise<readonly Count[]> {
    return this.#thread.call('counts')
  }

  async prune(olderThan: number): Promise<number> {
    let pruned = 0
    let last: number
    do {
      last = await this.#thread.call('prune', olderThan, pruneAtOnce)
      pruned += last
    } while (last === pruneAtOnce)
    return pruned
  }

  setHookStates(states: readonly HookState[]): Promise<void> {
    return this.#thread.call('setHookStates', states)
  }

  hookStates(): Promise<readonly HookState[]> {
    return this.#thread.call('hookStates')
  }

  async nameHooks(names: readonly HookName[]): Promise<void> {
    if (names.length === 0) return
    const values = Array.from(lastNames(names).values(), ({ hookId, shown, target, since }) => [
      hookId,
      shown,
      target,
      since,
    ])
    await this.#thread.call('nameHooks', JSON.stringify(values))
  }

  hookNames(ids?: readonly string[]): Promise<readonly HookName[]> {
    return this.#thread.call('hookNames', ids)
  }

  moveHooks(ids: ReadonlyMap<string, string>, options: MoveOptions): Promise<Moved> {
    return this.#thread.call('moveHooks', ids, options)
  }

  close(): Promise<void> {
    return this.#thread.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function keyOf({ delivery, token }: Claim): ClaimKey {
  return [delivery.id, token]
}
