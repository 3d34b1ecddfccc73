import { setImmediate } from 'node:timers'
import { Answers } from './answers.ts'
import type { Batch, Replies, ThreadOptions } from './protocol.ts'

/** Whoever answers: a thread, or this process itself. */
export interface Port {
  postMessage(batch: Batch): void
  /** It keeps the process alive. */
  ref(): void
  unref(): void
  terminate(): unknown
}

/**
 * Stands in for the thread where its file is not: in a bundle. It answers in the thread of its caller, which each write then stops for a sync of the
 * disk.
 */
export class InProcess implements Port {
  readonly #answers: Answers
  readonly #onReplies: (replies: Replies) => void

  constructor(options: ThreadOptions, onReplies: (replies: Replies) => void) {
    this.#answers = new Answers(options)
    this.#onReplies = onReplies
  }

  postMessage(batch: Batch): void {
    setImmediate(() => this.#onReplies(this.#answers.to(batch)))
  }

  /** What is waited for is an immediate, which does. */
  ref(): void {}
  unref(): void {}
  terminate(): void {}
}
