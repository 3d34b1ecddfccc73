import { fork } from 'node:child_process'
import { once } from 'node:events'

/** Runs a script in a process of its own, which can collect its garbage when it likes. @returns its first message */
export async function runInChild<Message>(script: URL, args: readonly string[]): Promise<Message> {
  const child = fork(script, args, { execArgv: ['--expose-gc'] })
  const exited = once(child, 'exit')
  const [message] = (await Promise.race([
    once(child, 'message'),
    exited.then(([code]) => {
      throw new Error(`Expected a message from ${script.pathname}, got exit code ${String(code)}`)
    }),
  ])) as [Message]
  await exited
  return message
}

/** Tells the parent, and lets the process end. */
export function tellParent(message: object): void {
  process.send?.(message)
  process.disconnect()
}

/** What this process has in memory after a collection, in MB. */
export function memoryInUse(): number {
  globalThis.gc?.()
  return process.memoryUsage.rss() / 1e6
}
