import { soughtFor } from './sought.ts'
import { Starts } from './starts.ts'

/**
 * Texts that must not be kept, however an answer spells them. What is looked for is made when it is needed: most hooks hear of no answer for
 * days.
 */
export class Sensitive {
  /** They are made for each request, and seldom echoed. */
  readonly areSignatures: boolean
  readonly #texts: () => readonly string[]
  #starts: Starts | undefined

  constructor(texts: () => readonly string[], areSignatures: boolean) {
    this.#texts = texts
    this.areSignatures = areSignatures
  }

  get starts(): Starts {
    this.#starts ??= new Starts(soughtFor(this.#texts()))
    return this.#starts
  }
}
