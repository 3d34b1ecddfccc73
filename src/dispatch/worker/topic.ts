/** What a part tells whoever stands above it, and whom it does not know. */
export class Topic<News extends readonly unknown[] = []> {
  readonly #listeners: ((...news: News) => void)[] = []

  /** @param listener does not throw */
  listen(listener: (...news: News) => void): void {
    this.#listeners.push(listener)
  }

  tell(...news: News): void {
    for (const listener of this.#listeners) listener(...news)
  }
}
