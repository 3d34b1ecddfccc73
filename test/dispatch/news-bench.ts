import {
  createDispatcher,
  type Dispatch,
  type Dispatcher,
  type Store,
  type Transaction,
} from '../../src/index.ts'
import { attemptOf, dead, delivered } from '../../src/testing/store/samples.ts'
import { answer, fakeTransport } from './fake-transport.ts'
import { newLog, type Log } from './log.ts'
import type { NewsPlace } from './news-places.ts'
import { hooks, type Facts } from './news-steps.ts'

const nobodyClaimsForMs = 1

/** A process that dispatches to one store, at a time that is given. What it records is sent when it is asked to. */
export class NewsBench {
  readonly log: Log = newLog()
  readonly store: Store
  now: number
  /** By the hooks that each has. They only record. */
  readonly #dispatchers = new Map<string, Dispatcher>()

  constructor(place: NewsPlace, now: number) {
    this.store = place.open()
    this.now = now
  }

  /** @param call tells what this very dispatch sends */
  async dispatch(
    { at, key, ...facts }: Facts,
    {
      there,
      call,
      transaction,
    }: { there: ReadonlySet<number>; call: string; transaction?: Transaction | undefined },
  ): Promise<Dispatch> {
    const time = at === undefined ? undefined : new Date(at)
    const release = { ...facts, user: call, at: time }
    return this.dispatcher(there).dispatch(release, { idempotencyKey: key, transaction })
  }

  /** Sends what waits. @returns ids of the hooks that it was for, by what dispatched it */
  async send(arrives: boolean): Promise<ReadonlyMap<string, readonly string[]>> {
    const sent = new Map<string, string[]>()
    const until = this.now + nobodyClaimsForMs
    const claims = await this.store.claim({
      hooks: new Map(hooks.map(({ id }) => [id, 99])),
      now: this.now,
      until,
    })
    for (const claim of claims) {
      const { release, hookId } = claim.delivery
      sent.set(release.user, [...(sent.get(release.user) ?? []), hookId].toSorted())
      const attempt = attemptOf(claim, arrives ? delivered : dead, { startedAt: this.now, endedAt: this.now })
      await this.store.settle(claim, attempt)
    }
    return sent
  }

  async prune(): Promise<void> {
    await this.store.prune(this.now + 1)
  }

  async close(): Promise<void> {
    for (const dispatcher of this.#dispatchers.values()) await dispatcher.close({ deadlineMs: 0 })
  }

  /** Of these hooks, by their places in the list. */
  dispatcher(there: ReadonlySet<number>): Dispatcher {
    const name = [...there].toSorted((one, other) => (one < other ? -1 : 1)).join(' ')
    const known = this.#dispatchers.get(name)
    if (known !== undefined) return known
    const dispatcher = createDispatcher({
      hooks: hooks
        .filter((_, index) => there.has(index))
        .map((hook) => ({ ...hook, url: `http://${hook.id}.example/` })),
      store: this.store,
      workers: false,
      transport: fakeTransport(() => answer(204)),
      logger: this.log,
      now: () => this.now,
    })
    this.#dispatchers.set(name, dispatcher)
    return dispatcher
  }
}
