interface Due {
  readonly id: string
  readonly at: number
}

/** A binary min-heap of ids by time: push and pop in O(log n), at any number of waiting deliveries. */
export class DueHeap {
  readonly #items: Due[] = []

  get next(): Due | undefined {
    return this.#items[0]
  }

  push(item: Due): void {
    const items = this.#items
    let index = items.length
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = items[parent] as Due
      if (above.at <= item.at) break
      items[index] = above
      index = parent
    }
    items[index] = item
  }

  pop(): Due | undefined {
    const items = this.#items
    const first = items[0]
    const last = items.pop()
    if (last !== undefined && items.length > 0) this.#sink(last)
    return first
  }

  #sink(item: Due): void {
    const items = this.#items
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= items.length) break
      if (child + 1 < items.length && (items[child + 1] as Due).at < (items[child] as Due).at) child += 1
      const below = items[child] as Due
      if (item.at <= below.at) break
      items[index] = below
      index = child
    }
    items[index] = item
  }
}
