import type { Term } from './execution.ts'

/** Of hooks for which no store says that somebody else has them; what two processes claim of one, its leases keep apart. */
export const always: Term = { holds: true, stays: true }

/** What decides whether a term goes on. */
export interface Owner {
  isOurs(hookId: string): boolean
  keeps(hookId: string): boolean
}

/** A term ends when the hook is lost or yielded, and for good: when it comes back, another one begins. */
class OwnTerm implements Term {
  readonly #owner: Owner
  readonly #hookId: string
  isOver = false

  constructor(owner: Owner, hookId: string) {
    this.#owner = owner
    this.#hookId = hookId
  }

  get holds(): boolean {
    return !this.isOver && this.#owner.isOurs(this.#hookId)
  }

  get stays(): boolean {
    return !this.isOver && this.#owner.keeps(this.#hookId)
  }
}

/** The term of each hook that this process has, or may be about to have. */
export class Terms {
  readonly #owner: Owner
  readonly #terms = new Map<string, OwnTerm>()

  constructor(owner: Owner) {
    this.#owner = owner
  }

  of(hookId: string): Term {
    let term = this.#terms.get(hookId)
    if (term === undefined) {
      term = new OwnTerm(this.#owner, hookId)
      this.#terms.set(hookId, term)
    }
    return term
  }

  end(hookId: string): void {
    const term = this.#terms.get(hookId)
    if (term !== undefined) term.isOver = true
    this.#terms.delete(hookId)
  }
}
