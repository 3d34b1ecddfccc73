import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** The acknowledgements that controllers have written so far. */
export class Acks {
  readonly path: string
  readonly #file: number
  readonly #ids = new Set<string>()
  readonly #numbers = new Map<string, Set<number>>()
  #offset = 0

  constructor(path: string) {
    this.path = path
    this.#file = openSync(path, 'a+')
  }

  /** Deliveries whose `dispatch()` resolved. */
  read(): ReadonlySet<string> {
    const added = Buffer.alloc(fstatSync(this.#file).size - this.#offset)
    readSync(this.#file, added, 0, added.length, this.#offset)
    const whole = added.lastIndexOf('\n') + 1 // the rest may still be on its way
    this.#offset += whole
    for (const line of added.toString('utf8', 0, whole).split('\n')) this.#readLine(line)
    return this.#ids
  }

  /** Which of an app's releases were acknowledged: the last one, and those before it that were not. */
  standing(app: string): { readonly last: number; readonly unacknowledged: readonly number[] } {
    this.read()
    const acknowledged = this.#numbers.get(app) ?? new Set()
    const last = [...acknowledged].reduce((one, other) => Math.max(one, other), 0)
    const all = Array.from({ length: last }, (_, index) => index + 1)
    return { last, unacknowledged: all.filter((number) => !acknowledged.has(number)) }
  }

  close(): void {
    closeSync(this.#file)
  }

  /** A kill may have cut the line short: what is whole in it counts. */
  #readLine(line: string): void {
    const [app = '', number = '', ...ids] = line.split(' ')
    for (const id of ids) if (/^dlv_[0-9a-f]{32}$/u.test(id)) this.#ids.add(id)
    if (ids.length > 0) this.#numbers.set(app, (this.#numbers.get(app) ?? new Set()).add(Number(number)))
  }
}
