import { soughtFor } from './sought.ts'
import { Starts } from './starts.ts'

/**
 * Texts that must not be kept, however an answer spells them. What is looked for is made when it is needed: most hooks hear of no answer for
 * days.
 */
export class Sensitive {
  /** Whether one of them may be in a text, whole, at a glance. */
  readonly mayStandIn: (text: string) => boolean
  readonly #texts: () => readonly string[]
  #starts: Starts | undefined

  constructor(texts: () => readonly string[], mayStandIn: (text: string) => boolean = () => true) {
    this.#texts = texts
    this.mayStandIn = mayStandIn
  }

  get starts(): Starts {
    this.#starts ??= new Starts(soughtFor(this.#texts()))
    return this.#starts
  }
}
