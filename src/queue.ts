/** First in, first out, in O(1) at any length: an array's own `shift` moves all that is behind. */
export class Queue<Item> {
  #items: Item[] = []
  #head = 0

  get size(): number {
    return this.#items.length - this.#head
  }

  *[Symbol.iterator](): Iterator<Item> {
    for (let index = this.#head; index < this.#items.length; index += 1) yield this.#items[index] as Item
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  shift(): Item | undefined {
    if (this.size === 0) return undefined
    const item = this.#items[this.#head]
    this.#head += 1
    if (this.#head * 2 > this.#items.length) this.filter(() => true)
    return item
  }

  /** Keeps the items that pass, in their order. @returns how many did not */
  filter(passes: (item: Item) => boolean): number {
    const before = this.size
    this.#items = this.#items.slice(this.#head).filter(passes)
    this.#head = 0
    return before - this.size
  }
}
