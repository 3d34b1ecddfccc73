import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface CountingReceiver extends AsyncDisposable {
  readonly origin: string
  /** How often each delivery has come. */
  counts(): Promise<ReadonlyMap<string, number>>
}

/** Starts the receiver in its own process. `await using` ends it. */
export async function startReceiver(): Promise<CountingReceiver> {
  const child = fork(join(import.meta.dirname, 'receiver-process.ts'), { execArgv: [] })
  const exited = once(child, 'exit')
  const [port] = (await once(child, 'message')) as [number]
  return {
    origin: `http://127.0.0.1:${port}`,
    async counts() {
      const answered = once(child, 'message')
      child.send('counts')
      const [counts] = (await answered) as [[string, number][]]
      return new Map(counts)
    },
    async [Symbol.asyncDispose]() {
      child.kill()
      await exited
    },
  }
}
