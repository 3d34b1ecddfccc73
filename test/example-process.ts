import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** An example in a process of its own: `await using` ends it. */
export interface ExampleProcess extends AsyncDisposable {
  /** What it printed so far, on both streams. */
  readonly output: string
  /** The first line that matches, printed already or yet to come. Rejects when the process ends without one. */
  line(pattern: RegExp): Promise<RegExpExecArray>
  /** Its exit code, when it has ended and all it printed is here; `null` when a signal ended it. */
  readonly exited: Promise<number | null>
  kill(signal: NodeJS.Signals): void
}

export interface ExampleOptions {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const examples = new URL('../examples/', import.meta.url)

/** Starts an example with nothing of this process's environment but what finds programs. */
export function startExample(file: string, { args = [], env = {} }: ExampleOptions = {}): ExampleProcess {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, examples)), ...args], {
    env: { PATH, HOME, NODE_COMPILE_CACHE, npm_config_update_notifier: 'false', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  let ended = false
  let wake = Promise.withResolvers<void>()
  const changed = (): void => {
    wake.resolve()
    wake = Promise.withResolvers()
  }
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      lines.push(line)
      changed()
    })
  }
  const exited = once(child, 'close').then(([code]: (number | null)[]) => {
    ended = true
    changed()
    return code ?? null
  })
  return {
    get output() {
      return lines.join('\n')
    },
    async line(pattern) {
      for (let index = 0; ; index += 1) {
        while (index === lines.length) {
          if (ended) throw new Error(`No line of ${file} matches ${pattern}:\n${lines.join('\n')}`)
          await wake.promise
        }
        const match = pattern.exec(lines[index] ?? '')
        if (match !== null) return match
      }
    },
    exited,
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM') // not SIGKILL: an example ends what it started
      await exited
    },
  }
}
