import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface ReceiverProcess {
  /** The hook URL at which it listens. */
  readonly url: string
  /** Resolves when it lets a request hang. */
  readonly hanging: Promise<unknown>
  /** Ends the process. Resolves when all it printed was heard. */
  stop(): Promise<void>
}

/** Starts receiver.ts. Secrets go by the environment: arguments are there for every user of the machine to see. */
export async function startReceiver(
  env: Readonly<Record<string, string>>,
  onLine: (line: string) => void,
): Promise<ReceiverProcess> {
  const child = fork(join(import.meta.dirname, 'receiver.ts'), {
    env: { ...process.env, ...env },
    silent: true,
  })
  const exited = once(child, 'close')
  // Not even an interrupted demo leaves receivers behind; one that is killed lets go of their IPC channel, which ends them.
  process.once('exit', () => child.kill())
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface(stream).on('line', onLine)
  }
  const [url]: unknown[] = await Promise.race([once(child, 'message'), exited])
  if (typeof url !== 'string') throw new Error('A receiver ended before it listened')
  return {
    url,
    hanging: once(child, 'message'),
    async stop() {
      child.kill()
      await exited
    },
  }
}
