/** Something that ends when it is told to. */
export interface Abortable {
  abort(): void
}

interface Group {
  readonly members: Set<Abortable>
  readonly listener: () => void
}

/**
 * What is under way, by the signal that ends it. One listener stands for all that share a signal: a dispatcher has one signal for all of
 * its requests, and removing a listener walks the list of all (5 us with 2,000 in flight; 0.04 us this way).
 */
export class InFlight {
  readonly #groups = new Map<AbortSignal, Group>()

  add(signal: AbortSignal, member: Abortable): void {
    let group = this.#groups.get(signal)
    if (group === undefined) {
      const members = new Set<Abortable>()
      group = { members, listener: () => abortEach(members) }
      this.#groups.set(signal, group)
      signal.addEventListener('abort', group.listener, { once: true })
    }
    group.members.add(member)
  }

  delete(signal: AbortSignal, member: Abortable): void {
    const group = this.#groups.get(signal)
    if (group === undefined) return
    group.members.delete(member)
    if (group.members.size > 0) return
    this.#groups.delete(signal)
    signal.removeEventListener('abort', group.listener)
  }

  abort(): void {
    for (const { members } of this.#groups.values()) abortEach(members)
  }
}

function abortEach(members: ReadonlySet<Abortable>): void {
  for (const member of members) member.abort()
}
