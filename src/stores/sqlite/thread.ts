import { setImmediate } from 'node:timers'
import { Worker } from 'node:worker_threads'
import { StoreError } from '../../errors.ts'
import { processWarnings } from '../../logger.ts'
import { textOfError } from '../../shown-text.ts'
import { storeError } from './faults.ts'
import { InProcess, type Port } from './in-process.ts'
import type { Call, Name, Operations, Replies, ThreadOptions } from './protocol.ts'

interface Pending {
  readonly call: Call
  readonly resolve: (value: never) => void
  readonly reject: (error: StoreError) => void
}

/**
 * The store's thread, seen from the caller's: group commit. One batch is on its way at a time; what is called meanwhile makes
 * the next one. So the calls of one turn of the event loop are one transaction, and the slower the disk, the larger the groups.
 */
export class StoreThread {
  readonly #options: ThreadOptions
  #worker: Port | undefined
  /** It runs: what it was asked may have happened. */
  #isReady = false
  #waiting: Pending[] = []
  #sent: Pending[] = []
  #scheduled = false
  #closed: Promise<void> | undefined

  constructor(options: ThreadOptions) {
    this.#options = options
  }

  call<Called extends Name>(
    name: Called,
    ...args: Parameters<Operations[Called]>
  ): Promise<ReturnType<Operations[Called]>> {
    if (this.#closed !== undefined) return Promise.reject(new StoreError('store_closed', closedMessage))
    return this.#enqueue([name, ...args] as unknown as Call)
  }

  /** After what was called before. */
  close(): Promise<void> {
    const isUnused = this.#worker === undefined && this.#waiting.length === 0
    this.#closed ??= isUnused ? Promise.resolve() : this.#end()
    return this.#closed
  }

  async #end(): Promise<void> {
    try {
      await this.#enqueue(['close'])
    } finally {
      await this.#worker?.terminate()
    }
  }

  #enqueue<Value>(call: Call): Promise<Value> {
    const { promise, resolve, reject } = Promise.withResolvers<Value>()
    this.#waiting.push({ call, resolve, reject })
    if (!this.#scheduled && this.#sent.length === 0) {
      this.#scheduled = true
      setImmediate(() => this.#send())
    }
    return promise
  }

  #send(): void {
    this.#scheduled = false
    const worker = this.#running()
    this.#sent = this.#waiting
    this.#waiting = []
    worker.ref() // what was promised keeps the process alive
    try {
      this.#post(worker)
    } catch {
      this.#sent = this.#sent.filter((each) => this.#crosses(each))
      if (this.#sent.length > 0) this.#post(worker)
      else worker.unref()
    }
  }

  #post(worker: Port): void {
    worker.postMessage(this.#sent.map(({ call }) => call))
  }

  /** What cannot be copied into the thread fails alone. */
  #crosses({ call, reject }: Pending): boolean {
    try {
      structuredClone(call)
      return true
    } catch {
      // What is wrong with it quotes it, and is not told.
      const message = `${this.#options.path}: Expected values that can be copied into the store's thread, got some that are functions, or nested too deep.`
      reject(new StoreError('store_failed', message))
      return false
    }
  }

  #running(): Port {
    this.#worker ??= this.#start() ?? this.#startHere()
    return this.#worker
  }

  /** @returns undefined where nothing tells what file this is: in a bundle that is CommonJS */
  #start(): Port | undefined {
    if (!URL.canParse(import.meta.url)) return undefined
    this.#isReady = false
    const worker = new Worker(workerUrl(), {
      name: 'deploy-hooks sqlite',
      execArgv: [], // the process's own may be for its entry alone: `--input-type` ends a worker at once
      workerData: this.#options,
    })
    worker.on('message', (message: Replies | 'ready') => {
      if (message === 'ready') this.#isReady = true
      else this.#receive(message)
    })
    worker.on('error', (error) => this.#lose(worker, error))
    worker.on('exit', () => this.#lose(worker, new Error('it ended')))
    return worker
  }

  /** @param error what became of the thread */
  #startHere(error?: Error): Port {
    warnOfBundle(error)
    return new InProcess(this.#options, (replies) => this.#receive(replies))
  }

  #receive(replies: Replies): void {
    const answered = this.#sent
    this.#sent = []
    for (const [index, { resolve, reject }] of answered.entries()) {
      const reply = replies[index]
      if (reply !== undefined && 'value' in reply) resolve(reply.value as never)
      else reject(storeError(reply?.fault ?? { code: 'store_failed', message: 'Expected a reply, got none' }))
    }
    if (this.#waiting.length > 0) this.#send()
    else this.#worker?.unref()
  }

  /** What the thread had not answered may or may not have happened. The next call starts another one. */
  #lose(worker: Port, error: Error): void {
    if (this.#worker !== worker) return // it was lost before, and another one may run
    this.#worker = undefined
    if (!this.#isReady) {
      // It never ran: the bundle that this is in has no file for it, or not as it was. Nothing has happened yet.
      this.#worker = this.#startHere(error)
      this.#worker.postMessage(this.#sent.map(({ call }) => call))
      return
    }
    const message = `${this.#options.path}: Expected an answer of the store's thread, which was lost: ${error.message}. What was asked for may have happened. Ask again: another thread answers.`
    for (const { reject } of [...this.#sent, ...this.#waiting])
      reject(new StoreError('store_failed', message))
    this.#sent = []
    this.#waiting = []
  }
}

/**
 * Beside this file, as .js in the built package and as .ts where the sources run as they are. It has a name that nothing else beside a bundle
 * has; and that is not spelled out, since what webpack makes of a worker in a module for Node.js does not run.
 */
function workerUrl(): URL {
  const { url } = import.meta
  const extension = url.slice(url.lastIndexOf('.'))
  return new URL(`${url.slice(0, url.lastIndexOf('/'))}/deploy-hooks-sqlite-worker${extension}`)
}

let hasWarned = false

function warnOfBundle(error: Error | undefined): void {
  if (hasWarned) return
  hasWarned = true
  processWarnings.warn(
    "The SQLite store could not start its thread, as in a bundle that has no file for it: it works, in the thread of its caller, which each write stops for a sync of the disk. Keep 'deploy-hooks' out of the bundle (`external`) to have it run in a thread of its own",
    error === undefined ? undefined : { error: textOfError(error) },
  )
}

const closedMessage = 'The store is closed. Close the dispatchers that use it first, or create another one.'
