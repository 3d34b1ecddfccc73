import type { FirstOfHook } from '../due-hooks.ts'
import { DueHeap } from './due-heap.ts'
import type { MemoryRows, Row } from './rows.ts'

/** Which of the rows wait, for whom and until when, and which are leased. */
export class MemoryClaims {
  readonly #rows: Pick<MemoryRows, 'get'>
  /**
   * Waiting, by hook. An entry counts while its row is unleased and due at that time: whatever changes a row leaves old
   * entries behind, to be passed over.
   */
  readonly #due = new Map<string, DueHeap>()
  readonly #leased = new Map<string, Row>()
  /** Of the last claim of any delivery: one that is recorded anew gets no token again that it had before. */
  #token = 0
  /** No lease ends before this time. */
  #leasesEnd = Infinity

  constructor(rows: Pick<MemoryRows, 'get'>) {
    this.#rows = rows
  }

  /** Leases it. @returns the token */
  grant(row: Row, until: number): number {
    this.#token += 1
    row.token = this.#token
    this.hold(row, until)
    return this.#token
  }

  hold(row: Row, until: number): void {
    row.leasedUntil = until
    this.#leased.set(row.delivery.id, row)
    this.#leasesEnd = Math.min(this.#leasesEnd, until)
  }

  /** Ends the claim: whoever comes next may claim it when it is due. */
  handBack(row: Row): void {
    row.token = undefined
    this.wait(row)
  }

  handBackAll(): void {
    for (const row of this.#leased.values()) this.handBack(row)
  }

  /** Ends the claim of what became final. */
  drop(row: Row): void {
    row.token = undefined
    this.#unlease(row)
  }

  /** It is claimable when it is due. */
  wait(row: Row): void {
    this.#unlease(row)
    const { id, hookId, dueAt = 0 } = row.delivery
    this.#heapOf(hookId).push({ id, at: dueAt })
  }

  /** Makes what was leased until now claimable again. Looks at all leases only when one may have ended. */
  endLeases(now: number): void {
    if (this.#leasesEnd > now) return
    this.#leasesEnd = Infinity
    for (const row of this.#leased.values()) {
      const { leasedUntil = 0 } = row
      if (leasedUntil <= now) this.wait(row)
      else this.#leasesEnd = Math.min(this.#leasesEnd, leasedUntil)
    }
  }

  /** The hook's first row that is due, which waits no longer. */
  takeDue(hook: string, now: number): Row | undefined {
    const next = this.#nextDue(hook)
    if (next === undefined || next.at > now) return undefined
    this.#due.get(hook)?.pop()
    return this.#rows.get(next.id)
  }

  /** Of every hook that something waits for; of those with leases more than one. */
  *firsts(): Iterable<FirstOfHook> {
    for (const hookId of this.#due.keys()) {
      const next = this.#nextDue(hookId)
      if (next === undefined) this.#due.delete(hookId)
      else yield { hookId, at: next.at }
    }
    for (const { delivery, leasedUntil = Infinity } of this.#leased.values())
      yield { hookId: delivery.hookId, at: leasedUntil }
  }

  #unlease(row: Row): void {
    row.leasedUntil = undefined
    this.#leased.delete(row.delivery.id)
  }

  #heapOf(hook: string): DueHeap {
    const known = this.#due.get(hook)
    if (known !== undefined) return known
    const heap = new DueHeap()
    this.#due.set(hook, heap)
    return heap
  }

  /** The first entry of the hook's heap that counts. */
  #nextDue(hook: string): DueHeap['next'] {
    const due = this.#due.get(hook)
    for (let next = due?.next; next !== undefined; next = due?.next) {
      const row = this.#rows.get(next.id)
      if (row?.delivery.dueAt === next.at && row.delivery.hookId === hook && row.leasedUntil === undefined)
        return next
      due?.pop()
    }
    return undefined
  }
}
