import { randomBytes } from 'node:crypto'

/** Texts that no other process and no other call gives. Random once, since that costs more than all else of a dispatch. */
export class Nonces {
  readonly #own = randomBytes(12).toString('base64url')
  #count = 0

  next(): string {
    this.#count += 1
    return `${this.#own}.${this.#count}`
  }
}
