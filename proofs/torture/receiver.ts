import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Order } from './plan.ts'

export interface Receiver extends AsyncDisposable {
  readonly origin: string
  /** Makes it answer without delay from now on, also what it holds back. */
  hurry(): void
  /** Ends it. The ledger is then complete. */
  finish(): Promise<void>
}

/** Starts the receiver in its own process. `await using` ends it. */
export async function startReceiver(ledger: string): Promise<Receiver> {
  const child = fork(join(import.meta.dirname, 'receiver-process.ts'), [ledger], { execArgv: [] })
  const exited = once(child, 'exit')
  const [port]: unknown[] = await Promise.race([once(child, 'message'), exited])
  if (!child.connected) throw new Error('The receiver ended before it listened')
  const order = (order: Order): void => void (child.connected && child.send(order))
  return {
    origin: `http://127.0.0.1:${String(port)}`,
    hurry: () => order('hurry'),
    async finish() {
      order('finish')
      await exited
    },
    async [Symbol.asyncDispose]() {
      child.kill()
      await exited
    },
  }
}
