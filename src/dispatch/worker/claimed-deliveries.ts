import type { Claim } from '../../stores/store.ts'

interface Held {
  readonly claim: Claim
  /** Epoch milliseconds until which nobody else is given it. */
  until: number
}

/**
 * What this process has claimed and not settled, by hook. It bounds memory: a hook whose receiver hangs fills its own share,
 * and what comes later stays in the store until there is room.
 */
export class Holdings {
  readonly #claims = new Map<string, Held>()
  readonly #held = new Map<string, number>()
  /** Hooks of which more may be due in the store than there was room for. */
  readonly #more = new Set<string>()
  readonly #mostHeld: (hookId: string) => number

  /** @param mostHeld deliveries of a hook that are held at most just now */
  constructor(mostHeld: (hookId: string) => number) {
    this.#mostHeld = mostHeld
  }

  get claims(): readonly Claim[] {
    return Array.from(this.#claims.values(), ({ claim }) => claim)
  }

  has(deliveryId: string): boolean {
    return this.#claims.has(deliveryId)
  }

  /** Whether anything of the hook is claimed, or in flight. */
  hasAny(hookId: string): boolean {
    return this.#held.has(hookId)
  }

  room(hookId: string): number {
    return Math.max(0, this.#mostHeld(hookId) - (this.#held.get(hookId) ?? 0))
  }

  /** Takes room for a delivery that will be claimed; not before those that wait in the store for theirs. */
  reserve(hookId: string): boolean {
    if (this.#more.has(hookId) || this.room(hookId) === 0) {
      this.#more.add(hookId)
      return false
    }
    this.#count(hookId, 1)
    return true
  }

  /** Gives reserved room back. */
  cancel(hookId: string): void {
    this.#count(hookId, -1)
  }

  /** The claim as it stands: it may have been claimed anew since. */
  current(claim: Claim): Claim {
    return this.#claims.get(claim.delivery.id)?.claim ?? claim
  }

  /** Whether it is certain that nobody else has claimed it. */
  isCertain({ delivery: { id }, token }: Claim, now: number): boolean {
    const held = this.#claims.get(id)
    return held !== undefined && held.claim.token === token && now < held.until
  }

  /** The claim has a lease until then; unless it is a past one. */
  setLease({ delivery: { id }, token }: Claim, until: number): void {
    const held = this.#claims.get(id)
    if (held?.claim.token === token) held.until = until
  }

  /** In room that was reserved. @param until when its lease ends */
  put(claim: Claim, until: number): void {
    this.#claims.set(claim.delivery.id, { claim, until })
  }

  /**
   * In room of its own.
   *
   * @param until when its lease ends
   * @returns false for one that is in hand already: it goes on under the new claim, or is started anew by {@link finish}
   */
  add(claim: Claim, until: number): boolean {
    const { id, hookId } = claim.delivery
    const isNew = !this.#claims.has(id)
    if (isNew) this.#count(hookId, 1)
    this.put(claim, until)
    return isNew
  }

  /** What was done under this claim is done: it is settled, handed back, or given up. */
  forget({ delivery: { id }, token }: Claim): void {
    if (this.#claims.get(id)?.claim.token === token) this.#claims.delete(id)
  }

  /**
   * Gives the delivery's room back.
   *
   * @returns the claim to go on with, and keeps the room, when it was settled and claimed again before that was heard
   */
  finish({ delivery: { id, hookId } }: Claim): Claim | undefined {
    const next = this.#claims.get(id)?.claim
    if (next === undefined) this.#count(hookId, -1)
    return next
  }

  /** Whether there is room for a good number of those that wait in the store. */
  hasRoomForMore(hookId: string): boolean {
    return this.#more.has(hookId) && this.room(hookId) * 2 >= Math.max(1, this.#mostHeld(hookId))
  }

  /** Remembers whether more of a hook may be due in the store. */
  expect(hookId: string, more: boolean): void {
    if (more) this.#more.add(hookId)
    else this.#more.delete(hookId)
  }

  expectsMore(hookId: string): boolean {
    return this.#more.has(hookId)
  }

  #count(hookId: string, change: number): void {
    const held = (this.#held.get(hookId) ?? 0) + change
    if (held > 0) this.#held.set(hookId, held)
    else this.#held.delete(hookId)
  }
}
