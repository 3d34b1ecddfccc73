/** What may be forgotten while a log still has it. */
interface Forgettable {
  readonly forgotten?: boolean
}

/** Rows in the order of recording, and some forgotten ones: they are dropped when they are half of all, so that forgetting is O(1). */
export class RowLog<Row extends Forgettable> {
  #rows: Row[]
  #forgotten = 0

  constructor(rows: readonly Row[] = []) {
    this.#rows = [...rows]
  }

  /** Forgotten ones among them. */
  get rows(): readonly Row[] {
    return this.#rows
  }

  push(row: Row): void {
    this.#rows.push(row)
  }

  /** Counts one of the rows that was forgotten. */
  forget(): void {
    this.#forgotten += 1
    if (this.#forgotten * 2 <= this.#rows.length) return
    this.#rows = this.#rows.filter(({ forgotten }) => forgotten !== true)
    this.#forgotten = 0
  }
}
