import { openDatabase } from './database.ts'
import { Engine } from './engine.ts'
import { faultOf } from './faults.ts'
import { isWrite, type Batch, type Call, type Replies, type Reply, type ThreadOptions } from './protocol.ts'

/** Answers what the store is asked, one batch after the other, in whatever thread it is. */
export class Answers {
  readonly #options: ThreadOptions
  #opened: Engine | undefined

  constructor(options: ThreadOptions) {
    this.#options = options
  }

  /** Writes of a batch are one transaction; reads come after it, so that they see it and do not fail with it. */
  to(batch: Batch): Replies {
    const replies = new Map<Call, Reply>()
    const writes = batch.filter((call) => isWrite(call))
    if (writes.length > 0) {
      const reply = this.#attempt(() =>
        this.#engine().transaction(() => writes.map((call) => this.#perform(call))),
      )
      for (const [index, call] of writes.entries()) {
        replies.set(call, 'fault' in reply ? reply : { value: (reply.value as unknown[])[index] })
      }
    }
    return batch.map((call) => replies.get(call) ?? this.#attempt(() => this.#perform(call)))
  }

  /** Opens again after a fault: its cause may be gone. */
  #engine(): Engine {
    this.#opened ??= this.#open()
    return this.#opened
  }

  #open(): Engine {
    const { path, keep } = this.#options
    const db = openDatabase(path)
    try {
      return new Engine(db, path, keep)
    } catch (error) {
      db.close()
      throw error
    }
  }

  #attempt(work: () => unknown): Reply {
    try {
      return { value: work() }
    } catch (error) {
      return { fault: faultOf(error, this.#options.path) }
    }
  }

  #perform([name, ...args]: Call): unknown {
    if (name === 'close') return this.#opened?.close()
    const target = name === 'list' ? this.#engine().pages : this.#engine()
    return (target as unknown as Record<string, (...given: unknown[]) => unknown>)[name]?.(...args)
  }
}
