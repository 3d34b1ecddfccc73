import type { Ledger } from './ledger.ts'

interface Entry {
  readonly memory: object
  readonly forgetAt: number
}

/** How often, in tellings, a scope is freed of what is forgotten, one after the other. */
const forgetEvery = 16

/**
 * A map for each scope: small ones are searched in a third of the time that one large one takes, and their keys are short. Two, since what is
 * remembered for equally long is forgotten in the order in which it was written.
 */
class Scope {
  readonly #short = new Map<string, Entry>()
  readonly #long = new Map<string, Entry>()

  get size(): number {
    return this.#short.size + this.#long.size
  }

  /** Of rollouts by commit, and moments of them; or of what is remembered for a month. */
  entriesFor(what: string): Map<string, Entry> {
    return what.startsWith('c') ? this.#short : this.#long
  }

  forget(now: number): void {
    for (const entries of [this.#short, this.#long]) {
      for (const [what, { forgetAt }] of entries) {
        if (forgetAt > now) break
        entries.delete(what)
      }
    }
  }
}

export class MemoryLedger implements Ledger {
  readonly #scopes = new Map<string, Scope>()
  #next = this.#scopes.entries()
  #tellings = 0

  /** Everything that it remembers, counted. */
  get size(): number {
    return Array.from(this.#scopes.values()).reduce((sum, { size }) => sum + size, 0)
  }

  read(scope: string, what: string, now: number): unknown {
    const entry = this.#scopes.get(scope)?.entriesFor(what).get(what)
    return entry !== undefined && entry.forgetAt > now ? entry.memory : undefined
  }

  write(scope: string, what: string, memory: object, forgetAt: number): void {
    const known = this.#scopes.get(scope) ?? new Scope()
    if (known.size === 0) this.#scopes.set(scope, known)
    const entries = known.entriesFor(what)
    entries.delete(what) // so that it is written last
    entries.set(what, { memory, forgetAt })
  }

  forgetSome(now: number): void {
    this.#tellings += 1
    if (this.#tellings % forgetEvery !== 0) return
    const { value: next, done } = this.#next.next()
    if (done === true) {
      this.#next = this.#scopes.entries()
      return
    }
    const [scope, memories] = next
    memories.forget(now)
    if (memories.size === 0) this.#scopes.delete(scope)
  }
}
