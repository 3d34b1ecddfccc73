import { appendFileSync, closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** What a platform was asked to start, and what it said to that. A line of its log, which outlives its processes. */
export interface LogLine {
  /** Epoch milliseconds. */
  readonly at: number
  /** Of the process. */
  readonly life: number
  /** `begun`: `onTrigger` was called. `given`: it has started it, and says so. `threw`: it has not. */
  readonly what: 'begun' | 'given' | 'threw'
  readonly deploymentId: string
  readonly callId: string
  /** Whether what it gave runs on, until its end is told. */
  readonly runs?: boolean
  /** Deployments that it takes the place of. */
  readonly cancels?: readonly string[]
}

/** One write a line: what was written outlives a kill, and no two processes' lines mix. */
export function writeLine(path: string, line: LogLine): void {
  appendFileSync(path, `${JSON.stringify(line)}\n`)
}

/** Reads a log that others write. */
export class PlatformLog {
  readonly path: string
  readonly #file: number
  readonly #lines: LogLine[] = []
  #offset = 0

  constructor(path: string) {
    this.path = path
    this.#file = openSync(path, 'a+')
  }

  /** All lines so far, in the order of their writing. */
  read(): readonly LogLine[] {
    const added = Buffer.alloc(fstatSync(this.#file).size - this.#offset)
    readSync(this.#file, added, 0, added.length, this.#offset)
    const whole = added.lastIndexOf('\n') + 1
    this.#offset += whole
    for (const line of added.toString('utf8', 0, whole).split('\n'))
      if (line !== '') this.#lines.push(JSON.parse(line) as LogLine)
    return this.#lines
  }

  close(): void {
    closeSync(this.#file)
  }
}
